"""Kill the sandbox's processes at random while it judges: every completion must get its verdict, and the right one.

    python -m benchmarks.kills --completions 10000

A thread sends SIGKILL to a process of the pool every few milliseconds. A verdict may be missing (None) only where the
pool says that a statement, or a gold, was lost twice: such are counted, and there are at most half as many as kills.
Exit code 1 if a verdict is wrong or missing without that, or if a process is left over after the end. Linux only.
"""

import argparse
import os
import random
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from benchmarks._processes import Process, adopt_orphans, descendants, kill_descendant, left_over
from envs.example import Database, Engine
from envs.execution import Limits, Status
from envs.sandbox import Job, Judged, Sandbox

SCRIPT = "CREATE TABLE emp (id INTEGER, name VARCHAR, salary INTEGER); INSERT INTO emp VALUES " + ", ".join(
    f"({i}, 'n{i}', {i % 7})" for i in range(1, 50)
)
GOLD = "SELECT name FROM emp WHERE salary = {n}"
SLOW = (
    "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r WHERE x < {steps}) "
    "SELECT name FROM emp WHERE salary = {n} AND (SELECT count(*) FROM r) > 0"
)
ENDLESS = "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT count(*) FROM r"
STEPS: dict[Engine, int] = {"sqlite": 30_000, "duckdb": 100}
"""Of the slow query: some 10 ms."""
GROUP, JOBS = 8, 25
"""Completions of one gold, and golds handed over at once."""


@dataclass(frozen=True, slots=True)
class Known:
    """A completion whose verdict is known."""

    sql: str
    right: bool
    kind: str


def completions(engine: Engine, n: int, dice: random.Random, endless: float) -> list[Known]:
    """A group beside the gold of that number; `endless` is the share of queries that never end."""
    others = [
        Known(GOLD.format(n=n) + f" AND id < {dice.randrange(1000, 9999)}", True, "right"),
        Known(GOLD.format(n=n) + f" AND id < {dice.randrange(7)}", False, "wrong"),
        Known(f"SELECT nme{dice.randrange(99)} FROM emp", False, "failing"),
        Known("SELECT (", False, "failing"),
        Known(SLOW.format(steps=STEPS[engine] + dice.randrange(50), n=n), True, "slow"),
    ]
    group = [dice.choice(others) for _ in range(GROUP)]
    if dice.random() < endless * GROUP:
        group[dice.randrange(GROUP)] = Known(ENDLESS, False, "endless")
    return group


class Killer:
    """A thread that kills a random process of the sandbox, again and again.

    One that forks the others (a child of this process) is spared for `spared` seconds after the last of its kind: a
    start that takes longer than the time between two kills would never come to an end.
    """

    def __init__(self, sandbox: Sandbox, seed: int, every: Sequence[float], spared: float) -> None:
        self._sandbox, self._dice, self._every, self._spared = sandbox, random.Random(seed), every, spared
        self._done = threading.Event()
        self.killed = self.killed_first = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        last = float("-inf")
        while not self._done.wait(self._dice.uniform(*self._every)):
            pids = set(self._sandbox.pids)
            first = {process.pid for process in descendants() if process.parent == os.getpid()}
            if perf_counter() - last < self._spared:
                pids -= first
            if pids and kill_descendant(chosen := self._dice.choice(sorted(pids))):
                self.killed += 1
                if chosen in first:
                    self.killed_first += 1
                    last = perf_counter()

    def stop(self) -> None:
        self._done.set()
        self._thread.join()


def ending(known: Known, judged: Judged) -> str:
    """What became of one completion: "scored", "lost twice" (it, or its gold), or what is wrong."""
    if judged.sql != known.sql:
        return "WRONG: the answer to another question"
    if judged.verdict.correct is known.right:
        return "scored"
    if judged.verdict.correct is not None:
        if judged.execution.status is Status.TIMEOUT:
            return "WRONG: timed out"
        return f"WRONG: {judged.verdict.correct} ({judged.execution.status}, {judged.verdict.reason})"
    if "the judge failed" in judged.verdict.ungradable + judged.execution.message:
        return f"WRONG: {judged.verdict.ungradable or judged.execution.message}"
    if judged.execution.status is Status.CRASH:
        return "lost twice"
    if judged.execution.status is Status.NO_DATABASE:
        return f"lost twice, its gold: {judged.verdict.ungradable}"
    return f"WRONG: unscored ({judged.verdict.ungradable or judged.verdict.reason})"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--completions", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--every", type=float, nargs=2, default=(0.02, 0.2), help="seconds between two kills")
    parser.add_argument("--spared", type=float, default=2.0, help="seconds between two kills of what forks the others")
    parser.add_argument("--seconds", type=float, default=1.0, help="what a statement may take")
    parser.add_argument("--endless", type=float, default=0.001, help="share of queries that never end")
    parser.add_argument("--engines", nargs="+", choices=tuple(STEPS), default=list(STEPS))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    adopt_orphans()
    dice = random.Random(options.seed)
    endings: Counter[tuple[str, str]] = Counter()
    started = perf_counter()
    with Sandbox(workers=options.workers, limits=Limits(seconds=options.seconds)) as sandbox:
        killer = Killer(sandbox, options.seed + 1, options.every, options.spared)
        asked = losses = 0
        while asked < options.completions:
            groups: list[list[Known]] = []
            jobs: list[Job] = []
            for _ in range(min(JOBS, -(-(options.completions - asked) // GROUP))):
                engine: Engine = dice.choice(options.engines)
                n = dice.randrange(7)
                groups.append(completions(engine, n, dice, options.endless))
                database = Database(engine, script=SCRIPT)
                jobs.append(Job(database, GOLD.format(n=n), engine, [known.sql for known in groups[-1]]))
            for group, answers in zip(groups, sandbox.judge(jobs), strict=True):
                asked += len(group)
                lost = [judged.execution.status for judged in answers]
                losses += lost.count(Status.CRASH) + (Status.NO_DATABASE in lost)
                for known, judged in zip(group, answers, strict=True):
                    endings[ending(known, judged), known.kind] += 1
        killer.stop()
        took = perf_counter() - started
    left = left_over()
    show(endings, left)
    kills = f"{killer.killed} kills ({killer.killed_first} of what forks the others)"
    print(f"{asked} completions, {kills}, {took:.1f} s, {asked / took:.0f} completions/s")
    wrong = sum(count for (what, _), count in endings.items() if what.startswith("WRONG"))
    if 2 * losses > killer.killed:
        print(f"{losses} statements or golds lost twice, which takes more than {killer.killed} kills")
    return 1 if wrong or left or 2 * losses > killer.killed else 0


def show(endings: Counter[tuple[str, str]], left: Sequence[Process]) -> None:
    for (what, kind), count in sorted(endings.items()):
        print(f"{count:8}  {kind:8}  {what}")
    for process in left:
        print(f"left over: process {process.pid}, {process.command}")


if __name__ == "__main__":
    sys.exit(main())
