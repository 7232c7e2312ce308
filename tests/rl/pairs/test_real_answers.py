"""What nine real systems wrote on Spider dev, called right and wrong by the outside data, and executed here."""

import json
import os
from pathlib import Path

import pytest

from rl.pairs.__main__ import main
from rl.pairs.pair import read

DATA = Path(os.environ.get("TEXT2SQL_DATA", ".")) / "spider_dev_open"


@pytest.mark.skipif(not (DATA / "preference_by_question.jsonl").is_file(), reason="TEXT2SQL_DATA is not set")
def test_every_claimed_pair_is_confirmed_or_counted_with_its_reason(tmp_path: Path) -> None:
    output, answers = tmp_path / "pairs.jsonl", DATA / "preference_by_question.jsonl"
    source = ["file", "--task", "spider", "--task_path", str(DATA / "questions.json"), "--split", "test"]
    main([*source, "--answers", str(answers), "--each", "all", "--gold", "also", "--output", str(output)])
    pairs, told = read(output), json.loads(output.with_suffix(".json").read_text(encoding="utf-8"))
    claims = told["made"]["claims"]
    assert claims["pairs"] == 3584 == claims["confirmed"] + sum(claims["dropped"].values())
    assert claims["confirmed"] > 2900, "most labels of the official test suite are borne out"
    assert len(pairs) > 2000 and len({pair.schema_id for pair in pairs}) == 9
    assert {"missing_column", "tables", "joins", "aggregate", "lucky"} <= {pair.error for pair in pairs}
