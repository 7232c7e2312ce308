import subprocess
import sys

import pytest

from envs.gate import gate, kind, plain

QUERY = "SELECT name FROM emp"


@pytest.mark.parametrize("dialect", ["sqlite", "duckdb"])
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1",
        "select name from emp;",
        "(SELECT count(*) FROM emp)",
        "VALUES (1), (2)",
        "WITH r AS (SELECT * FROM emp) SELECT name FROM r",
        "SELECT a FROM t UNION SELECT b FROM u ORDER BY 1 LIMIT 3",
        "SELECT 'DELETE FROM emp; DROP TABLE emp' -- no more than text",
        "SELECT sum(a) OVER (PARTITION BY b) FROM t",
        "SELECT a /* WHERE */ FROM t; -- the end",
    ],
)
def test_one_query_may_run(sql: str, dialect: str) -> None:
    assert gate(sql, dialect, QUERY) == ""


@pytest.mark.parametrize("dialect", ["sqlite", "duckdb"])
@pytest.mark.parametrize(
    "sql",
    [
        "",
        "  ",
        "-- nothing",
        ";",
        "hello world",
        "hello",
        "SELECT",
        "SELECT FROM emp",
        "SELECT * FROM (SELECT FROM emp)",
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP TABLE emp",
        "WITH x AS (SELECT 1) DELETE FROM emp",
        "WITH x AS (DELETE FROM emp RETURNING *) SELECT * FROM x",
        "SELECT * INTO copy FROM emp",
        "DELETE FROM emp",
        "DROP TABLE emp",
        "EXPLAIN SELECT 1",
        "EXPLAIN ANALYZE DELETE FROM emp",
        "PRAGMA table_info(emp)",
        "CALL x()",
        "COPY emp TO 'a.csv'",
        "ATTACH 'x' AS y",
        "SET a = 1",
        "BEGIN",
        "DESCRIBE emp",
        "```sql\nSELECT 1\n```",
        "SELECT 1\0",
        "SELECT (((",
        "SELECT '" + "x" * 20_000 + "'",
        "SELECT " + "(" * 101 + "1" + ")" * 101,
        "SELECT " + "NOT " * 4_000 + "1",
    ],
)
def test_anything_else_is_refused_with_a_reason(sql: str, dialect: str) -> None:
    assert gate(sql, dialect, QUERY)


@pytest.mark.parametrize(
    ("gold", "same", "other"),
    [
        ("DELETE FROM emp", "DELETE FROM emp WHERE 1 = 1", "UPDATE emp SET a = 1"),
        ("UPDATE emp SET a = 1", "UPDATE emp SET a = 2", "SELECT 1"),
        ("INSERT INTO emp VALUES (1)", "INSERT INTO emp SELECT 1", "DELETE FROM emp"),
        ("DROP TABLE emp", "DROP TABLE IF EXISTS emp", "DROP VIEW emp"),
        ("CREATE TABLE a (b INT)", "CREATE TABLE a AS SELECT 1 AS b", "CREATE INDEX i ON a (b)"),
        ("ALTER TABLE a DROP COLUMN b", "ALTER TABLE a ADD COLUMN c INT", "DROP TABLE a"),
    ],
)
def test_a_gold_that_writes_admits_its_own_class_of_write_only(gold: str, same: str, other: str) -> None:
    for dialect in ("sqlite", "duckdb"):
        assert gate(gold, dialect, gold) == ""
        assert gate(same, dialect, gold) == ""
        assert gate(other, dialect, gold)
        assert gate(QUERY, dialect, gold)
        assert gate(gold, dialect, QUERY)


def test_the_class_of_a_statement_is_named() -> None:
    assert kind("WITH a AS (SELECT 1) SELECT * FROM a", "sqlite") == "query"
    assert kind("CREATE TABLE a (b INT)", "sqlite") == "create table"
    assert kind("PRAGMA x", "sqlite") == ""
    assert kind("SELECT (", "sqlite") == ""


def test_an_unknown_dialect_is_an_error_of_the_lab() -> None:
    with pytest.raises(ValueError, match="klingon"):
        gate("SELECT 1", "klingon", "SELECT 1")


def test_importing_the_environment_imports_no_engine_and_no_parser() -> None:
    code = (
        "import sys, envs.sql_env, envs.gate, envs.compare, envs.completion;"
        "print([m for m in ('sqlglot', 'duckdb', 'apsw', 'torch') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


PLAIN = [
    "SELECT a FROM t",
    " (SELECT 1) ",
    "WITH x AS (SELECT 1) SELECT * FROM x;",
    "values (1)",
    "SELECT a -- updated\nFROM t",
]
NOT_PLAIN = [
    "DELETE FROM t",
    "WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x",
    "SELECT a INTO b FROM t",
    "SELECT 1; SELECT 2",
    "EXPLAIN SELECT 1",
    "/* c */ SELECT 1",
    "FROM (DESCRIBE t)",
    "SELECT * FROM (SHOW TABLES)",
    "SELECT 1\0",
    "SELECT " + "(" * 101 + "1" + ")" * 101,
    "SELECT " + "1," * 10_001 + "1",
    "",
]


@pytest.mark.parametrize("sql", PLAIN)
def test_plain_text_is_what_the_gate_would_let_pass(sql: str) -> None:
    assert plain(sql) and gate(sql, "duckdb", "SELECT 1") == ""


@pytest.mark.parametrize("sql", NOT_PLAIN, ids=range(len(NOT_PLAIN)))
def test_what_may_write_or_hide_something_is_not_plain(sql: str) -> None:
    assert not plain(sql)
