"""A plan says what a query is made of, and never hides the query from what looks for it."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from envs.completion import find_sql
from envs.example import Database, Example
from envs.prompt import answer, messages
from envs.short_plan import short_plan
from envs.tasks import load

EXAMPLE = Example("1", "q", Database("sqlite", script=""), "", "d", "", "sqlite")


def said(gold: str) -> str:
    return answer(replace(EXAMPLE, gold_sql=gold), "steps")[0]["content"]


def test_tables_go_by_their_names_and_every_part_has_its_line():
    sql = (
        "SELECT T1.name, count(*) FROM singer AS T1 JOIN concert AS T2 ON T1.id = T2.singer_id WHERE T2.year > 2014 "
        "AND (T1.age > (SELECT avg(age) FROM judge) OR T1.name LIKE '%a%') GROUP BY T1.name HAVING count(*) > 2 "
        "ORDER BY count(*) DESC LIMIT 3"
    )
    assert short_plan(sql, "sqlite").split("\n") == [
        "Tables: singer, concert, judge",
        "Columns: singer.name, singer.id, concert.singer_id, concert.year, singer.age, judge.age",
        "Joins: singer.id = concert.singer_id",
        "Conditions: concert.year > 2014; singer.age > (a query) OR singer.name LIKE '%a%'",
        "Groups: singer.name; only where COUNT(*) > 2",
        "Order: COUNT(*) DESC; the first 3",
    ]


def test_a_table_that_stands_twice_goes_by_its_aliases_and_a_cte_is_no_table():
    plan = short_plan("SELECT x.a FROM t AS x JOIN t AS y ON x.a = y.b", "sqlite")
    assert plan == "Tables: t\nColumns: x.a, y.b\nJoins: x.a = y.b"
    assert short_plan("WITH w AS (SELECT a FROM t) SELECT a FROM w", "sqlite").startswith("Tables: t\n")
    assert short_plan("SELECT a FROM t EXCEPT SELECT a FROM u", "sqlite").endswith("Combined: EXCEPT")


@pytest.mark.parametrize("sql", ["INSERT INTO t VALUES (1)", "no query at all", "SELECT 'open", ""])
def test_what_is_no_query_has_no_plan(sql):
    assert short_plan(sql, "sqlite") == ""


@pytest.mark.parametrize(
    "gold",
    [
        "SELECT a FROM t WHERE b = '```sql SELECT 1```'",
        "SELECT a FROM t WHERE b = 'it''s ``` so'",
        "SELECT a FROM t WHERE b = '</think>' AND c = '<sql>'",
        "SELECT a FROM t WHERE b = 'SELECT 1; DROP TABLE t' -- ```",
        "SELECT a FROM t WHERE b = 'one\n```\ntwo'",
        'SELECT "<answer>" FROM t WHERE "```" = 1',
        "SELECT a FROM t WHERE b = '<think>'",
        "WITH w AS (SELECT 1 AS a) SELECT a FROM w",
    ],
)
def test_the_query_is_found_behind_a_plan_that_holds_pieces_of_sql_and_of_fences(gold):
    fence_alone = f"```sql\n{gold}\n```"
    assert find_sql(said(gold)) == find_sql(fence_alone)


def test_a_policy_s_own_plan_may_hold_whole_queries():
    plan = "Tables: t\nConditions: a IN (SELECT b FROM u)\nSELECT 1 would be wrong, so would `SELECT 2`.\n"
    assert find_sql(f"{plan}```sql\nSELECT a FROM t\n```") == "SELECT a FROM t"
    assert find_sql(f"{plan}```sql\nSELECT 3\n```\nNo, rather\n```sql\nSELECT a FROM t\n```") == "SELECT a FROM t"


def test_most_of_what_is_taught_has_a_plan_and_all_of_it_its_gold():
    for one in load("worlds", "train")[::20]:
        content = answer(one, "steps")[0]["content"]
        assert content.startswith("Tables: ") and find_sql(content) == find_sql(one.gold_sql)
        assert "Columns" not in messages(one, "steps")[1]["content"]


@pytest.mark.skipif("TEXT2SQL_DATA" not in os.environ, reason="TEXT2SQL_DATA names no folder with spider_train/ in it")
def test_golds_of_spider_are_found_behind_their_plans():
    file = Path(os.environ["TEXT2SQL_DATA"]) / "spider_train" / "train_spider.json"
    examples = load("spider", "train", str(file))[::15]
    contents = [answer(one, "steps")[0]["content"] for one in examples]
    assert all(find_sql(text) == find_sql(one.gold_sql) for text, one in zip(contents, examples, strict=True))
    assert sum(text.startswith("Tables: ") for text in contents) > 0.98 * len(contents)
