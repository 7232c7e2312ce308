import os
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from envs.engines import NoDatabase, Result
from envs.engines import _duckdb_instance as instance
from envs.engines.duckdb import DuckdbConnection, allow, open_database
from envs.example import Database
from envs.execution import Status

SCRIPT = """
CREATE TABLE emp (id INTEGER PRIMARY KEY, name VARCHAR NOT NULL CHECK (name <> ''), hired DATE);
CREATE TABLE sale (emp INTEGER REFERENCES emp(id), product VARCHAR, amount INTEGER);
CREATE SEQUENCE counter;
CREATE MACRO own() AS TABLE SELECT 1 AS a;
INSERT INTO emp VALUES (1, 'Ann', '2020-01-01'), (2, 'Bob', '2021-01-01');
INSERT INTO sale VALUES (1, 'tea', 5), (1, 'jam', 7), (2, 'tea', 2);
"""
DATABASE = Database("duckdb", script=SCRIPT)


@pytest.fixture
def reading() -> Iterator[DuckdbConnection]:
    connection = open_database(DATABASE)
    yield connection
    connection.close()


@pytest.fixture
def writing() -> Iterator[DuckdbConnection]:
    connection = open_database(DATABASE, writable=True)
    yield connection
    connection.close()


def run(connection: DuckdbConnection, sql: str, seconds: float = 2.0, rows: int = 1_000) -> Result:
    return connection.execute(sql, seconds, rows)


def fresh(sql: str, script: str = SCRIPT, writable: bool = False) -> Result:
    with closing(open_database(Database("duckdb", script=script), writable)) as connection:
        return run(connection, sql)


def file(folder: Path, name: str, value: int) -> str:
    path = folder / name
    with duckdb.connect(str(path)) as handle:
        handle.execute(f"CREATE TABLE t AS SELECT {value} AS a; CREATE VIEW v AS SELECT a FROM t")
    return str(path)


@pytest.mark.parametrize(
    ("sql", "status"),
    [
        ("SELECT 'a", Status.SYNTAX),
        ("SELECT " + "(" * 1_500 + "1" + ")" * 1_500, Status.SYNTAX),
        ("SELECT * FROM nowhere", Status.MISSING_TABLE),
        ("SELECT * FROM elsewhere.nowhere", Status.MISSING_TABLE),
        ("SELECT nowhere.id FROM emp", Status.MISSING_TABLE),
        ("SELECT nope", Status.MISSING_COLUMN),
        ("SELECT e.nope FROM emp AS e", Status.MISSING_COLUMN),
        ("SELECT * FROM emp JOIN sale USING (nope)", Status.MISSING_COLUMN),
        ("SELECT * EXCLUDE (nope) FROM emp", Status.MISSING_COLUMN),
        ("SELECT nope(1)", Status.MISSING_FUNCTION),
        ("SELECT * FROM nope(1)", Status.MISSING_FUNCTION),
        ("SELECT a.id FROM emp AS a, emp AS a", Status.AMBIGUOUS),
        ("SELECT id FROM emp AS a, emp AS b", Status.AMBIGUOUS),
        ("SELECT sum(name) FROM emp", Status.TYPE),
        ("SELECT strftime('%Y', name) FROM emp", Status.TYPE),
        ("SELECT name::INTEGER FROM emp", Status.TYPE),
        ("SELECT id = hired FROM emp", Status.TYPE),
        ("SELECT id, count(*) FROM emp", Status.SEMANTIC),
        ("SELECT id FROM emp WHERE count(*) > 1", Status.SEMANTIC),
        ("SELECT 1 UNION SELECT 1, 2", Status.SEMANTIC),
        ("SELECT 1::NOPE", Status.SEMANTIC),
        ("SELECT ?", Status.SEMANTIC),
        ("SELECT 5 % 0", Status.RUNTIME),
        ("SELECT 9223372036854775807 + 1", Status.RUNTIME),
        ("SELECT (SELECT id FROM emp)", Status.RUNTIME),
        ("SELECT error('Table with name x does not exist')", Status.RUNTIME),
        ("SELECT 'a'::INTEGER AS \"mbiguous\"", Status.TYPE),
        ("SELECT chr(55296)", Status.ENCODING),
        ("SELECT \ud800 FROM emp", Status.ENCODING),
        ("SELECT len(list(i)) FROM range(1000000000) AS t(i)", Status.MEMORY),
        ("SELECT * FROM 'x.csv'", Status.FORBIDDEN),
        ("SELECT nextval('counter')", Status.FORBIDDEN),
        ("FROM enable_logging ( )", Status.FORBIDDEN),
        ("SELECT 1\0; DROP TABLE emp", Status.FORBIDDEN),
    ],
)
def test_every_error_has_its_name_and_the_next_statement_runs(
    reading: DuckdbConnection, sql: str, status: Status
) -> None:
    result = run(reading, sql, seconds=20)
    assert result.status is status, result.message
    assert result.message
    assert run(reading, "SELECT count(*) FROM emp").rows == [(2,)]


