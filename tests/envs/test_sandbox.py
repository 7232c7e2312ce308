import hashlib
import math
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from envs.example import Database, Engine, Example
from envs.execution import Limits, Status
from envs.sandbox import Job, Judged, Sandbox
from envs.sql_env import SqlEnv

SCRIPT = "CREATE TABLE emp (id INTEGER PRIMARY KEY, name VARCHAR, salary INTEGER);" + "".join(
    f"INSERT INTO emp VALUES ({i}, 'n{i}', {i % 3});" for i in range(1, 8)
)
GOLD = "SELECT name FROM emp WHERE salary = 1"
RUNAWAY = "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT count(*) FROM r"
ONE_OPCODE = "SELECT instr(hex(zeroblob(4000000)), hex(zeroblob(2000000)) || '1')"
SLOW = "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r LIMIT 5000000) SELECT count(*) FROM r"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(workers=1, limits=Limits(seconds=0.5)) as sandbox:
        yield sandbox


def judge(sandbox: Sandbox, *sqls: str, gold: str = GOLD, engine: Engine = "sqlite", **limits: float) -> list[Judged]:
    own = Limits(**limits) if limits else None  # type: ignore[arg-type]
    return sandbox.judge([Job(Database(engine, script=SCRIPT), gold, engine, sqls, own)])[0]


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        return False


@pytest.mark.parametrize("engine", ["sqlite", "duckdb"])
def test_a_right_a_wrong_and_a_broken_answer_are_told_apart(sandbox: Sandbox, engine: Engine) -> None:
    sqls = ["SELECT name FROM emp WHERE salary = 1 ORDER BY id DESC", "SELECT name FROM emp", "SELECT x FROM emp", ""]
    right, wrong, broken, empty = judge(sandbox, *sqls, engine=engine)
    assert (right.verdict.strict, right.execution.status, right.execution.rows) == (True, Status.OK, 3)
    assert (wrong.verdict.strict, wrong.execution.status) == (False, Status.OK)
    assert (broken.verdict.strict, broken.execution.status) == (False, Status.MISSING_COLUMN)
    assert (empty.verdict.strict, empty.execution.status) == (False, Status.NO_SQL)


def test_the_same_sql_is_answered_as_often_as_it_is_asked(sandbox: Sandbox) -> None:
    assert [answer.sql for answer in judge(sandbox, "SELECT 1", GOLD, "SELECT 1")] == ["SELECT 1", GOLD, "SELECT 1"]
    assert judge(sandbox) == []
    assert sandbox.judge([]) == []


def test_a_runaway_query_ends_near_its_deadline(sandbox: Sandbox) -> None:
    judge(sandbox, GOLD)
    pids = sandbox.executors
    started = time.monotonic()
    (answer,) = judge(sandbox, RUNAWAY)
    assert answer.execution.status is Status.TIMEOUT
    assert answer.verdict.strict is False
    assert time.monotonic() - started < 10
    assert sandbox.executors == pids


def test_a_query_that_hangs_in_one_opcode_is_killed_and_the_rest_still_answered(sandbox: Sandbox) -> None:
    judge(sandbox, GOLD)
    pids = sandbox.executors
    started = time.monotonic()
    before, hung, after = judge(sandbox, GOLD, ONE_OPCODE, f"{GOLD} AND 1 = 1")
    assert time.monotonic() - started < 15
    assert hung.execution.status is Status.TIMEOUT
    assert hung.verdict.strict is False
    assert before.verdict.strict and after.verdict.strict
    assert all(gone(pid) for pid in pids) and sandbox.executors != pids


def test_a_gold_that_hangs_makes_its_group_unscored(sandbox: Sandbox) -> None:
    answers = judge(sandbox, "SELECT 1", RUNAWAY, gold=ONE_OPCODE, seconds=0.1)
    assert [answer.verdict.strict for answer in answers] == [None, None]
    assert all("does not finish" in answer.verdict.ungradable for answer in answers)
    assert answers[0].execution.ok


