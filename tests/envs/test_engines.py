import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from envs.engines import NAMES, Connection, NoDatabase, Result, State, load
from envs.example import Database, Engine
from envs.execution import Status

SCRIPT = """
CREATE TABLE dept (name TEXT PRIMARY KEY, "order" INTEGER, "two words" TEXT);
CREATE TABLE emp (id INTEGER PRIMARY KEY, name TEXT, dept TEXT REFERENCES dept(name), salary DOUBLE);
CREATE TABLE plan (a INTEGER, b INTEGER, PRIMARY KEY (a, b));
CREATE VIEW rich AS SELECT name FROM emp WHERE salary > 90;
INSERT INTO dept VALUES ('eng', 1, 'x'), ('ops', 2, 'y');
INSERT INTO emp VALUES (1, 'Ann', 'eng', 100.5), (2, 'Bob', 'ops', NULL);
"""
ENGINES: list[Engine] = ["sqlite", "duckdb"]


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    return request.param


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    connection = load(engine).open_database(Database(engine, script=SCRIPT))
    yield connection
    connection.close()


def run(connection: Connection, sql: str, seconds: float = 2.0, rows: int = 1_000) -> Result:
    return connection.execute(sql, seconds, rows)


def test_every_engine_file_is_found() -> None:
    assert NAMES == ["duckdb", "sqlite"]
    with pytest.raises(ValueError, match="duckdb, sqlite"):
        load("oracle")


def test_rows_come_in_one_normal_form(connection: Connection) -> None:
    result = run(connection, "SELECT id, name, salary, NULL, 1 = 1 FROM emp ORDER BY id")
    assert result.status is Status.OK
    assert list(result.rows) == [(1, "Ann", 100.5, None, 1), (2, "Bob", None, None, 1)]
    assert result.columns == 5


def test_duckdb_types_become_plain_values() -> None:
    sql = (
        "SELECT 1.50::DECIMAL(5,2), 4.0::DECIMAL(5,1), DATE '2020-01-02', TIMESTAMP '2020-01-02 03:04:05', TRUE, "
        "'ab'::BLOB, [1, 2], {'a': DATE '2020-01-02'}, 170141183460469231731687303715884105727::HUGEINT, 'nan'::DOUBLE"
    )
    with closing(load("duckdb").open_database(Database("duckdb", script=""))) as connection:
        (row,) = run(connection, sql).rows
    assert row[:-1] == (
        *(1.5, 4, "2020-01-02", "2020-01-02 03:04:05", 1, b"ab", "[1, 2]", '{"a": "2020-01-02"}'),
        170141183460469231731687303715884105727,
    )
    assert row[-1] != row[-1]


def test_the_schema_is_one_line_a_table_with_keys_and_quotes_only_where_needed(connection: Connection) -> None:
    lines = connection.schema().replace("VARCHAR", "TEXT").splitlines()
    assert lines == [
        'CREATE TABLE dept (name TEXT PRIMARY KEY, "order" INTEGER, "two words" TEXT)',
        "CREATE TABLE emp (id INTEGER PRIMARY KEY, name TEXT, dept TEXT REFERENCES dept(name), salary DOUBLE)",
        "CREATE TABLE plan (a INTEGER, b INTEGER, PRIMARY KEY (a, b))",
        "CREATE VIEW rich (name)",
    ]


@pytest.mark.parametrize(
    ("sql", "status"),
    [
        ("SELEC 1", Status.SYNTAX),
        ("SELECT * FROM nowhere", Status.MISSING_TABLE),
        ("SELECT missing FROM emp", Status.MISSING_COLUMN),
        ("SELECT missing(1)", Status.MISSING_FUNCTION),
        ("SELECT name FROM emp, dept", Status.AMBIGUOUS),
        ("", Status.NO_SQL),
        ("-- nothing", Status.NO_SQL),
        ("SELECT '\ud800'", Status.ENCODING),
        ("DELETE FROM emp", Status.FORBIDDEN),
        ("WITH x AS (SELECT 1) DELETE FROM emp", Status.FORBIDDEN),
        ("CREATE TEMP TABLE emp AS SELECT 1 AS id", Status.FORBIDDEN),
        ("SELECT 1; SELECT 2", Status.FORBIDDEN),
        ("EXPLAIN SELECT 1", Status.FORBIDDEN),
        ("BEGIN", Status.FORBIDDEN),
        ("WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT count(*) FROM r", Status.TIMEOUT),
        (
            "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r WHERE x < 2000) SELECT * FROM r",
            Status.TOO_MANY_ROWS,
        ),
    ],
)
def test_every_ending_has_its_name_and_leaves_the_database_as_it_was(
    connection: Connection, sql: str, status: Status
) -> None:
    result = run(connection, sql, seconds=0.3)
    assert result.status is status, result.message
    assert not result.rows
    assert list(run(connection, "SELECT count(*) FROM emp").rows) == [(2,)]