@pytest.mark.parametrize(
    ("sql", "status"),
    [
        ("INSERT INTO emp VALUES (1, 'Eve', NULL)", Status.CONSTRAINT),
        ("INSERT INTO emp VALUES (3, '', NULL)", Status.CONSTRAINT),
        ("INSERT INTO sale VALUES (9, 'tea', 1)", Status.CONSTRAINT),
        ("DROP TABLE emp", Status.CONSTRAINT),
        ("UPDATE emp SET nope = 1", Status.MISSING_COLUMN),
        ("INSERT INTO emp (nope) VALUES (1)", Status.MISSING_COLUMN),
        ("INSERT INTO nowhere VALUES (1)", Status.MISSING_TABLE),
        ("INSERT INTO emp VALUES (3)", Status.SEMANTIC),
        ("CREATE TABLE emp (a INTEGER)", Status.SEMANTIC),
        ("ATTACH ':memory:' AS other", Status.FORBIDDEN),
        ("COPY emp TO 'x.csv'", Status.FORBIDDEN),
        ("CREATE OR REPLACE /* a */ SECRET s (TYPE http, BEARER_TOKEN 'x')", Status.FORBIDDEN),
        ("ALTER DATABASE memory SET ALIAS TO other", Status.FORBIDDEN),
        ("SET threads = 2", Status.FORBIDDEN),
        ("BEGIN", Status.FORBIDDEN),
    ],
)
def test_a_write_that_fails_has_its_name_and_changes_nothing(
    writing: DuckdbConnection, sql: str, status: Status
) -> None:
    before = writing.state(100)
    result = run(writing, sql)
    assert result.status is status, result.message
    assert writing.state(100) == before


@pytest.mark.parametrize(
    "sql",
    [
        "PIVOT sale ON product USING sum(amount) GROUP BY emp ORDER BY emp",
        "FROM (PIVOT sale ON product USING sum(amount) GROUP BY emp) ORDER BY emp",
        "WITH p AS (PIVOT sale ON product USING sum(amount) GROUP BY emp) SELECT * FROM p ORDER BY emp",
        "SELECT * FROM sale PIVOT (sum(amount) FOR product IN ('jam', 'tea') GROUP BY emp) ORDER BY emp",
    ],
)
def test_a_pivot_is_a_query(reading: DuckdbConnection, sql: str) -> None:
    for _ in range(2):
        result = run(reading, sql)
        assert result.names == ("emp", "jam", "tea"), result.message
        assert result.rows == [(1, 7, 5), (2, None, 2)]
    assert run(reading, "SELECT count(*) FROM duckdb_types() WHERE NOT internal").rows == [(0,)]


