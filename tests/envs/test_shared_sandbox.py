"""One pool for several processes: the same verdicts, a turn for each, and nothing left behind by whoever is killed."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from envs.example import Database
from envs.execution import Limits, Status
from envs.sandbox import Job, Judged, Sandbox
from envs.sandbox.pool import Pool
from envs.sandbox.shared import Guest, Host
from envs.sandbox.side_by_side import SideBySide

LIMITS = Limits(seconds=0.5)
SCRIPT = "CREATE TABLE emp (id INTEGER PRIMARY KEY, name VARCHAR, salary INTEGER);" + "".join(
    f"INSERT INTO emp VALUES ({i}, 'n{i}', {i % 3});" for i in range(1, 8)
)
GOLD = "SELECT name FROM emp WHERE salary = 1"
RUNAWAY = "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT count(*) FROM r"
ONE_OPCODE = "SELECT instr(hex(zeroblob(4000000)), hex(zeroblob(2000000)) || '1')"
SQLS = [
    GOLD,
    f"{GOLD} ORDER BY id DESC",
    "SELECT name FROM emp",
    "SELECT x FROM emp",
    "SELECT x'00ff', 1e999, 'ü\ud800'",
    "DROP TABLE emp",
    "",
    RUNAWAY,
    ONE_OPCODE,
    f"{'SELECT 1 -- ' * 9000}a",
    f"{'SELECT 1 -- ' * 9000}b",
]


def job(*sqls: str, gold: str = GOLD, script: str = SCRIPT) -> Job:
    return Job(Database("sqlite", script=script), gold, "sqlite", sqls)


@pytest.fixture
def guests() -> Iterator[tuple[Sandbox, Sandbox]]:
    """Two sandboxes that a host with one worker serves over its socket."""
    pool = SideBySide(Pool(1, LIMITS))
    host = Host(pool, 2)
    with ExitStack() as stack:
        stack.callback(pool.close)
        stack.callback(host.close)
        yield tuple(stack.enter_context(Sandbox(limits=LIMITS, pool=Guest(host.path))) for _ in range(2))  # type: ignore[misc]


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def wait_until(what: Callable[[], bool], seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while not what() and time.monotonic() < deadline:
        time.sleep(0.02)
    return what()


def without_time(answers: list[list[Judged]]) -> list[list[Judged]]:
    return [[replace(one, execution=replace(one.execution, seconds=0.0)) for one in group] for group in answers]


def test_a_guest_is_told_what_a_sandbox_of_its_own_would_say(guests: tuple[Sandbox, Sandbox], tmp_path: Path) -> None:
    file = tmp_path / "none.sqlite"
    jobs = [
        replace(job(*SQLS), limits=Limits(seconds=2.0)),  # the runaway meets its limit of steps, on a slow machine too
        job(GOLD, gold="SELECT nme FROM emp"),
        job("DELETE FROM emp WHERE id < 4", "DELETE FROM emp", gold="DELETE FROM emp WHERE id <= 3"),
        Job(Database("sqlite", path=str(file)), GOLD, "sqlite", [GOLD]),
        Job(Database("duckdb", script=SCRIPT), GOLD, "duckdb", ["SELECT name FROM emp", GOLD], Limits(seconds=1.0)),
    ]
    with Sandbox(workers=1, limits=LIMITS) as own:
        expected = without_time(own.judge(jobs))
        assert without_time(guests[0].judge(jobs)) == expected
        assert guests[0].twins(jobs[:1]) == own.twins(jobs[:1]) != [[]]
        assert guests[0].schema_of(jobs[0].database) == own.schema_of(jobs[0].database)
        assert guests[0].confinement == own.confinement != {}
        assert guests[0].key(jobs[0]) == own.key(jobs[0])
        for one in (own, guests[0]):
            with pytest.raises(ValueError, match=r"none\.sqlite"):
                one.schema_of(jobs[3].database)
    assert {status for group in expected for status in (one.execution.status for one in group)} >= {
        Status.OK, Status.REJECTED, Status.TIMEOUT, Status.NO_SQL, Status.NO_DATABASE, Status.MISSING_COLUMN,
    }  # fmt: skip


def test_a_gold_that_one_guest_had_executed_is_kept_for_all(tmp_path: Path) -> None:
    pool = SideBySide(Pool(1, LIMITS))
    host = Host(pool, 1)
    with ExitStack() as stack:
        stack.callback(pool.close)
        stack.callback(host.close)
        guest = stack.enter_context(Sandbox(limits=LIMITS, cache=tmp_path, pool=Guest(host.path)))
        first = stack.enter_context(Sandbox(limits=LIMITS, cache=tmp_path, pool=pool))
        guest.judge([job(GOLD)])
        assert first.golds.find([first.key(job(GOLD))])


def test_a_small_request_does_not_wait_for_the_end_of_a_large_one(guests: tuple[Sandbox, Sandbox]) -> None:
    guests[0].judge([job(GOLD)])
    ended: dict[str, float] = {}

    def ask(name: str, sandbox: Sandbox, jobs: list[Job]) -> None:
        sandbox.judge(jobs)
        ended[name] = time.monotonic()

    slow = [job(RUNAWAY, script=f"{SCRIPT} -- {i}") for i in range(8)]
    large = threading.Thread(target=ask, args=("large", guests[0], slow))
    started = time.monotonic()
    large.start()
    time.sleep(0.3)
    ask("small", guests[1], [job(GOLD)])
    large.join()
    took = {name: at - started for name, at in ended.items()}
    assert took["small"] < 0.8 * took["large"], "it waits for what an executor was given already, and no longer"


def test_callers_that_come_all_at_once_each_get_their_own_answers(guests: tuple[Sandbox, Sandbox]) -> None:
    wrong: list[str] = []

    def ask(sandbox: Sandbox, salary: int) -> None:
        for turn in range(20):
            gold = f"SELECT name FROM emp WHERE salary = {salary} AND id <> {turn}"
            other = f"SELECT name FROM emp WHERE salary = {salary + 1}"
            ((right, false),) = sandbox.judge([job(gold, other, gold=gold)])
            if not (right.verdict.strict and right.sql == gold and false.sql == other and not false.verdict.strict):
                wrong.append(gold)

    threads = [threading.Thread(target=ask, args=(guests[i % 2], i % 2)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not wrong and not any(thread.is_alive() for thread in threads)


def test_a_closed_host_sends_its_guests_away_with_a_sentence(guests: tuple[Sandbox, Sandbox]) -> None:
    pool = SideBySide(Pool(1, Limits(seconds=30.0)))
    host = Host(pool, 1)
    assert oct(host.path.parent.stat().st_mode & 0o777) == "0o700"
    guest = Sandbox(limits=Limits(seconds=30.0), pool=Guest(host.path))
    assert wait_until(lambda: not host.path.parent.exists()), "nobody else is expected"
    told: list[Exception] = []

    def ask() -> None:
        try:
            guest.judge([job(ONE_OPCODE)])
        except Exception as error:
            told.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    assert wait_until(lambda: bool(pool.executors))
    pids = pool.pids
    pool.close()
    host.close()
    thread.join(10)
    assert [type(error) for error in told] == [RuntimeError]
    with pytest.raises(RuntimeError, match="has ended"):
        guest.judge([job(GOLD)])
    assert wait_until(lambda: all(gone(pid) for pid in pids))
    guest.close()
    with pytest.raises(ValueError, match="closed"):
        guest.judge([job(GOLD)])


HOST = """
import sys, time
from envs.execution import Limits
from envs.sandbox import Sandbox
from envs.sandbox.pool import Pool
from envs.sandbox.shared import Host
from envs.sandbox.side_by_side import SideBySide
from tests_job import job, GOLD
pool = SideBySide(Pool(3, Limits(seconds=30.0)))
sandbox = Sandbox(pool=pool)
sandbox.judge([job(GOLD)])
print(Host(pool, int(sys.argv[1])).path, *pool.pids, flush=True)
time.sleep(600)
"""
GUEST = """
import sys
from pathlib import Path
from envs.execution import Limits
from envs.sandbox import Sandbox
from envs.sandbox.shared import Guest
from tests_job import job, GOLD, HANGING
sandbox = Sandbox(limits=Limits(seconds=30.0), pool=Guest(Path(sys.argv[1])))
sandbox.judge([job(GOLD)])
print("asked", flush=True)
sandbox.judge([job(HANGING, GOLD)])
"""
SHARED = """
from envs.example import Database
from envs.sandbox import Job
SCRIPT, GOLD, HANGING = {0!r}, {1!r}, {2!r}
def job(*sqls):
    return Job(Database("sqlite", script=SCRIPT), GOLD, "sqlite", sqls)
