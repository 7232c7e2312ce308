"""What a person is shown of a statement: names, rows, what it takes, and what a write changes."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from envs.example import Database
from envs.execution import Limits, Status
from envs.sandbox import Sandbox

SCRIPT = (
    "CREATE TABLE a (id INTEGER PRIMARY KEY, b_id INTEGER, name TEXT);"
    "CREATE TABLE b (id INTEGER PRIMARY KEY, name TEXT);"
    "INSERT INTO b SELECT x, 'b' || x FROM (WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c "
    "WHERE x < 40) SELECT x FROM c);"
    "INSERT INTO a SELECT x, x % 40 + 1, 'a' || x FROM (WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c "
    "WHERE x < 500) SELECT x FROM c);"
)
SQLITE, DUCKDB = Database("sqlite", script=SCRIPT), Database("duckdb", script=SCRIPT)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(2, Limits(seconds=2.0, rows=1_000)) as opened:
        yield opened


@pytest.mark.parametrize("database", [SQLITE, DUCKDB], ids=["sqlite", "duckdb"])
def test_names_rows_and_their_number(sandbox: Sandbox, database: Database):
    few, none, many = sandbox.show(
        database,
        ["SELECT name AS who, id FROM b ORDER BY id", "SELECT id FROM b WHERE id < 0", "SELECT 1 FROM a, b"],
        2,
    )
    assert (few.names, few.rows, few.count) == (("who", "id"), (("b1", 1), ("b2", 2)), 40)
    assert (none.status, none.names, none.rows, none.count) == (Status.OK, ("id",), (), 0)
    assert (many.status, many.rows, many.count, many.answers) == (Status.TOO_MANY_ROWS, ((1,), (1,)), None, True)
    assert few.fingerprint and none.fingerprint and not many.fingerprint


@pytest.mark.parametrize(
    ("sql", "joins", "nesting", "tables", "rows"),
    [
        ("SELECT count(*) FROM a", 0, 0, 1, 500),
        ("SELECT * FROM a x JOIN b AS y ON x.b_id = y.id", 1, 0, 2, 500),
        ("SELECT * FROM a, b", 1, 0, 2, 20_000),
        ("SELECT * FROM b WHERE id = 3", 0, 0, 1, 1),
        ("SELECT name FROM b WHERE id IN (SELECT b_id FROM a WHERE name IN (SELECT name FROM b))", 0, 2, 2, 500),
        ("SELECT 1 FROM b UNION SELECT 2 FROM a", 0, 0, 2, 500),
        ("SELECT (SELECT count(*) FROM a WHERE a.b_id = b.id) FROM b", 0, 1, 2, 40 * 500),
        ("WITH a AS (SELECT * FROM b) SELECT * FROM a", 0, 1, 1, 40),
        ("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 5) SELECT * FROM c", 0, 1, 0, None),
    ],
)
def test_what_a_query_takes_in_sqlite(sandbox: Sandbox, sql: str, joins: int, nesting: int, tables: int, rows: int):
    effort = sandbox.show(SQLITE, [sql], 5)[0].effort
    assert effort is not None
    assert (effort.joins, effort.nesting, effort.tables, effort.rows) == (joins, nesting, tables, rows)


def test_what_a_query_takes_in_duckdb(sandbox: Sandbox):
    plain, joined = sandbox.show(DUCKDB, ["SELECT * FROM a", "SELECT count(*) FROM a JOIN b ON a.b_id = b.id"], 5)
    assert plain.effort is not None and joined.effort is not None
    assert (plain.effort.rows, joined.effort.joins, joined.effort.tables) == (500, 1, 2)
    assert joined.effort.rows is not None and 40 <= joined.effort.rows <= 20_000


@pytest.mark.parametrize("database", [SQLITE, DUCKDB], ids=["sqlite", "duckdb"])
def test_what_a_write_changes(sandbox: Sandbox, database: Database):
    writes = {
        "UPDATE b SET name = 'x' WHERE id < 4": ("b (of 40 rows): 3 changed",),
        "DELETE FROM a WHERE id > 490": ("a (of 500 rows): 10 removed",),
        "INSERT INTO b VALUES (41, 'b41')": ("b (of 40 rows): 1 added",),
        "UPDATE b SET name = name": (),
        "CREATE TABLE c AS SELECT id FROM b": ("c is created with 40 rows",),
        "ALTER TABLE b ADD COLUMN age INTEGER": ("b gains age",),
        "DROP TABLE a": ("a is dropped with its 500 rows",),
    }
    for sql, changes in writes.items():
        assert sandbox.show(database, [sql], 5, writes=True)[0].changes == changes
        refused = sandbox.show(database, [sql], 5)[0]
        assert (refused.status, refused.changes) == (Status.REJECTED, None)
    assert sandbox.show(database, ["SELECT count(*) FROM a"], 5)[0].rows == ((500,),)


def test_a_file_is_planned_by_what_somebody_counted_in_it(sandbox: Sandbox, tmp_path: Path):
    with sqlite3.connect(tmp_path / "s.sqlite") as made:
        made.executescript(SCRIPT + "CREATE INDEX by_b ON a (b_id); ANALYZE;")
    database = Database("sqlite", path=str(tmp_path / "s.sqlite"))
    effort = sandbox.show(database, ["SELECT * FROM a WHERE b_id = 7"], 5)[0].effort
    assert effort is not None and effort.rows == 13, "500 rows of 40 values, rounded up"
    duckdb.connect(str(tmp_path / "d.duckdb")).close()
    assert sandbox.show(Database("duckdb", path=str(tmp_path / "d.duckdb")), ["SELECT 1"], 5)[0].rows == ((1,),)
