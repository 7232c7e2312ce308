"""Pairs that are what they say: golds of worlds over the same golds without their last word, executed."""

from pathlib import Path

import pytest

from envs import tasks
from envs.prompt import answer
from envs.sql_env import SqlEnv
from envs.verdict import CONTRACT
from rl.pairs.pair import Pair, Verified, write


@pytest.fixture(scope="session")
def pairs() -> list[Pair]:
    examples = tasks.load("worlds", "train")[::50][:60]
    found: list[Pair] = []
    with SqlEnv(examples) as env:
        for example in examples:
            chosen = answer(example)[0]["content"]
            rejected = " ".join(chosen.split()[:-1])
            right, wrong = env.play_batch([(example.id, chosen), (example.id, rejected)])
            if not right.verdict.proven or wrong.verdict.correct is not False:
                continue
            found.append(
                Pair(
                    example=example.id,
                    task="worlds",
                    split="train",
                    question=example.question,
                    evidence=example.evidence,
                    schema=example.schema,
                    schema_id=example.schema_id,
                    engine=example.database.engine,
                    dialect=example.dialect,
                    gold_sql=example.gold_sql,
                    prompt="strict",
                    chosen=chosen,
                    rejected=rejected,
                    chosen_sql=right.sql,
                    rejected_sql=wrong.sql,
                    source="file",
                    chosen_source="gold",
                    error=wrong.execution.status.value,
                    kind="",
                    verified=Verified(CONTRACT, "strict", twins=False, chosen=True, rejected=True),
                )
            )
    assert len({pair.schema_id for pair in found}) > 10
    return found


@pytest.fixture(scope="session")
def pair_file(pairs: list[Pair], tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("pairs") / "pairs.jsonl"
    write(file, pairs)
    return file