@pytest.mark.parametrize(
    ("gold", "reason"),
    [
        ("SELECT nme FROM emp", "missing_column"),
        ("SELECT (", "does not parse"),
        ("", "no SQL"),
        ("PRAGMA table_info(emp)", "refuses the gold"),
        (RUNAWAY, "does not finish in 0.5 seconds"),
        ("SELECT a.id FROM emp a, emp b, emp c", "too_many_rows"),
    ],
)
def test_a_gold_that_does_not_run_never_scores_anyone(sandbox: Sandbox, gold: str, reason: str) -> None:
    for answer in judge(sandbox, "SELECT 1", "", gold, gold=gold, seconds=0.1, rows=20):
        assert answer.verdict.correct is None
        assert reason in answer.verdict.ungradable


def test_a_candidate_may_have_twice_the_rows_of_the_gold_and_no_more(sandbox: Sandbox) -> None:
    wide, wider = judge(
        sandbox,
        "SELECT a.id FROM emp a, emp b LIMIT 14",
        "SELECT a.id FROM emp a, emp b",
        gold="SELECT id FROM emp",
        rows=2,
    )
    assert wide.execution.status is Status.OK
    assert wider.execution.status is Status.TOO_MANY_ROWS


def test_a_missing_database_is_no_fault_of_the_answer(sandbox: Sandbox, tmp_path: Path) -> None:
    file = Database("sqlite", path=str(tmp_path / "none.sqlite"))
    ((answer,),) = sandbox.judge([Job(file, GOLD, "sqlite", [GOLD])])
    assert answer.execution.status is Status.NO_DATABASE
    assert answer.verdict.correct is None
    assert "there is no database file at" in answer.verdict.ungradable
    with pytest.raises(ValueError, match="there is no database file at"):
        sandbox.schema_of(file)
    assert sandbox.schema_of(Database("sqlite", script=SCRIPT)).startswith("CREATE TABLE emp (id INTEGER PRIMARY KEY")


def cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def kill_while_it_runs(sandbox: Sandbox, times: int, how: signal.Signals) -> threading.Thread:
    """End the one executor, and the ones after it, each when it has been working for a while."""

    def kill() -> None:
        killed: set[int] = set()
        while len(killed) < times:
            time.sleep(0.02)
            for pid in sandbox.executors:
                used = cpu_seconds(pid) - before.get(pid, 0.05)  # a worker needs less than that to start
                if pid not in killed and used > 0.05:
                    os.kill(pid, how)
                    killed.add(pid)

    before = {pid: cpu_seconds(pid) for pid in sandbox.executors}
    thread = threading.Thread(target=kill)
    thread.start()
    return thread


def test_a_statement_whose_worker_dies_is_tried_once_more(sandbox: Sandbox) -> None:
    judge(sandbox, GOLD)
    killer = kill_while_it_runs(sandbox, 1, signal.SIGSEGV)
    slow, after = judge(sandbox, SLOW, GOLD, seconds=20, steps=sys.maxsize)
    killer.join()
    assert slow.execution.status is Status.OK
    assert after.verdict.strict


def test_a_statement_that_costs_two_workers_is_a_crash_and_unscored(sandbox: Sandbox) -> None:
    judge(sandbox, GOLD)
    killer = kill_while_it_runs(sandbox, 2, signal.SIGSEGV)
    crashed, after = judge(sandbox, RUNAWAY, GOLD, seconds=20, steps=sys.maxsize)
    killer.join()
    assert crashed.execution.status is Status.CRASH
    assert crashed.verdict.correct is None
    assert after.verdict.strict


def test_an_executor_that_somebody_else_kills_costs_no_statement_its_verdict(sandbox: Sandbox) -> None:
    judge(sandbox, GOLD)
    killer = kill_while_it_runs(sandbox, 3, signal.SIGKILL)
    slow, after = judge(sandbox, SLOW, GOLD, seconds=20, steps=sys.maxsize)
    killer.join()
    assert slow.execution.status is Status.OK
    assert after.verdict.strict


def test_a_zygote_that_is_killed_is_replaced_and_nothing_is_lost(sandbox: Sandbox) -> None:
    judge(sandbox, GOLD)
    zygote, executors = sandbox.pids[-1], sandbox.executors
    killer = threading.Timer(0.1, os.kill, (zygote, signal.SIGKILL))
    killer.start()
    slow, after = judge(sandbox, SLOW, GOLD, seconds=20, steps=sys.maxsize)
    killer.join()
    assert slow.execution.status is Status.OK and after.verdict.strict
    assert gone(zygote) and all(gone(pid) for pid in executors)


