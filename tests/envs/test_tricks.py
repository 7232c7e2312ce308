"""Tricks that once got through, each as the rule it broke."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from envs.example import Database, Engine, Example
from envs.execution import Limits, Status
from envs.sandbox import Job, Judged, Sandbox
from envs.sql_env import SqlEnv

SCRIPT = "CREATE TABLE emp (id INTEGER, name VARCHAR, salary INTEGER);" + "".join(
    f"INSERT INTO emp VALUES ({i}, 'n{i}', {i % 3});" for i in range(1, 8)
)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(workers=1, limits=Limits(seconds=0.5)) as sandbox:
        yield sandbox


def judge(sandbox: Sandbox, engine: Engine, gold: str, *sqls: str, database: Database | None = None) -> list[Judged]:
    return sandbox.judge([Job(database or Database(engine, script=SCRIPT), gold, engine, sqls)])[0]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT $$'$$ AS z, system.main.random() AS x, $$'$$ AS y",
        "SELECT E'\\'' AS z, system.main.random(), E'\\''",
        "SELECT 1 /* /* */ ' */ , system.main.random() --'",
        "SELECT $$'$$ AS z, e.name FROM (SELECT name FROM emp USING SAMPLE 6 ROWS) e WHERE '' <> $$'$$",
        "SELECT $$'$$ AS z, path FROM duckdb_databases() WHERE 'x' <> $$'$$",
        "SELECT a.* FROM (query('SELECT path FROM duckdb_databases()') a CROSS JOIN emp)",
        "SELECT * FROM a: query('SELECT database_name, path FROM duckdb_databases()')",
    ],
)
def test_no_quote_hides_a_name_that_is_refused(sandbox: Sandbox, sql: str, tmp_path: Path) -> None:
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as made:
        made.execute(SCRIPT)
    file = Database("duckdb", path=str(path))
    attack, honest = judge(sandbox, "duckdb", "SELECT id FROM emp", sql, "SELECT id FROM emp", database=file)
    assert not attack.execution.ok and str(path) not in str(attack)
    assert honest.verdict.strict


def test_a_value_that_python_cannot_hold_is_a_wrong_answer(sandbox: Sandbox) -> None:
    (found,) = judge(sandbox, "duckdb", "SELECT id FROM emp", "SELECT to_days(2147483647) FROM emp")
    assert found.execution.status is Status.RUNTIME
    assert found.verdict.strict is False


@pytest.mark.parametrize("engine", ["sqlite", "duckdb"])
def test_a_very_wide_wrong_answer_is_not_looked_through(sandbox: Sandbox, engine: Engine) -> None:
    numbers = "WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t WHERE i < 300)"
    wide = f"{numbers} SELECT {', '.join(f'i * {n}.5' for n in range(90))} FROM t, (SELECT 1 FROM emp LIMIT 1) AS o"
    (found,) = judge(sandbox, engine, "SELECT id FROM emp", wide)
    assert found.execution.ok
    assert (found.verdict.strict, found.verdict.overlap) == (False, 0.0)


@pytest.mark.parametrize("turn", [1, -1])
def test_texts_that_only_look_alike_are_judged_apart(sandbox: Sandbox, turn: int) -> None:
    texts = ["SELECT 'a'\n'b' FROM emp", "SELECT 'a' 'b' FROM emp"][::turn]
    found = {a.sql: a.execution.ok for a in judge(sandbox, "duckdb", "SELECT 'ab' FROM emp", *texts)}
    assert found == {"SELECT 'a'\n'b' FROM emp": True, "SELECT 'a' 'b' FROM emp": False}
    gold = "CREATE TABLE t (id INTEGER, status TEXT DEFAULT Active)"
    writes = [gold, gold.replace("Active", "ACTIVE")][::turn]
    assert {a.sql: a.verdict.state for a in judge(sandbox, "sqlite", gold, *writes)}[gold] is True
    assert {a.sql: a.verdict.state for a in judge(sandbox, "sqlite", gold, *writes)}[writes[turn]] is (turn == -1)


def test_large_databases_leave_room_for_each_other(sandbox: Sandbox) -> None:
    for i in range(12):
        script = f"CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob(9000000)), (zeroblob(9000000)), ({i});"
        (found,) = judge(
            sandbox, "sqlite", "SELECT max(length(a)) FROM t", "SELECT max(length(a)) FROM t AS u",
            database=Database("sqlite", script=script),
        )  # fmt: skip
        assert found.verdict.strict, found


def test_an_answer_that_ends_its_process_on_a_twin_is_refuted() -> None:
    deep = "repeat('[', 400000 + max(id)) || repeat(']', 400000 + max(id))"
    lucky = f"SELECT CASE WHEN count(*) = 7 THEN 3 ELSE json_contains({deep}, '1')::INT END FROM emp"
    example = Example(
        "1", "?", Database("duckdb", script=SCRIPT), "", "emp", "SELECT count(*) FROM emp WHERE salary = 1", "duckdb"
    )
    with SqlEnv([example], workers=1, twins=True) as env:
        verdict = env.play("1", lucky).verdict
    assert (verdict.strict, verdict.twins, verdict.proven) == (True, False, False)