PROBE = (
    "SELECT (SELECT string_agg(name, ',' ORDER BY id) FROM emp), (SELECT count(*) FROM sale), 7 / 2, random(), "
    "(SELECT count(*) FROM duckdb_tables() WHERE temporary), (SELECT count(*) FROM duckdb_views() WHERE temporary), "
    "(SELECT string_agg(name, ',') FROM (FROM (VALUES ('b'), ('A')) AS v(name) ORDER BY name)), "
    "(SELECT count(*) FROM duckdb_types() WHERE NOT internal), (SELECT count(*) FROM duckdb_schemas()), "
    "(SELECT count(*) FROM duckdb_functions() WHERE NOT internal), (SELECT count(*) FROM duckdb_sequences())"
)
POISON = [
    "DELETE FROM sale",
    "WITH gone AS (DELETE FROM sale RETURNING *) SELECT * FROM gone",
    "WITH new AS (INSERT INTO sale VALUES (1, 'x', 1) RETURNING *) SELECT * FROM new",
    "/* c */ UPDATE emp SET name = 'x'",
    "EXPLAIN ANALYZE DELETE FROM sale",
    "CREATE TEMP TABLE emp AS SELECT 1 AS id, 'x' AS name",
    "CREATE TEMP TABLE emp AS (FROM (PIVOT sale ON product USING sum(amount)))",
    "CREATE TEMP VIEW emp AS SELECT 1 AS id, 'x' AS name",
    "CREATE TEMP MACRO sum(x) AS 42",
    "CREATE OR REPLACE TEMP MACRO random() AS 0.1",
    "CREATE TABLE temp.emp AS SELECT 1 AS id, 'x' AS name",
    "CREATE SCHEMA other",
    "CREATE TYPE mood AS ENUM ('a')",
    "SET VARIABLE a = 1",
    "SET default_order = 'DESC'",
    "SET SESSION integer_division = true",
    "PREPARE p AS SELECT 1",
    "BEGIN",
    "BEGIN TRANSACTION; DELETE FROM sale",
    "USE system",
    "DETACH memory",
    "ATTACH ':memory:' AS other",
    "CREATE SECRET s (TYPE http, BEARER_TOKEN 'x')",
    "PRAGMA enable_profiling",
    "CREATE TRIGGER tr AFTER INSERT ON emp FOR EACH STATEMENT DELETE FROM sale",
    "SELECT * FROM query('WITH x AS (DEL' || 'ETE FROM sale RETURNING *) SELECT * FROM x')",
    "SELECT setseed(0.5)",
    "SELECT nextval('counter')",
]


@pytest.mark.parametrize("sql", POISON)
def test_nothing_a_reading_statement_does_is_seen_by_the_next(reading: DuckdbConnection, sql: str) -> None:
    before = run(reading, PROBE)
    assert before.status is Status.OK, before.message
    assert run(reading, sql).status is not Status.OK
    assert run(reading, PROBE).rows == before.rows
    assert reading.state(100).relations["sale"].rows == [(1, "tea", 5), (1, "jam", 7), (2, "tea", 2)]


@pytest.mark.parametrize("sql", POISON)
def test_nothing_a_written_statement_does_is_seen_in_the_next_database(sql: str) -> None:
    before = fresh(PROBE, writable=True)
    assert before.status is Status.OK, before.message
    fresh(sql, writable=True)
    after = fresh(PROBE, writable=True)
    assert after.rows == before.rows, after.message


def test_nothing_a_script_does_is_seen_in_the_next_database() -> None:
    before = fresh(PROBE)
    for sql in POISON:
        try:
            open_database(Database("duckdb", script=SCRIPT + sql)).close()
        except NoDatabase:
            continue
        finally:
            assert fresh(PROBE).rows == before.rows, sql


def test_a_written_copy_and_the_database_beside_it_do_not_see_each_other(reading: DuckdbConnection) -> None:
    with closing(open_database(DATABASE, writable=True)) as writing:
        assert run(writing, "DELETE FROM sale").status is Status.OK
        assert run(writing, "SELECT count(*) FROM sale").rows == [(0,)]
        assert run(reading, "SELECT count(*) FROM sale").rows == [(3,)]
        for connection in (reading, writing):
            assert run(connection, "SELECT current_database(), current_schema()").rows == [("memory", "main")]
            assert run(connection, "SHOW DATABASES").rows == [("memory",)]


def test_a_second_database_waits_until_the_first_is_closed(reading: DuckdbConnection) -> None:
    with pytest.raises(RuntimeError, match="open for reading in this process, which holds one at a time; close it"):
        open_database(DATABASE)
    assert run(reading, "SELECT 1").rows == [(1,)]
    reading.close()
    reading.close()
    assert fresh("SELECT 2").rows == [(2,)]


def test_a_database_that_was_dropped_without_being_closed_is_let_go() -> None:
    lost: DuckdbConnection | None = open_database(DATABASE)
    assert lost is not None and run(lost, "SELECT 1").rows == [(1,)]
    lost = None
    assert fresh("SELECT count(*) FROM emp").rows == [(2,)]


def test_the_instance_stays_warm_from_one_database_to_the_next() -> None:
    fresh("SELECT 1")
    handle = instance.warm(False).handle
    for script in ("CREATE TABLE a (b INTEGER)", "CREATE TABLE b (c INTEGER)"):
        assert fresh("SELECT count(*) FROM duckdb_tables()", script).rows == [(1,)]
    with pytest.raises(NoDatabase, match="the script does not build a database: Parser Error"):
        open_database(Database("duckdb", script="CREATE TABLE"))
    assert instance.warm(False).handle is handle


