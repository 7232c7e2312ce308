"""One attack of each class against the whole sandbox; `benchmarks/attacks.py` is the long version."""

import hashlib
import socket
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from envs.example import Database, Engine
from envs.execution import Limits, Status
from envs.sandbox import Job, Judged, Sandbox

SCRIPT = "CREATE TABLE emp (id INTEGER PRIMARY KEY, name VARCHAR, sal INTEGER); INSERT INTO emp VALUES " + ", ".join(
    f"({i}, '{'aAbB'[i % 4]}{i}', {7 * i % 20})" for i in range(1, 21)
)
GOLD = "SELECT name, sal / 3 FROM emp WHERE name LIKE 'a%' ORDER BY sal"
ENGINES: tuple[Engine, ...] = ("sqlite", "duckdb")
UNSTOPPABLE: dict[Engine, str] = {
    "sqlite": "SELECT instr(hex(zeroblob(4900000)), hex(zeroblob(2400000)) || '1')",
    "duckdb": "SELECT levenshtein(repeat('a', 300000), repeat('b', 300000))",
}
"""Neither engine looks at a clock inside these."""
honest = iter(range(10**9))
"""Numbers that make each honest question a new text, which no cache has seen."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(workers=1, limits=Limits(seconds=0.5)) as sandbox:
        yield sandbox


def judge(sandbox: Sandbox, engine: Engine, *sqls: str, gold: str = GOLD, path: Path | None = None) -> list[Judged]:
    """The answers; and an honest right answer after them is right, an honest wrong one wrong."""
    database = Database(engine, script=SCRIPT) if path is None else Database(engine, path=str(path))
    answers = sandbox.judge([Job(database, gold, engine, sqls)])[0]
    n = next(honest)
    right = f"SELECT e.name, e.sal / 3 FROM emp e WHERE e.name LIKE 'a%' AND {n} = {n} ORDER BY e.sal"
    wrong = f"SELECT name, sal / 3 FROM emp WHERE name LIKE 'a%' AND {n} = {n} ORDER BY sal DESC"
    probes = sandbox.judge([Job(database, GOLD, engine, [right, wrong])])[0]
    assert [probe.verdict.strict for probe in probes] == [True, False], probes
    return answers


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT " + "(" * 100_000 + "1" + ")" * 100_000,
        "SELECT * FROM (" * 10_000 + "SELECT 1" + ")" * 10_000,
        "SELECT " + "+".join(["1"] * 100_000),
        "SELECT '" + "x" * 5_000_000 + "'",
        "SELECT 1;" * 100_000,
        "SELECT 1 \0, 2",
    ],
    ids=["brackets", "subqueries", "terms", "text", "statements", "NUL"],
)
def test_text_that_a_parser_may_not_survive_reaches_none(sandbox: Sandbox, engine: Engine, sql: str) -> None:
    (answer,) = judge(sandbox, engine, sql)
    assert (answer.execution.status, answer.verdict.strict) == (Status.REJECTED, False)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("part", ["NOT ", "- ", "CASE WHEN 1 THEN 1 ELSE ", "INTERVAL ", "EXISTS (SELECT "])
def test_deep_text_that_is_just_short_enough_costs_no_verdict(sandbox: Sandbox, engine: Engine, part: str) -> None:
    (answer,) = judge(sandbox, engine, "SELECT " + part * (19_000 // len(part)) + "1")
    assert answer.execution.status is not Status.CRASH
    assert answer.verdict.strict is False


@pytest.mark.parametrize("engine", ENGINES)
def test_a_lone_surrogate_is_an_ending_like_any_other(sandbox: Sandbox, engine: Engine) -> None:
    (answer,) = judge(sandbox, engine, "SELECT '\ud800' AS \"\udfff\"")
    assert answer.verdict.strict is False and not answer.execution.ok


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("gold", [GOLD, "INSERT INTO emp VALUES (99, 'z', 1)"], ids=["query", "write"])
def test_what_no_engine_interrupts_is_killed_near_its_deadline(sandbox: Sandbox, engine: Engine, gold: str) -> None:
    sql = UNSTOPPABLE[engine] if gold == GOLD else f"INSERT INTO emp (id) {UNSTOPPABLE[engine]}"
    judge(sandbox, engine, "SELECT 1", gold=gold)
    started = time.monotonic()
    (answer,) = sandbox.judge([Job(Database(engine, script=SCRIPT), gold, engine, [sql])])[0]
    assert time.monotonic() - started < 4.0
    assert (answer.execution.status, answer.verdict.correct) == (Status.TIMEOUT, False)
    judge(sandbox, engine)


@pytest.mark.parametrize(
    ("engine", "sql"),
    [
        ("sqlite", "CREATE TEMP VIEW emp AS SELECT 1 AS id, 'a' AS name, 1 AS sal"),
        ("sqlite", "PRAGMA case_sensitive_like = 1"),
        ("sqlite", "BEGIN EXCLUSIVE"),
        ("sqlite", "/* a query */ DELETE FROM emp"),
        ("sqlite", "WITH x AS (SELECT 1) INSERT INTO emp SELECT 50, 'a50', 1 FROM x"),
        ("duckdb", "CREATE TEMP TABLE emp AS SELECT 1 AS id, 'a' AS name, 1 AS sal"),
        ("duckdb", "CREATE OR REPLACE TEMP MACRO lower(x) AS 'a'"),
        ("duckdb", "SET default_order = 'DESC'"),
        ("duckdb", "SET integer_division = true"),
        ("duckdb", "BEGIN"),
        ("duckdb", "WITH x AS (DELETE FROM emp RETURNING *) SELECT * FROM x"),
        ("duckdb", "EXPLAIN ANALYZE DELETE FROM emp"),
        ("duckdb", "SELECT * FROM query('DELETE FROM emp')"),
    ],
)
def test_nothing_one_answer_does_is_seen_by_the_next(sandbox: Sandbox, engine: Engine, sql: str) -> None:
    (answer,) = judge(sandbox, engine, sql)
    assert answer.verdict.strict is False


@pytest.mark.parametrize("engine", ENGINES)
def test_a_database_file_stays_as_it_is(sandbox: Sandbox, engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / f"emp.{engine}"
    with sqlite3.connect(path) if engine == "sqlite" else duckdb.connect(str(path)) as file:
        file.executescript(SCRIPT) if isinstance(file, sqlite3.Connection) else file.execute(SCRIPT)
    hashed = hashlib.sha256(path.read_bytes()).hexdigest()
    attacks = ["DELETE FROM emp", "DROP TABLE emp", "CHECKPOINT", "VACUUM", "PRAGMA journal_mode = WAL"]
    judge(sandbox, engine, *attacks, path=path)
    judge(sandbox, engine, *attacks, gold="DELETE FROM emp WHERE id = 1", path=path)
    judge(sandbox, engine, *attacks, gold="DROP TABLE emp", path=path)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == hashed
    assert [found.name for found in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT content FROM U&\"rea\\0064_text\"('{}/secret.csv')",
        "SELECT * FROM query('FROM read_csv(''{}/secret.csv'')')",
        "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT * FROM ''{}/secret.csv'''))",
        "EXPLAIN ANALYZE SELECT * FROM read_blob('{}/secret.csv')",
        "SELECT file FROM glob('{}/s*')",
        "COPY emp TO '{}/new.csv'",
        "EXPORT DATABASE '{}/new'",
        "INSTALL httpfs FROM 'http://127.0.0.1:{port}'",
        "SELECT * FROM read_csv('http://127.0.0.1:{port}/x')",
    ],
)
@pytest.mark.parametrize("carrier", ["{}", "INSERT INTO emp (name) {} RETURNING name"], ids=["query", "write"])
def test_no_file_and_no_network(sandbox: Sandbox, sql: str, carrier: str, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a\nthe canary\n")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.0)
        attack = carrier.replace("{}", sql.replace("{port}", str(server.getsockname()[1])).replace("{}", str(tmp_path)))
        gold = GOLD if carrier == "{}" else "INSERT INTO emp (id, name) VALUES (99, 'z')"
        (answer,) = judge(sandbox, "duckdb", attack, gold=gold)
        assert answer.verdict.correct is False
        assert "the canary" not in f"{answer}"
        assert "secret.csv" not in f"{answer.execution.sample}"
        with pytest.raises(BlockingIOError):
            server.accept()
    assert [found.name for found in tmp_path.iterdir()] == ["secret.csv"]


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize(
    ("engine", "sql"),
    [
        ("sqlite", "SELECT length(hex(zeroblob(900000000)))"),
        (
            "sqlite",
            "WITH RECURSIVE r(x) AS (SELECT hex(zeroblob(500000)) UNION ALL SELECT x || 1 FROM r) SELECT x FROM r",
        ),
        ("duckdb", "SELECT len(range(900000000))"),
        ("duckdb", "SELECT len(repeat('x', 4000000000))"),
    ],
)
def test_memory_has_an_end(sandbox: Sandbox, engine: Engine, sql: str) -> None:
    judge(sandbox, engine)
    (answer,) = judge(sandbox, engine, sql)
    assert answer.execution.status in (Status.MEMORY, Status.TIMEOUT, Status.TOO_MANY_ROWS, Status.RUNTIME)
    for pid in sandbox.pids:
        status = Path(f"/proc/{pid}/status").read_text()
        peaks = [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")]
        assert peaks and max(peaks) * 1024 < 1 << 30


def test_a_second_run_in_another_process_says_the_same(sandbox: Sandbox) -> None:
    both = ["SELECT random()", "SELECT id FROM emp ORDER BY random()", "SELECT current_date"]
    sqls: dict[Engine, list[str]] = {
        "sqlite": [*both, "SELECT strftime('%f', 'now')", "SELECT hex(randomblob(8))", "SELECT current_timestamp"],
        "duckdb": [*both, "SELECT now()", "SELECT uuid()", "SELECT today()", "SELECT id FROM emp ORDER BY uuid()"],
    }
    with Sandbox(workers=1, limits=Limits(seconds=0.5)) as other:
        for engine in ENGINES:
            first = judge(sandbox, engine, "SELECT 1", *sqls[engine])[1:]
            time.sleep(0.05)
            second = judge(other, engine, *sqls[engine])
            for one, two in zip(first, second, strict=True):
                assert (one.verdict, one.execution.sample) == (two.verdict, two.execution.sample), one.sql
