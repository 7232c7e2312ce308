"""What a run makes of files of pairs: refused where they are of another kind, split by whole databases."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from envs.verdict import CONTRACT
from policy.config_error import ConfigError
from rl.pairs.pair import Pair, Verified, write
from rl.preferences import read_all, split_by_database


@pytest.fixture
def pair() -> Callable[[int, str], Pair]:
    def made(number: int, database: str) -> Pair:
        right, wrong = f"SELECT a FROM t LIMIT {number}", f"SELECT b FROM t LIMIT {number}"
        verified = Verified(CONTRACT, "strict", False, True, True)
        texts = {"question": "Which?", "evidence": "", "schema": "t(a, b)", "gold_sql": right, "error": "projection"}
        sides = {"chosen": right, "chosen_sql": right, "rejected": wrong, "rejected_sql": wrong}
        where = {"task": "worlds", "split": "train", "schema_id": database, "engine": "sqlite", "dialect": "sqlite"}
        by = {"source": "policy", "chosen_source": "policy", "kind": "", "prompt": "strict"}
        return Pair(example=str(number), verified=verified, **texts, **sides, **where, **by)

    return made


def test_pairs_of_another_prompt_or_comparison_are_refused_with_their_line(pair, tmp_path: Path) -> None:
    file, good = tmp_path / "pairs.jsonl", pair(1, "zoo")
    write(file, [good, pair(2, "zoo")])
    assert [one.example for one in read_all([str(file), str(file)], "strict", "strict")] == ["1", "2"], "each once"
    with pytest.raises(ConfigError, match=r"line 1 was answered to the prompt 'strict'.*Write prompt: strict"):
        read_all([str(file)], "loose", "strict")
    write(file, [good, replace(pair(2, "zoo"), verified=replace(good.verified, comparison="bird"))])
    file.write_text("\n" + file.read_text().replace("\n", "\n\n"))
    with pytest.raises(ConfigError, match=r"line 4 was verified by the comparison bird.*Write comparison: bird"):
        read_all([str(file)], "strict", "strict")


def test_no_database_stands_on_both_sides(pair) -> None:
    pairs = [pair(n, f"db{n % 7}") for n in range(70)]
    train, validation = split_by_database(pairs, 0.2, seed=3)
    assert len(train) + len(validation) == 70 and len(validation) == 20, "two databases of ten pairs"
    assert not {one.schema_id for one in train} & {one.schema_id for one in validation}
    assert split_by_database(pairs, 0.2, seed=3) == (train, validation) != split_by_database(pairs, 0.2, seed=4)
    with pytest.raises(ConfigError, match="one database"):
        split_by_database([pair(1, "zoo"), pair(2, "zoo")], 0.2, seed=3)