def test_files_are_opened_under_their_own_name_and_only_those_allowed_are(tmp_path: Path) -> None:
    one, other, third = (file(tmp_path, f"it's {i}.db", i) for i in range(3))
    allow([one, other])
    attach = f"ATTACH '{third.replace(chr(39), chr(39) * 2)}' AS third"
    for i, path in enumerate((one, other)):
        for writable in (False, True):
            with closing(open_database(Database("duckdb", path=path), writable)) as connection:
                assert run(connection, f'SELECT a, current_database() FROM "{Path(path).stem}".main.v').rows == [
                    (i, Path(path).stem)
                ]
                with pytest.raises(duckdb.PermissionException):
                    connection.handle.execute(attach)
                with pytest.raises(RuntimeError, match="cannot be allowed; close it first"):
                    allow([third])
    with closing(open_database(Database("duckdb", path=third))) as connection:
        assert run(connection, "FROM t").rows == [(2,)]


def test_no_message_names_a_path_of_the_host(reading: DuckdbConnection) -> None:
    for sql in ("SELECT * FROM 'x.csv'", "FROM glob('*')", "FROM parquet_bloom_probe('/root/x', 'a', 1)"):
        result = run(reading, sql)
        assert result.status is Status.FORBIDDEN
        assert os.sep not in result.message


FROZEN = [
    *("random()", "uuid()", "uuidv7()", "gen_random_uuid()", "now()", "current_timestamp", "get_current_timestamp()"),
    *("transaction_timestamp()", "today()", "current_date", "CURRENT_DATE()", "current_time", "localtime"),
    *("localtimestamp", "current_localtimestamp()", "ago(INTERVAL 1 DAY)", "age(TIMESTAMP '2020-01-01')"),
    *("age(DATE '2020-01-01')", "pg_postmaster_start_time()", '"now"()'),
]


@pytest.mark.parametrize("expression", FROZEN)
def test_the_clock_and_chance_keep_their_types_and_stand_still(reading: DuckdbConnection, expression: str) -> None:
    with duckdb.connect(config={"threads": 1}) as plain:
        ((kind,),) = plain.execute(f"SELECT typeof({expression})").fetchall()
    result = run(reading, f"SELECT typeof({expression}), ({expression})::VARCHAR")
    assert result.rows[0][0] == kind, result.message
    time.sleep(0.001)
    assert run(reading, f"SELECT typeof({expression}), ({expression})::VARCHAR").rows == result.rows
    assert "2026" not in str(result.rows[0][1])


def test_the_clock_stands_at_new_year_2025_also_in_defaults_and_age_of_two_dates_is_unchanged() -> None:
    script = "CREATE TABLE t (a INTEGER, b DATE DEFAULT current_date); INSERT INTO t (a) VALUES (1)"
    sql = "SELECT b, now(), age(DATE '2024-01-01')::VARCHAR, age(DATE '2020-02-01', DATE '2020-01-01')::VARCHAR FROM t"
    assert fresh(sql, script).rows == [("2025-01-01", "2025-01-01 00:00:00+00:00", "1 year", "1 month")]


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("SELECT * FROM emp USING /* a */ SAMPLE 1", "is not deterministic: USING SAMPLE"),
        ("SELECT * FROM emp TABLESAMPLE 50%", "is not deterministic: TABLESAMPLE"),
        ("SELECT system.main.random()", "is not deterministic: random of another schema"),
        ("SELECT setseed(0.1)", "is not deterministic: setseed"),
        ("SELECT path FROM duckdb_databases", "discloses the server: duckdb_databases"),
        ('SELECT * FROM "DuckDB_settings"()', "discloses the server: duckdb_settings"),
        ("SELECT Current_Setting /**/ ('threads')", "discloses settings of the server: current_setting"),
        ("SELECT * FROM query('SELECT 1')", "runs SQL held in a string: query"),
        ("SELECT * FROM \"read_text\"('/etc/hostname')", "reads files or memory outside the database: read_text"),
        ("SELECT (60000)::BIGINT.sleep_ms()", "waits: sleep_ms"),
    ],
)
def test_what_cannot_stand_still_or_tells_of_the_server_is_refused_in_words(
    reading: DuckdbConnection, sql: str, reason: str
) -> None:
    result = run(reading, sql)
    assert (result.status, result.message) == (Status.FORBIDDEN, reason)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 'USING SAMPLE', 'duckdb_settings()' -- TABLESAMPLE duckdb_databases()",
        'SELECT "tablesample", sample FROM (SELECT 1 AS "tablesample", 2 AS sample)',
        'SELECT "read_text", getenv FROM (SELECT 1 AS "read_text", 2 AS getenv)',
        "WITH query (a) AS (SELECT 1) SELECT query.a FROM query",
        "SELECT e.random FROM (SELECT 1 AS random) AS e",
        "SELECT a.sample FROM (SELECT 1 AS sample) AS a JOIN (SELECT 1 AS sample) AS b USING (sample)",
    ],
)
def test_text_and_columns_that_only_look_like_it_are_not_refused(reading: DuckdbConnection, sql: str) -> None:
    result = run(reading, sql)
    assert result.status is Status.OK, result.message


