"""Which names of the schema an answer finds, and which it invents."""

import pytest

from eval.metrics.column_precision import column_precision
from eval.metrics.column_recall import column_recall
from eval.metrics.hallucinated_columns import hallucinated_columns
from eval.metrics.hallucinated_tables import hallucinated_tables
from eval.metrics.table_precision import table_precision
from eval.metrics.table_recall import table_recall

LINKED = (table_precision, table_recall, column_precision, column_recall)


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        # the gold reads makers and cars; name, id of makers and maker_id, power of cars
        ("SELECT name FROM makers WHERE land = 'x'", (1, 1 / 2, 1 / 2, 1 / 4)),
        ("SELECT model FROM cars WHERE power > 1", (1, 1 / 2, 1 / 2, 1 / 4)),
        ("SELECT * FROM makers", (1, 1 / 2, 2 / 3, 2 / 4)),
        ("SELECT name FROM makers WHERE id IN (SELECT T1.maker_id FROM cars AS T1 WHERE T1.power > 100)", (1, 1, 1, 1)),
        (
            "WITH c AS (SELECT maker_id AS m, power FROM cars) SELECT name FROM makers, c WHERE id = m AND power > 1",
            (1, 1, 1, 1),
        ),
        ("SELECT T.name FROM makers AS T WHERE EXISTS (SELECT 1 FROM cars AS T WHERE T.power > 1)", (1, 1, 1, 2 / 4)),
        ("SELECT name FROM firms", (0, 0, 0, 0)),
        ("SELECT nam FROM makers", (1, 1 / 2, 0, 0)),
        ("SELECT 1", (0, 0, 0, 0)),
        ("SELECT FROM", (0, 0, 0, 0)),
    ],
)
def test_precision_and_recall_by_hand(sql, told, asked):
    assert tuple(metric(sql, asked()) for metric in LINKED) == told


def test_several_golds_are_not_mixed(asked):
    example = asked("SELECT name, land FROM makers", "SELECT model FROM cars")
    assert [metric("SELECT model, id FROM cars", example) for metric in LINKED] == [1, 1, 1 / 2, 1]


def test_a_schema_that_shows_no_table_is_no_ruler(asked):
    example = asked(schema="")
    assert [metric("SELECT name FROM makers", example) for metric in (*LINKED, hallucinated_tables)] == [None] * 5


@pytest.mark.parametrize(
    ("sql", "tables", "columns"),
    [
        ("SELECT nam FROM makers", 0, 1),
        ("SELECT m.nam, m.nam, lad FROM makers AS m ORDER BY lad", 0, 2),
        ("SELECT model FROM makers", 0, 0),
        ("SELECT x.name FROM makers", 0, 0),
        ("SELECT firm_name FROM firms JOIN makers ON firms.id = makers.id", 1, 0),
        ("SELECT makers.firm FROM firms JOIN makers ON firms.id = makers.id", 1, 1),
        ("WITH c AS (SELECT name AS n FROM makers) SELECT n FROM c", 0, 0),
        ("WITH c AS (SELECT name AS n FROM makers) SELECT c.k FROM c", 0, 1),
        ("SELECT power FROM fast", 0, 0),
        ("SELECT rowid FROM makers", 0, 0),
        ("SELECT count(*) AS n FROM cars GROUP BY maker_id HAVING n > 1 ORDER BY n + 1", 0, 0),
        ('SELECT name FROM makers WHERE land = "Japan"', 0, 0),
        ("SELECT name FROM makers WHERE land = Japan", 0, 1),
        ("SELECT name FROM makers WHERE EXISTS (SELECT 1 FROM cars WHERE maker_id = makers.id AND land = 'x')", 0, 0),
    ],
)
def test_names_that_the_schema_has_not_are_counted(sql, tables, columns, asked):
    assert (hallucinated_tables(sql, asked()), hallucinated_columns(sql, asked())) == (tables, columns)


def test_double_quotes_are_strings_to_sqlite_alone(asked):
    sql = 'SELECT name FROM makers WHERE land = "Japan"'
    assert hallucinated_columns(sql, asked(dialect="duckdb")) == 1