def test_a_result_of_exactly_the_limit_is_whole(connection: Connection) -> None:
    assert len(run(connection, "SELECT * FROM emp", rows=2).rows) == 2
    assert run(connection, "SELECT * FROM emp", rows=1).status is Status.TOO_MANY_ROWS


def test_the_clock_stands_still_and_chance_is_constant(engine: Engine) -> None:
    sql = {
        "sqlite": "SELECT random(), datetime('now'), CURRENT_TIMESTAMP, hex(randomblob(4))",
        "duckdb": "SELECT random(), now(), today(), current_date, uuid()",
    }[engine]
    answers: list[Result] = []
    for _ in range(2):
        with closing(load(engine).open_database(Database(engine, script=""))) as connection:
            answers += [run(connection, sql), run(connection, sql)]
    assert [answer.status for answer in answers] == [Status.OK] * 4
    assert all(answer.rows == answers[0].rows for answer in answers)


def test_a_writable_copy_takes_writes_and_its_state_shows_them(engine: Engine) -> None:
    database = Database(engine, script=SCRIPT)
    copy = load(engine).open_database(database, writable=True)
    before = copy.state(100)
    assert run(copy, "DELETE FROM emp WHERE id = 2").status is Status.OK
    after = copy.state(100)
    assert len(before.relations["emp"].rows) == 2
    assert list(after.relations["emp"].rows) == [(1, "Ann", "eng", 100.5)]
    assert before.indexes == after.indexes
    assert run(copy, "CREATE INDEX i ON emp (dept)").status is Status.OK
    assert copy.state(100).indexes != before.indexes
    with pytest.raises(OverflowError, match="more than 1 rows"):
        copy.state(1)
    copy.close()


def test_a_file_is_read_but_never_written(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "a b?.db"
    if engine == "sqlite":
        file = sqlite3.connect(path)
        file.executescript(SCRIPT)
        file.close()
    else:
        with duckdb.connect(str(path)) as file:
            file.execute(SCRIPT)
    hashed = hashlib.sha256(path.read_bytes()).hexdigest()
    database = Database(engine, path=str(path))
    reading = load(engine).open_database(database)
    assert list(run(reading, "SELECT name FROM rich").rows) == [("Ann",)]
    assert run(reading, "DELETE FROM emp").status is Status.FORBIDDEN
    reading.close()
    copy = load(engine).open_database(database, writable=True)
    assert run(copy, "DELETE FROM emp").status is Status.OK
    assert not copy.state(10).relations["emp"].rows
    copy.close()
    assert hashlib.sha256(path.read_bytes()).hexdigest() == hashed
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_what_is_not_a_database_is_said_in_a_sentence(engine: Engine, tmp_path: Path) -> None:
    open_database = load(engine).open_database
    with pytest.raises(NoDatabase, match="there is no database file at"):
        open_database(Database(engine, path=str(tmp_path / "none.db")))
    text = tmp_path / "text.db"
    text.write_text("not a database, but long enough to be taken for one\n" * 100)
    with pytest.raises(NoDatabase, match=r"text\.db is not a database"):
        open_database(Database(engine, path=str(text)))
    for script in ("CREATE TABLE", "CREATE TABLE a (b INT); ATTACH 'x.db' AS x", "CREATE TABLE \ud800 (a INT)"):
        with pytest.raises(NoDatabase, match="the script does not build a database"):
            open_database(Database(engine, script=script))


def test_text_that_is_not_utf8_is_read_with_replacement_characters() -> None:
    connection = load("sqlite").open_database(Database("sqlite", script="CREATE TABLE t (a, b);"))
    result = run(
        connection, "SELECT CAST(x'ff41' AS TEXT) AS broken, x'ff', 1 UNION ALL SELECT 'b', NULL, 2 ORDER BY 3"
    )
    assert list(result.rows) == [("\ufffdA", b"\xff", 1), ("b", None, 2)]
    assert result.names[0] == "broken"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CREATE INDEX i ON emp(lower(name))", "CREATE INDEX i ON emp(upper(name))"),
        ("CREATE INDEX i ON emp(name) WHERE id > 1", "CREATE INDEX i ON emp(name)"),
        ("CREATE INDEX i ON emp(name)", "CREATE INDEX i ON emp(name DESC)"),
        ("CREATE TABLE n (a INTEGER REFERENCES emp ON DELETE CASCADE)", "CREATE TABLE n (a INTEGER REFERENCES emp)"),
        ("CREATE TABLE n (a INTEGER CHECK (a > 0))", "CREATE TABLE n (a INTEGER CHECK (a < 0))"),
        ("CREATE TABLE n (a INTEGER, b AS (a * 2))", "CREATE TABLE n (a INTEGER, b AS (a * 3))"),
    ],
)
def test_sqlite_states_differ_in_what_only_the_declaration_says(one: str, other: str) -> None:
    states: list[State] = []
    for sql in (one, one.replace(" (", "  ("), other):
        connection = load("sqlite").open_database(Database("sqlite", script=SCRIPT), writable=True)
        assert run(connection, sql).status is Status.OK
        states.append(connection.state(100))
        connection.close()
    same, again, different = states
    assert same == again
    assert same != different