RUNAWAYS = [
    "SELECT count(*) FROM range(3000000) AS a, range(3000000) AS b WHERE a.range + b.range = 7",
    "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT count(*) FROM r",
    "SELECT list_sum(list_transform(range(300000), lambda x: list_sum(list_transform(range(3000), lambda y: x + y))))",
]


@pytest.mark.parametrize("sql", RUNAWAYS)
def test_a_runaway_ends_near_its_deadline_and_is_timed(reading: DuckdbConnection, sql: str) -> None:
    result = run(reading, sql, seconds=0.3)
    assert result.status is Status.TIMEOUT, result.message
    assert 0.3 <= result.seconds < 1.3
    quick = run(reading, "SELECT count(*) FROM emp")
    assert quick.rows == [(2,)]
    assert 0 < quick.seconds < 0.3


def test_one_thread_watches_all_statements_and_wakes_after_it_slept(reading: DuckdbConnection) -> None:
    for _ in range(200):
        run(reading, "SELECT 1")
    assert [thread.name for thread in threading.enumerate()].count("duckdb-watchdog") == 1
    time.sleep(1.0)
    assert run(reading, RUNAWAYS[1], seconds=0.1).status is Status.TIMEOUT


def test_an_unbounded_result_costs_no_more_than_its_limit(reading: DuckdbConnection) -> None:
    result = run(reading, "SELECT range, 'x' || range FROM range(3000000000)", seconds=20, rows=10)
    assert result.status is Status.TOO_MANY_ROWS
    assert result.seconds < 1
    assert run(reading, "SELECT count(*) FROM emp").rows == [(2,)]


def test_a_forked_process_has_an_instance_and_a_watchdog_of_its_own(reading: DuckdbConnection) -> None:
    child = os.fork()
    if child == 0:
        connection = open_database(DATABASE)
        right = run(connection, "SELECT count(*) FROM emp").rows == [(2,)]
        late = run(connection, RUNAWAYS[1], seconds=0.1).status is Status.TIMEOUT
        os._exit(0 if right and late else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert run(reading, "SELECT count(*) FROM emp").rows == [(2,)]


def test_state_reads_the_database_and_not_what_hides_it(writing: DuckdbConnection) -> None:
    before = writing.state(100)
    assert run(writing, "CREATE TEMP TABLE emp AS SELECT 1 AS id").status is Status.OK
    assert writing.state(100) == before
    assert run(writing, "CREATE VIEW broken AS SELECT product FROM sale").status is Status.OK
    assert run(writing, "DROP TABLE sale").status is Status.OK
    assert not writing.state(100).relations["broken"].rows


def test_a_connection_that_is_gone_is_a_crash_once_and_the_database_is_built_anew(reading: DuckdbConnection) -> None:
    reading.handle.close()
    assert run(reading, "SELECT 1").status is Status.CRASH
    assert run(reading, "SELECT count(*) FROM emp").rows == [(2,)]


def test_the_schema_of_a_file_and_of_its_writable_copy_are_the_same(tmp_path: Path) -> None:
    path = file(tmp_path, "a.duckdb", 1)
    schemas: list[str] = []
    for writable in (False, True):
        with closing(open_database(Database("duckdb", path=path), writable)) as connection:
            schemas.append(connection.schema())
    assert schemas == ["CREATE TABLE t (a INTEGER)\nCREATE VIEW v (a)"] * 2
