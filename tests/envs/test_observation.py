"""What a policy reads after its query is what anybody would see who ran it: short, harmless, no word of the gold."""

from dataclasses import replace

import pytest

from envs.example import Database, Example
from envs.execution import Execution, Status
from envs.observation import CELL, COLUMNS, NO_QUERY, ROWS, observe
from envs.sql_env import SqlEnv

SCRIPT = (
    "CREATE TABLE boats (id INTEGER, name TEXT, price DOUBLE);"
    "INSERT INTO boats VALUES (1, 'Ada', 2.5), (2, NULL, 3), (3, 'two\nlines', 4);"
)
GOLD = "SELECT COUNT(*) FROM boats WHERE name IS NOT NULL"


def example(engine, gold=GOLD):
    name = f"{engine} {gold[:6]}"
    return Example(name, "?", Database(engine, script=SCRIPT), "boats(id, name, price)", "b", gold, engine)


@pytest.fixture(scope="module")
def env():
    insert = "INSERT INTO boats VALUES (4, 'Eve', 5)"
    with SqlEnv([example("sqlite"), example("duckdb"), example("sqlite", insert)], workers=1) as found:
        yield found


def told(env, sql, engine="sqlite", most=2_000, gold="SELECT"):
    return observe(env.play(f"{engine} {gold}", sql).execution, engine, most)


@pytest.mark.parametrize("engine", ["sqlite", "duckdb"])
def test_a_result_is_a_small_table_of_values(env, engine):
    assert told(env, "SELECT name, price FROM boats ORDER BY id", engine) == (
        "3 rows:\nAda | 2.5\nNULL | 3\ntwo lines | 4"
    )
    assert told(env, "SELECT 1 FROM boats WHERE id > 9", engine) == "no rows"


@pytest.mark.parametrize("engine", ["sqlite", "duckdb"])
def test_only_the_first_rows_columns_and_characters_are_shown(env, engine):
    many = "SELECT a.id FROM boats a, boats b ORDER BY 1"
    lines = told(env, many, engine).split("\n")
    assert lines[0] == f"9 rows, the first {ROWS}:" and len(lines) == 1 + ROWS
    wide = told(env, f"SELECT {', '.join(f'{i} AS c{i}' for i in range(COLUMNS + 5))}", engine).split("\n")[1]
    assert wide.split(" | ") == [*map(str, range(COLUMNS)), "..."]
    long = told(env, f"SELECT '{'x' * 300}' AS c", engine).split("\n")[1]
    assert len(long) == CELL and long.endswith("x...")


def test_an_error_is_told_as_the_database_says_it(env):
    assert told(env, "SELECT nmae FROM boats") == "Error: no such column: nmae"
    assert told(env, "SELECT * FROM ships") == "Error: no such table: ships"
    assert "ships does not exist" in told(env, "SELECT * FROM ships", "duckdb")
    assert told(env, "SELECT FROM WHERE").startswith("Error: ")
    assert told(env, "") == NO_QUERY


@pytest.mark.parametrize("most", [1, 3, 10, 25, 40, 80])
def test_nothing_is_ever_longer_than_it_may_be(env, most):
    for sql in ("SELECT * FROM boats", "SELECT no_such_column_at_all FROM boats", "SELECT 'abcdefghijklmnopqrst'"):
        assert len(told(env, sql, most=most)) <= most
    assert told(env, "SELECT id, 'a long text' FROM boats", most=38) == "3 rows, the first 1:\n1 | a long text"


def test_neither_the_gold_nor_whether_this_was_right_is_told(env):
    """A right answer and a wrong one that returns the same are told alike; what the gate says of the gold is not."""
    assert told(env, GOLD) == told(env, "SELECT 2 FROM boats LIMIT 1") == "1 row:\n2"
    assert told(env, "DELETE FROM boats") is None, "it would say that the gold only reads"
    assert told(env, "SELECT * FROM boats", gold="INSERT") is None, "it would say that the gold writes"
    assert told(env, "INSERT INTO boats VALUES (9, 'x', 1)", gold="INSERT") == "done"


@pytest.mark.parametrize(
    "pair",
    [
        ("SELECT Nmae FROM boats", "select  nmae FROM boats"),
        ("SELECT id + 0.0 FROM boats", "SELECT id FROM boats"),
        ("SELECT (1 FROM boats", "SELECT  \n (1 FROM boats"),
    ],
)
def test_queries_of_which_the_sandbox_may_run_one_for_both_are_told_alike(env, pair):
    """Which of them runs depends on what else is asked, and after a resume something else is."""
    assert told(env, pair[0]) == told(env, pair[1])


def test_the_machine_is_not_spoken_of(tmp_path):
    with SqlEnv([replace(example("sqlite"), database=Database("sqlite", path=tmp_path / "none.sqlite"))]) as env:
        missing = env.play("sqlite SELECT", "SELECT 1 FROM t")
    assert str(tmp_path) in missing.execution.message
    assert observe(missing.execution, "sqlite", 500) == "Error: it could not be run"
    message = "could not read /home/someone/lab/data.db at all\x1b[0m \ud800"
    spoken = observe(Execution(Status.RUNTIME, message=message), "duckdb", 500)
    assert spoken == "Error: could not read a file at all [0m"
