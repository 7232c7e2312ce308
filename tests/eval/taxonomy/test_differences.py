"""A wrong answer that ran is named by what differs from its gold, the most telling first."""

import pytest

from envs.example import Database, Example
from eval.taxonomy import CLASSES, classes
from policy.scores import Score

SCHEMA = (
    "CREATE TABLE makers (id INTEGER PRIMARY KEY, name TEXT, land TEXT);\n"
    "CREATE TABLE cars (id INTEGER PRIMARY KEY, maker_id INTEGER REFERENCES makers(id), model TEXT, power REAL);\n"
    "CREATE TABLE lands (land TEXT PRIMARY KEY, people INTEGER);"
)
GOLD = (
    "SELECT T1.name, count(*) FROM makers AS T1 JOIN cars AS T2 ON T1.id = T2.maker_id WHERE T2.power > 100 "
    "GROUP BY T1.id HAVING count(*) > 2 ORDER BY count(*) DESC LIMIT 3"
)


def named(
    sql: str, gold: str, *others: str, correct: bool | None = False, twins: bool | None = None
) -> tuple[str, ...]:
    example = Example("1", "Which?", Database("sqlite", script=SCHEMA), SCHEMA, "s", gold, "sqlite", other_golds=others)
    ran = {"status": "ok", "gate": "", "message": "", "columns": 1, "rows": 1, "result": "", "reason": ""}
    flags = {"proven": correct, "vacuous": False, "constant": False, "overlap": 0.0, "ungradable": "", "rewards": {}}
    return classes(sql, example, Score(sql=sql, correct=correct, twins=twins, **ran, **flags))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("JOIN cars AS T2 ON T1.id = T2.maker_id WHERE T2.power > 100", "", ("missing table", "filter")),
        ("WHERE", "JOIN lands AS T3 ON T1.land = T3.land WHERE", ("extra table",)),
        ("T1.id = T2.maker_id", "T1.id = T2.id", ("join",)),
        ("JOIN", "LEFT JOIN", ("join",)),
        ("count(*) FROM", "sum(T2.power) FROM", ("aggregate",)),
        ("T1.name, count(*) FROM", "T1.name FROM", ("missing column",)),
        ("T1.name, count(*) FROM", "T1.name, T1.land, count(*) FROM", ("extra column",)),
        ("T1.name", "T1.land", ("wrong column",)),
        ("T1.name, count(*) FROM", "count(*), T1.name FROM", ("column order",)),
        ("T2.power > 100", "T2.power >= 100", ("filter",)),
        (" WHERE T2.power > 100", "", ("filter",)),
        ("100", "200", ("value",)),
        ("GROUP BY T1.id", "GROUP BY T1.land", ("grouping",)),
        ("HAVING count(*) > 2", "HAVING count(*) >= 2", ("having",)),
        ("HAVING count(*) > 2", "HAVING count(*) > 3", ("having",)),
        ("DESC", "ASC", ("order",)),
        ("LIMIT 3", "LIMIT 1", ("limit",)),
        ("SELECT", "SELECT DISTINCT", ("distinct",)),
        ("T1.name", "T1.land", ("wrong column",)),
    ],
)
def test_one_difference_has_one_name(before, after, told):
    assert before in GOLD
    assert named(GOLD.replace(before, after, 1), GOLD) == told


@pytest.mark.parametrize(
    ("gold", "sql", "told"),
    [
        ("SELECT land FROM makers", "SELECT land FROM lands", ("wrong table",)),
        (
            "SELECT model FROM cars ORDER BY power DESC LIMIT 1",
            "SELECT model FROM cars WHERE power = (SELECT max(power) FROM cars)",
            ("ties",),
        ),
        (
            "SELECT id FROM cars WHERE power > (SELECT avg(power) FROM cars)",
            "SELECT id FROM cars WHERE power > (SELECT max(power) FROM cars)",
            ("aggregate",),
        ),
        (
            "SELECT land FROM makers UNION SELECT land FROM lands",
            "SELECT land FROM makers INTERSECT SELECT land FROM lands",
            ("set operation",),
        ),
        (
            "SELECT land FROM makers INTERSECT SELECT land FROM lands",
            "SELECT land FROM makers INTERSECT SELECT people FROM lands",
            ("wrong column",),
        ),
        (
            "SELECT name FROM makers JOIN cars ON makers.id = maker_id",
            "SELECT name FROM makers WHERE id IN (SELECT maker_id FROM cars)",
            ("nesting",),
        ),
        (
            "SELECT id FROM makers EXCEPT SELECT maker_id FROM cars",
            "SELECT id FROM makers WHERE id NOT IN (SELECT maker_id FROM cars)",
            ("distinct",),
        ),
        (
            "SELECT land FROM makers WHERE id = 1 INTERSECT SELECT land FROM makers WHERE name = 'x'",
            "SELECT DISTINCT land FROM makers WHERE id = 1 AND name = 'x'",
            ("set operation",),
        ),
        (
            "SELECT T1.name FROM makers AS T1 JOIN makers AS T2 ON T1.land = T2.land WHERE T2.id = 1",
            "SELECT name FROM makers WHERE id = 1",
            ("join",),
        ),
        ("SELECT name FROM makers", "SELECT * FROM makers", ("extra column",)),
        ("SELECT name FROM makers WHERE id = 1", "SELECT land FROM makers WHERE id > 1", ("wrong column", "filter")),
        (
            "SELECT maker_id FROM cars JOIN makers ON maker_id = makers.id WHERE land = 'x'",
            "SELECT makers.id FROM cars JOIN makers ON maker_id = makers.id WHERE land = 'y'",
            ("value",),
        ),
    ],
)
def test_ways_of_writing_are_told_from_errors(gold, sql, told):
    assert named(sql, gold) == told


@pytest.mark.parametrize(
    "same",
    [
        GOLD.lower(),
        GOLD.replace("T1", "m").replace("T2", "c"),
        GOLD.replace("GROUP BY T1.id", "GROUP BY T2.maker_id"),
        GOLD.replace("count(*) >", "count(T2.id) >"),
        GOLD.replace("T2.power > 100", "power > '100'"),
    ],
)
def test_where_nothing_differs_that_has_a_name_it_is_other(same):
    assert named(same, GOLD) == ("other",)


def test_an_order_that_the_gold_leaves_open_is_no_error():
    assert named("SELECT name, land FROM makers ORDER BY id", "SELECT name FROM makers") == ("extra column",)


def test_a_right_or_an_unscored_answer_is_not_wrong_and_a_refuted_one_is():
    sql = GOLD.replace("DESC", "ASC")
    assert named(sql, GOLD, correct=True) == named(sql, GOLD, correct=None) == ()
    assert named(sql, GOLD, correct=True, twins=False) == ("order",)


def test_of_several_golds_the_nearest_counts():
    assert named("SELECT name FROM makers", "SELECT count(*) FROM cars WHERE id = 1", "SELECT land FROM makers") == (
        "wrong column",
    )


def test_classes_are_told_in_their_order():
    told = named("SELECT DISTINCT land FROM makers WHERE id > 2 LIMIT 1", "SELECT name FROM makers")
    assert told == tuple(sorted(told, key=CLASSES.index)) and len(told) == 4


@pytest.mark.parametrize("sql", ["SELECT " + "NOT " * 4_000 + "id FROM makers", "\0", "SELECT '", "(" * 300])
def test_hostile_text_is_other(sql):
    assert named(sql, GOLD) == named(GOLD, sql) == ("other",)
