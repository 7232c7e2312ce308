"""Exact match, equivalence and similarity of trees."""

import json
import os
from pathlib import Path

import pytest

from envs.tasks import spider
from eval.metrics.ast_equivalent import ast_equivalent
from eval.metrics.ast_similarity import ast_similarity
from eval.metrics.exact_match import exact_match

GOLD = "SELECT T1.name FROM makers AS T1 JOIN cars AS T2 ON T1.id = T2.maker_id WHERE T2.power > 100"

STYLED = [
    GOLD.lower() + " ;",
    GOLD.replace("T1", "m").replace("T2", "c").replace(" AS ", " "),
    GOLD.replace("T1.name", "T1.name AS maker"),
    GOLD.replace("T1.name", 'T1."name"').replace(" FROM", "\n  FROM") + " -- done",
    GOLD.replace("T1.", "makers.").replace("T2.", "cars.").replace(" AS T1", "").replace(" AS T2", ""),
]
SAID_OTHERWISE = [
    GOLD.replace("T1.name", "name").replace("T2.power", "power"),
    GOLD.replace("T1.id = T2.maker_id", "T2.maker_id = T1.id"),
    GOLD.replace("T2.power > 100", "100 < T2.power"),
    "SELECT name FROM cars, makers WHERE makers.id = maker_id AND power > 100",
    "SELECT name FROM cars JOIN makers ON makers.id = maker_id AND power > 100 WHERE power > 100",
]
OTHER = [
    GOLD.replace(">", ">="),
    GOLD.replace("100", "101"),
    GOLD.replace("JOIN", "LEFT JOIN"),
    GOLD.replace("SELECT", "SELECT DISTINCT"),
    GOLD.replace("T1.name", "T1.land"),
    GOLD + " LIMIT 1",
]


@pytest.mark.parametrize("sql", STYLED)
def test_style_and_aliases_do_not_matter_to_any_of_them(sql, asked):
    assert [metric(sql, asked(GOLD)) for metric in (exact_match, ast_equivalent, ast_similarity)] == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("sql", SAID_OTHERWISE)
def test_what_sql_leaves_open_is_no_match_of_text_and_one_of_trees(sql, asked):
    assert [metric(sql, asked(GOLD)) for metric in (exact_match, ast_equivalent, ast_similarity)] == [0.0, 1.0, 1.0]


@pytest.mark.parametrize("sql", OTHER)
def test_another_query_is_another_to_all_of_them(sql, asked):
    assert exact_match(sql, asked(GOLD)) == ast_equivalent(sql, asked(GOLD)) == 0.0
    assert 0.5 < ast_similarity(sql, asked(GOLD)) < 1.0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT * FROM makers", "SELECT id, name, land FROM makers"),
        ("SELECT count(1) FROM cars", "SELECT COUNT(*) FROM cars"),
        ("SELECT id FROM cars WHERE power BETWEEN 1 AND 2", "SELECT id FROM cars WHERE power <= 2 AND power >= 1"),
        ("SELECT id FROM cars WHERE id IN (2, 1)", "SELECT id FROM cars WHERE id IN (1, 2, 1)"),
        ("SELECT id FROM cars WHERE NOT power = 1", "SELECT id FROM cars WHERE power <> 1"),
        ("SELECT id FROM cars UNION SELECT id FROM makers", "SELECT id FROM makers UNION SELECT id FROM cars"),
        (
            "SELECT land, count(*) AS n FROM makers GROUP BY 1 ORDER BY n",
            "SELECT land, count(*) FROM makers GROUP BY land ORDER BY count(*) ASC",
        ),
        ("SELECT n FROM (SELECT name AS n FROM makers) AS a", "SELECT m FROM (SELECT name AS m FROM makers) AS b"),
        ("WITH a AS (SELECT id AS x FROM cars) SELECT x FROM a", "WITH b AS (SELECT id FROM cars) SELECT id FROM b"),
        (
            "SELECT name FROM makers WHERE id IN (SELECT maker_id FROM cars AS T1)",
            "SELECT T1.name FROM makers AS T1 WHERE T1.id IN (SELECT T1.maker_id FROM cars AS T1)",
        ),
    ],
)
def test_these_pairs_say_the_same(one, other, asked):
    assert ast_equivalent(one, asked(other)) == ast_equivalent(other, asked(one)) == 1.0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT id FROM cars EXCEPT SELECT id FROM makers", "SELECT id FROM makers EXCEPT SELECT id FROM cars"),
        ("SELECT power - id FROM cars", "SELECT id - power FROM cars"),
        ("SELECT id FROM cars WHERE power > id", "SELECT id FROM cars WHERE id > power"),
        ("SELECT id, model FROM cars", "SELECT model, id FROM cars"),
        ("SELECT count(model) FROM cars", "SELECT count(*) FROM cars"),
        (
            "SELECT a.name FROM makers AS a, makers AS b WHERE a.id < b.id",
            "SELECT b.name FROM makers AS a, makers AS b WHERE a.id < b.id",
        ),
        ('SELECT id FROM makers WHERE name = "Kia"', "SELECT id FROM makers WHERE name = 'kia'"),
        (
            "SELECT id FROM cars WHERE (id = 1 OR id = 2) AND power = 3",
            "SELECT id FROM cars WHERE id = 1 OR (id = 2 AND power = 3)",
        ),
        (
            "SELECT makers.id FROM makers LEFT JOIN cars ON makers.id = maker_id AND power = 3",
            "SELECT makers.id FROM makers LEFT JOIN cars ON makers.id = maker_id WHERE power = 3",
        ),
    ],
)
def test_these_pairs_do_not(one, other, asked):
    assert ast_equivalent(one, asked(other)) == exact_match(one, asked(other)) == 0.0


def test_similarity_is_twice_what_is_kept_by_all_nodes(asked):
    # Select, Column, From, Table and its alias on either side; all but the column are kept
    assert ast_similarity("SELECT land FROM makers", asked("SELECT id FROM makers")) == 8 / 10


@pytest.mark.parametrize("sql", OTHER + SAID_OTHERWISE)
def test_similarity_is_the_same_both_ways(sql, asked):
    assert ast_similarity(sql, asked(GOLD)) == ast_similarity(GOLD, asked(sql))


@pytest.mark.skipif("TEXT2SQL_DATA" not in os.environ, reason="TEXT2SQL_DATA names no folder of data")
def test_of_real_predictions_none_that_is_equivalent_fails_the_test_suite():
    root = Path(os.environ["TEXT2SQL_DATA"]) / "spider_dev_open"
    examples = spider.load("test", str(root / "questions.json"))
    by = dict(zip((one["dev_idx"] for one in json.loads((root / "questions.json").read_text())), examples, strict=True))
    rows = [json.loads(line) for line in (root / "predictions_labeled.jsonl").read_text().splitlines()][::9]
    same = [row for row in rows if ast_equivalent(row["pred"], by[row["dev_idx"]])]
    assert len(same) > 200 and all(row["ts"] for row in same)
    assert all(row in same for row in rows if exact_match(row["pred"], by[row["dev_idx"]]))