"""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[object]:
    """Starts one of the scripts above and returns it with the words it says first; all are killed in the end."""
    (tmp_path / "tests_job.py").write_text(SHARED.format(SCRIPT, GOLD, ONE_OPCODE))
    root = Path(__file__).parent.parent.parent
    paths = os.pathsep.join([str(root), str(tmp_path)])
    started: list[subprocess.Popen[str]] = []

    def start(script: str, *arguments: object) -> tuple[subprocess.Popen[str], list[str]]:
        process = subprocess.Popen(
            [sys.executable, "-c", script, *map(str, arguments)],
            env=os.environ | {"PYTHONPATH": paths}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        started.append(process)
        assert process.stdout is not None
        return process, process.stdout.readline().split()

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_where_the_host_is_killed_its_guests_end_with_a_sentence_and_nothing_is_left(start) -> None:
    host, (path, *pids) = start(HOST, 2)
    first, _ = start(GUEST, path)
    second, _ = start(GUEST, path)
    assert not Path(path).parent.exists(), "all guests are in"
    time.sleep(0.3)
    host.kill()
    for guest in (first, second):
        _, told = guest.communicate(timeout=10)
        assert guest.returncode == 1
        assert "the process that runs the sandbox of this machine has ended" in told.strip().splitlines()[-1]
    assert wait_until(lambda: all(gone(int(pid)) for pid in pids))


def test_where_the_host_is_killed_before_its_guests_come_they_say_so_and_clear_up(start) -> None:
    host, (path, *_) = start(HOST, 1)
    host.kill()
    host.wait()
    assert Path(path).exists()
    with pytest.raises(RuntimeError, match="does not answer"):
        Guest(Path(path))
    assert not Path(path).parent.exists()


def test_a_guest_that_is_killed_in_the_middle_harms_nobody(start) -> None:
    pool = SideBySide(Pool(2, LIMITS))
    host = Host(pool, 2)
    with ExitStack() as stack:
        stack.callback(pool.close)
        stack.callback(host.close)
        other = stack.enter_context(Sandbox(limits=LIMITS, pool=Guest(host.path)))
        guest, _ = start(GUEST, host.path)
        time.sleep(0.3)
        guest.kill()
        guest.wait()
        ((right, wrong),) = other.judge([job(GOLD, "SELECT 1")])
        assert right.verdict.strict is True and wrong.verdict.strict is False
        assert not host.path.parent.exists()