def test_a_budget_of_steps_ends_a_query_however_fast_the_machine(sandbox: Sandbox) -> None:
    few, enough = (judge(sandbox, SLOW, seconds=20, steps=steps)[0] for steps in (1_000, sys.maxsize))
    assert few.execution.status is Status.TIMEOUT
    assert "1,000,000 steps" in few.execution.message
    assert enough.execution.status is Status.OK


def test_a_candidate_may_take_more_steps_where_its_gold_does(sandbox: Sandbox) -> None:
    assert judge(sandbox, SLOW, gold=SLOW, seconds=20, steps=6_000)[0].verdict.strict is True


def test_a_worker_that_died_idle_is_replaced(sandbox: Sandbox) -> None:
    judge(sandbox, GOLD)
    (pid,) = sandbox.executors
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.1)
    assert judge(sandbox, GOLD)[0].verdict.strict
    assert sandbox.executors != [pid]


@pytest.mark.parametrize(
    ("engine", "sql"),
    [
        ("sqlite", "ATTACH '{}/x.db' AS x"),
        ("sqlite", "VACUUM INTO '{}/x.db'"),
        ("sqlite", "SELECT load_extension('{}/x.so')"),
        ("sqlite", "SELECT readfile('{}/secret.csv')"),
        ("sqlite", "SELECT writefile('{}/x', 'y')"),
        ("duckdb", "ATTACH '{}/x.db' AS x"),
        ("duckdb", "COPY emp TO '{}/x.csv'"),
        ("duckdb", "SELECT content FROM read_text('{}/secret.csv')"),
        ("duckdb", "SELECT * FROM '{}/secret.csv'"),
        ("duckdb", "SELECT * FROM \"read_text\"('{}/secret.csv')"),
        ("duckdb", "SELECT * FROM glob('{}/*')"),
        ("duckdb", "INSTALL httpfs"),
        ("duckdb", "SET threads = 4"),
    ],
)
def test_hostile_sql_reads_and_writes_no_file(sandbox: Sandbox, engine: Engine, sql: str, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a\nthe secret\n")
    attack, honest = judge(sandbox, sql.format(tmp_path), GOLD, engine=engine)
    assert not attack.execution.ok
    assert attack.verdict.strict is False
    assert honest.verdict.strict
    assert [path.name for path in tmp_path.iterdir()] == ["secret.csv"]


@pytest.mark.parametrize("engine", ["sqlite", "duckdb"])
def test_a_gold_that_writes_is_judged_by_what_it_leaves_behind(sandbox: Sandbox, engine: Engine) -> None:
    gold = "UPDATE emp SET salary = salary + 1 WHERE id <= 3"
    same, more, query = judge(
        sandbox, "UPDATE emp SET salary = 1 + salary WHERE id IN (1, 2, 3)", "UPDATE emp SET salary = salary + 1",
        "SELECT 1", gold=gold, engine=engine,
    )  # fmt: skip
    assert (same.verdict.strict, same.verdict.state) == (None, True)
    assert more.verdict.state is False
    assert query.verdict.state is False and query.execution.status is Status.REJECTED
    assert judge(sandbox, gold, gold=gold, engine=engine)[0].verdict.correct


@pytest.mark.parametrize("engine", ["sqlite", "duckdb"])
def test_a_write_that_breaks_a_view_is_judged_like_any_other(sandbox: Sandbox, engine: Engine) -> None:
    script = "CREATE TABLE a (x INTEGER); CREATE TABLE b (x INTEGER); CREATE VIEW v AS SELECT x FROM a;"
    ((same, other),) = sandbox.judge(
        [Job(Database(engine, script=script), "DROP TABLE a", engine, ["DROP TABLE IF EXISTS a", "DROP TABLE b"])]
    )
    assert same.verdict.correct is True
    assert other.verdict.correct is False


def test_a_file_keeps_its_hash_whatever_is_run_on_it(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "emp.sqlite"
    file = sqlite3.connect(path)
    file.executescript(SCRIPT)
    file.close()
    hashed = hashlib.sha256(path.read_bytes()).hexdigest()
    database = Database("sqlite", path=str(path))
    sandbox.judge([
        Job(database, GOLD, "sqlite", ["DELETE FROM emp", "WITH x AS (SELECT 1) DELETE FROM emp", "DROP TABLE emp"]),
        Job(database, "DELETE FROM emp", "sqlite", ["DELETE FROM emp", "DELETE FROM emp WHERE id = 1"]),
    ])  # fmt: skip
    assert hashlib.sha256(path.read_bytes()).hexdigest() == hashed
    assert [found.name for found in tmp_path.iterdir()] == ["emp.sqlite"]


def test_ties_of_a_hidden_sort_key_may_come_in_any_order(sandbox: Sandbox) -> None:
    gold = "SELECT name FROM emp ORDER BY salary DESC"
    permuted, reversed_ = judge(
        sandbox,
        "SELECT name FROM emp ORDER BY salary DESC, name DESC",
        "SELECT name FROM emp ORDER BY salary",
        gold=gold,
    )
    assert permuted.verdict.strict is True
    assert reversed_.verdict.strict is False


def test_an_empty_answer_never_matches_an_empty_gold(sandbox: Sandbox) -> None:
    for sql in ("", " ", ";", "-- nothing"):
        assert judge(sandbox, sql, gold="SELECT name FROM emp WHERE 1 = 0")[0].verdict.strict is False


@pytest.mark.parametrize("engine", ["sqlite", "duckdb"])
def test_a_hard_coded_answer_is_wrong_and_marked(sandbox: Sandbox, engine: Engine) -> None:
    verdict = judge(sandbox, "SELECT 7", gold="SELECT count(*) FROM emp", engine=engine)[0].verdict
    assert (verdict.strict, verdict.constant) == (False, True)
    assert judge(sandbox, "SELECT 8", gold="SELECT count(*) FROM emp", engine=engine)[0].verdict.constant


def test_values_travel_exactly(sandbox: Sandbox) -> None:
    sql = "SELECT 9e999, -9e999, x'00ff', 9007199254740993, 0.1, NULL, char(55357), 'é'"
    (row,) = judge(sandbox, sql, gold=sql)[0].execution.sample
    assert row[:6] == (math.inf, -math.inf, b"\x00\xff", 9007199254740993, 0.1, None)
    assert row[7] == "é"


def test_an_unknown_dialect_is_a_fault_of_the_lab_and_says_so(sandbox: Sandbox) -> None:
    with pytest.raises(RuntimeError, match="klingon"):
        sandbox.judge([Job(Database("sqlite", script=SCRIPT), GOLD, "klingon", [GOLD])])
    assert judge(sandbox, GOLD)[0].verdict.strict


def test_closing_twice_is_harmless_and_a_closed_sandbox_says_so() -> None:
    sandbox = Sandbox(workers=2)
    jobs = [Job(Database("sqlite", script=SCRIPT + f"-- {i}"), GOLD, "sqlite", [GOLD]) for i in range(4)]
    assert all(answers[0].verdict.strict for answers in sandbox.judge(jobs))
    pids = sandbox.executors
    sandbox.close()
    sandbox.close()
    assert pids and all(gone(pid) for pid in pids)
    with pytest.raises(ValueError, match="closed"):
        sandbox.judge(jobs)


def test_threads_may_share_a_sandbox(sandbox: Sandbox) -> None:
    found: list[bool | None] = []
    threads = [threading.Thread(target=lambda: found.append(judge(sandbox, GOLD)[0].verdict.strict)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 4


@pytest.mark.parametrize("busy", [False, True])
def test_no_worker_outlives_a_killed_parent(busy: bool) -> None:
    code = (
        "import sys, threading, time\n"
        "from envs.sandbox import Job, Sandbox\nfrom envs.example import Database\nfrom envs.execution import Limits\n"
        "sandbox = Sandbox(workers=1, limits=Limits(seconds=60))\n"
        "job = lambda sql: [Job(Database('sqlite', script=''), 'SELECT 1', 'sqlite', [sql])]\n"
        "sandbox.judge(job('SELECT 1'))\n"
        "print(sandbox.executors[0], flush=True)\n"
        f"sandbox.judge(job({ONE_OPCODE!r})) if {busy} else time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    pid = int(parent.stdout.readline())
    time.sleep(0.3)
    assert not gone(pid)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    until = time.monotonic() + 10
    while not gone(pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert gone(pid)


def test_workers_end_with_the_interpreter() -> None:
    code = (
        "from envs.sandbox import Job, Sandbox\nfrom envs.example import Database\nsandbox = Sandbox(workers=1)\n"
        "sandbox.judge([Job(Database('sqlite', script=''), 'SELECT 1', 'sqlite', ['SELECT 1'])])\n"
        "print(sandbox.executors[0])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert gone(int(done.stdout)) and not done.stderr


@pytest.mark.parametrize("engine", ["sqlite", "duckdb"])
def test_a_view_that_never_ends_is_no_state(sandbox: Sandbox, engine: Engine) -> None:
    view = f"CREATE VIEW v AS {RUNAWAY}"
    (bomb,) = judge(sandbox, view, gold="CREATE VIEW v AS SELECT name FROM emp", engine=engine)
    assert bomb.execution.status in (Status.TOO_MANY_ROWS, Status.TIMEOUT)
    assert bomb.verdict.state is False
    assert judge(sandbox, GOLD, engine=engine)[0].verdict.strict


def test_large_questions_and_large_answers_do_not_wait_for_each_other() -> None:
    script = "CREATE TABLE t (a TEXT);" + "".join(f"INSERT INTO t VALUES ('{'x' * 190}{i}');" for i in range(4_000))
    wide = [f"SELECT {', '.join(['a'] * 29)}, {i} FROM t LIMIT 5" for i in range(60)]
    with Sandbox(workers=1, limits=Limits(seconds=20)) as sandbox:
        jobs = [Job(Database("sqlite", script=f"{script}-- {i}"), "SELECT 1", "sqlite", wide) for i in range(10)]
        assert all(answer.execution.ok for answers in sandbox.judge(jobs) for answer in answers)


def test_a_large_task_that_waits_behind_a_hanging_one_moves_no_deadline() -> None:
    script = SCRIPT + "".join(f"INSERT INTO emp VALUES ({i}, '{'x' * 5_000}', 9);" for i in range(10, 400))
    with Sandbox(workers=1, limits=Limits(seconds=0.5)) as sandbox:
        sandbox.judge([Job(Database("sqlite", script=SCRIPT), GOLD, "sqlite", [GOLD])])
        jobs = [Job(Database("sqlite", script=SCRIPT), GOLD, "sqlite", [ONE_OPCODE])]
        jobs += [Job(Database("sqlite", script=f"{script}-- {i}"), GOLD, "sqlite", [GOLD]) for i in range(12)]
        started = time.monotonic()
        (hung,), *others = sandbox.judge(jobs)
        assert hung.execution.status is Status.TIMEOUT
        assert hung.verdict.strict is False
        assert all(answer.verdict.strict for (answer,) in others)
        assert time.monotonic() - started < 10


def test_a_file_that_changes_between_two_jobs_of_one_call_ends_nothing(tmp_path: Path) -> None:
    path = tmp_path / "emp.sqlite"
    file = sqlite3.connect(path)
    file.executescript(SCRIPT)
    file.close()
    database = Database("sqlite", path=str(path))

    class Touching(list[str]):
        def __iter__(self) -> Iterator[str]:
            os.utime(path, (1, 1))
            return super().__iter__()

    with Sandbox(workers=1) as sandbox:
        jobs = [
            Job(database, GOLD, "sqlite", [GOLD]),
            Job(database, "SELECT name FROM emp WHERE salary = 2", "sqlite", Touching([GOLD])),
        ]
        (right,), (wrong,) = sandbox.judge(jobs)
    assert (right.verdict.strict, wrong.verdict.strict) == (True, False)


def test_candidates_of_a_gold_that_does_not_finish_get_no_more_time_for_it(sandbox: Sandbox) -> None:
    started = time.monotonic()
    judge(sandbox, RUNAWAY, gold=RUNAWAY.replace("count", "max"), seconds=0.3, steps=10_000_000)
    assert time.monotonic() - started < 1.5 + 0.3 + 2


def test_a_sandbox_given_to_an_environment_keeps_its_limits() -> None:
    example = Example("1", "?", Database("sqlite", script=SCRIPT), "", "emp", "SELECT 1", "sqlite")
    with Sandbox(workers=1, limits=Limits(rows=2)) as own, SqlEnv([example], own) as env:
        assert env.play("1", "SELECT id FROM emp").execution.status is Status.TOO_MANY_ROWS
