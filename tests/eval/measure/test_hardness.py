"""Spider's hardness of a gold, beside the official labels."""

import json
import os
from pathlib import Path

import pytest

from eval.measure.hardness import hardness

NAMES = {"extra": "extra hard"}


@pytest.mark.skipif("TEXT2SQL_DATA" not in os.environ, reason="TEXT2SQL_DATA names no folder with spider_dev_open/")
def test_it_is_the_official_label_of_every_gold_that_has_one():
    path = Path(os.environ["TEXT2SQL_DATA"]) / "spider_dev_open/small_rl_model_exactmatch_failures_labeled.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    labels = {row["gold"]: NAMES.get(row["hardness"], row["hardness"]) for row in rows}
    assert len(labels) > 100 and {gold: hardness(gold, "sqlite") for gold in labels} == labels


@pytest.mark.parametrize(
    ("sql", "level"),
    [
        ("SELECT a FROM t WHERE b = 1", "easy"),
        ("SELECT a, b FROM t WHERE b = 1 AND c = 2", "medium"),
        ("SELECT a FROM t JOIN u ON t.i = u.i WHERE b = 1 GROUP BY c", "hard"),
        ("SELECT a FROM t WHERE b IN (SELECT b FROM u)", "hard"),
        ("SELECT a FROM t WHERE b IN (SELECT b FROM u UNION SELECT c FROM u)", "hard"),
        ("SELECT a FROM (SELECT a, b FROM t JOIN u ON t.i = u.i WHERE c)", "easy"),
        ("WITH w AS (SELECT a FROM t) SELECT a, b FROM w JOIN u ON w.a = u.a WHERE b = 1", "extra hard"),
        ("DELETE FROM t", "no query"),
        ("SELECT FROM WHERE", "no query"),
    ],
)
def test_each_level_has_its_query(sql, level):
    assert hardness(sql, "sqlite") == level
