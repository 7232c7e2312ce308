from collections.abc import Iterator

import pytest

from envs.doubts import doubts
from envs.engines import Connection, load
from envs.example import Database, Engine
from envs.fixed import reason

SCRIPT = """
CREATE TABLE emp(id INTEGER PRIMARY KEY, name VARCHAR, dept VARCHAR, salary INTEGER);
INSERT INTO emp VALUES (1, 'Ann', 'eng', 100), (2, 'Bob', 'eng', 100), (3, 'Cid', 'ops', NULL), (4, 'Dee', 'ops', 80);
"""
Opened = tuple[Engine, Connection]


@pytest.fixture(params=["sqlite", "duckdb"])
def opened(request: pytest.FixtureRequest) -> Iterator[Opened]:
    engine: Engine = request.param
    connection = load(engine).open_database(Database(engine, script=SCRIPT))
    yield engine, connection
    connection.close()


def why(sql: str, opened: Opened) -> str:
    engine, connection = opened
    gold = connection.execute(sql, 5.0, 100)
    assert gold.status == "ok", gold.message
    return reason(sql, engine, engine, gold, lambda probe: connection.execute(probe, 5.0, 10_000))


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT name FROM emp WHERE salary > 0 ORDER BY salary DESC LIMIT 1", 2),
        ("SELECT name FROM emp ORDER BY salary DESC LIMIT 3 OFFSET 1", 2),
        ("SELECT dept FROM emp GROUP BY dept ORDER BY count(*) LIMIT 1", 2),
        ("WITH e AS (SELECT * FROM emp) SELECT name, dept FROM e ORDER BY dept, 2 LIMIT 3", 2),
    ],
)
def test_a_limit_that_cuts_through_a_tie_fixes_nothing(sql: str, rows: int, opened: Opened) -> None:
    assert f"cuts through {rows} rows that tie" in why(sql, opened)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT name FROM emp ORDER BY salary DESC, name LIMIT 1",
        "SELECT name FROM emp ORDER BY salary DESC LIMIT 2",
        "SELECT salary FROM emp ORDER BY salary DESC LIMIT 1",
        "SELECT name FROM emp ORDER BY salary LIMIT 10",
        "SELECT dept FROM emp GROUP BY dept ORDER BY sum(salary) DESC LIMIT 1",
        "SELECT name FROM emp WHERE id IN (SELECT id FROM emp ORDER BY dept LIMIT 1)",
        "SELECT DISTINCT dept FROM emp ORDER BY dept LIMIT 1",
        "SELECT count(*) FROM emp LIMIT 1",
        "SELECT name FROM emp",
    ],
)
def test_a_limit_that_fixes_what_it_shows_is_no_doubt(sql: str, opened: Opened) -> None:
    assert why(sql, opened) == ""


def test_a_limit_without_an_order_fixes_nothing_where_rows_differ(opened: Opened) -> None:
    assert why("SELECT name FROM emp LIMIT 2", opened) == "LIMIT 2 without ORDER BY picks among 4 rows"
    assert why("SELECT 1 FROM emp LIMIT 2", opened) == ""


def test_engines_disagree_where_null_sorts(opened: Opened) -> None:
    assert "where NULL sorts" in why("SELECT name FROM emp ORDER BY salary LIMIT 1", opened)
    assert "where NULL sorts" in why("SELECT name FROM emp ORDER BY dept DESC, salary LIMIT 1", opened)
    assert why("SELECT name FROM emp ORDER BY salary NULLS LAST LIMIT 1", opened) == ""
    assert why("SELECT name FROM emp ORDER BY salary NULLS FIRST LIMIT 1", opened) == ""
    assert why("SELECT name FROM emp ORDER BY salary DESC LIMIT 3", opened) == ""


def test_a_key_hidden_behind_distinct_is_not_mistaken_for_the_only_column() -> None:
    connection = load("sqlite").open_database(Database("sqlite", script=SCRIPT))
    assert why("SELECT DISTINCT salary FROM emp ORDER BY name LIMIT 1", ("sqlite", connection)) == ""
    connection.close()


def test_a_probe_that_does_not_show_the_golds_own_rows_says_nothing(opened: Opened) -> None:
    engine, connection = opened
    sql = "SELECT name FROM emp WHERE salary = 100 ORDER BY salary LIMIT 1"
    gold = connection.execute(sql, 5.0, 100)
    assert "tie" in reason(sql, engine, engine, gold, lambda probe: connection.execute(probe, 5.0, 100))
    other = "SELECT 'Eve', 100 UNION ALL SELECT 'Flo', 100"
    assert reason(sql, engine, engine, gold, lambda _: connection.execute(other, 5.0, 100)) == ""


def test_dice_and_samples_rule_a_gold_out(opened: Opened) -> None:
    assert "dice" in why("SELECT name FROM emp ORDER BY random() LIMIT 1", opened)
    assert "sample" in doubts("SELECT name FROM emp USING SAMPLE 2", "duckdb", "duckdb").ungradable
    assert doubts("SELECT name FROM emp WHERE name <> 'random()'", opened[0], opened[0]).ungradable == ""


@pytest.mark.parametrize(
    ("sql", "engine"),
    [
        ("SELECT CURRENT_TIMESTAMP", "sqlite"),
        ("SELECT date('now', '-1 day')", "sqlite"),
        ("SELECT strftime('%Y', 'now')", "sqlite"),
        ("SELECT julianday()", "sqlite"),
        ("SELECT now()", "duckdb"),
        ("SELECT today()", "duckdb"),
        ("SELECT current_date - INTERVAL 1 DAY", "duckdb"),
    ],
)
def test_the_clock_is_a_note_and_no_reason(sql: str, engine: Engine) -> None:
    found = doubts(sql, engine, engine)
    assert not found.ungradable and any("clock" in note for note in found.notes)


def test_the_free_order_of_a_string_aggregate_is_a_note() -> None:
    assert doubts("SELECT group_concat(name) FROM emp", "sqlite", "sqlite").notes
    assert not doubts("SELECT string_agg(name, ',' ORDER BY name) FROM emp", "duckdb", "duckdb").notes
    assert not doubts("SELECT name FROM emp WHERE name = 'now'", "sqlite", "sqlite").notes
    assert not doubts("SELECT date('2020-01-01'), datetime(hired) FROM emp", "sqlite", "sqlite").notes
