"""A wrong answer that did not run is named by how it ended; all of these are executed."""

import pytest

from envs.example import Database, Example
from envs.sql_env import SqlEnv
from eval.taxonomy import classes
from policy.scores import Score

SCHEMA = (
    "CREATE TABLE makers (id INTEGER PRIMARY KEY, name TEXT);\n"
    "CREATE TABLE cars (id INTEGER, maker_id INTEGER, model TEXT);"
)
ROWS = "INSERT INTO makers VALUES (1, 'Kia'), (2, 'BMW'); INSERT INTO cars VALUES (1, 1, 'rio'), (2, 2, 'i3');"
GOLD = "SELECT name FROM makers WHERE id = 1"
MANY = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT "
ANSWERS = {
    "I cannot answer that from this schema.": ("prose",),
    "": ("prose",),
    "import sqlite3\nprint(1)": ("other language",),
    "MATCH (m:Maker) RETURN m.name": ("other language",),
    "SELECT name FROM makers WHERE": ("truncated",),
    "SELECT name FROM makers WHERE id IN (1, ": ("truncated",),
    "SELECT name FROM makers WHERE name = 'Ki": ("truncated",),
    "SELECT TOP 1 name FROM makers": ("other dialect",),
    "SELECT name::text FROM makers": ("other dialect",),
    "SELECT name FROM makers WHERE name ILIKE 'k%'": ("other dialect",),
    "SELECT YEAR(name) FROM makers": ("other dialect",),
    "SELECT FROM makers WHERE id = 1": ("syntax error",),
    "SELECT name FROM makers WHERE id == = 1": ("syntax error",),
    "DROP TABLE makers": ("refused",),
    "SELECT 1; SELECT 2": ("refused",),
    MANY + "count(*) FROM n": ("timed out",),
    MANY + "i FROM n LIMIT 500000": ("too much",),
    "SELECT name FROM firms": ("hallucinated table",),
    "SELECT nam FROM makers": ("hallucinated column",),
    "SELECT m.nam FROM makers AS m JOIN firms ON m.id = firms.id": ("hallucinated table", "hallucinated column"),
    "SELECT model FROM makers": ("misplaced column",),
    "SELECT T1.model FROM makers AS T1 JOIN cars AS T2 ON T1.id = T2.maker_id": ("misplaced column",),
    "SELECT id FROM makers JOIN cars ON maker_id = makers.id": ("ambiguous column",),
    "SELECT name FROM makers WHERE count(*) > 1": ("misuse",),
    "SELECT makerize(name) FROM makers": ("unknown function",),
}


@pytest.fixture(scope="module")
def scored() -> tuple[Example, dict[str, Score]]:
    example = Example("1", "Which?", Database("sqlite", script=SCHEMA + ROWS), SCHEMA, "s", GOLD, "sqlite")
    with SqlEnv([example], workers=1) as env:
        rollouts = env.play_batch([("1", answer) for answer in ANSWERS])
    return example, {answer: Score.of(rollout) for answer, rollout in zip(ANSWERS, rollouts, strict=True)}


@pytest.mark.parametrize("answer", ANSWERS)
def test_how_an_answer_ended_names_it(answer, scored):
    example, scores = scored
    assert classes(scores[answer].sql, example, scores[answer], answer) == ANSWERS[answer], scores[answer]


def test_an_answer_that_was_cut_is_truncated_whatever_else_it_is(scored):
    example, scores = scored
    answer = "SELECT nam FROM makers"
    assert classes(answer, example, scores[answer], answer, truncated=True) == ("truncated",)
