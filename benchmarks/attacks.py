"""Attack the sandbox, and see what gets through.

    python -m benchmarks.attacks --cases attacks.jsonl

Every attack of the file, and every long one made here, is judged on one shared sandbox: on a database built by a script
and on a file, as a candidate beside a query and beside a gold that writes. After each, an honest right answer must be
right and a wrong one wrong. The end is a table by class, and exit code 1 if anything got through. Linux only.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, sleep

from benchmarks._attack_cases import Attack, Engine, read
from benchmarks._attack_oracles import PROBE, RIGHT, WRONG, Bait, Scales
from benchmarks._long_attacks import long_attacks
from benchmarks._processes import adopt_orphans, left_over
from envs.example import Database
from envs.execution import Limits, Status
from envs.sandbox import Job, Judged, Sandbox

GOLDS = {
    "INSERT": "INSERT INTO emp VALUES (900, 'zed', 'x', 1)",
    "DELETE": "DELETE FROM emp WHERE id = 1",
    "UPDATE": "UPDATE emp SET sal = 0 WHERE id = 1",
    "CREATE TABLE": "CREATE TABLE extra (a INTEGER)",
    "CREATE VIEW": "CREATE VIEW extra AS SELECT 1 AS a",
    "DROP TABLE": "DROP TABLE sink",
}
"""A gold of the class of what an attack tries to write; INSERT for anything else."""
WRITES_RIGHT = "INSERT INTO emp SELECT 900, 'zed', 'x', 1"
WRITES_WRONG = "INSERT INTO emp SELECT 900, 'zed', 'x', {n}"


@dataclass
class Tally:
    attacks: int = 0
    through: int = 0
    crashes: int = 0
    overshoot: float = 0.0
    statuses: dict[Status, int] = field(default_factory=lambda: defaultdict[Status, int](int))


class Siege:
    """One shared sandbox, the bait around it, and the count of honest questions asked so far."""

    def __init__(self, seconds: float, tolerance: float) -> None:
        self.bait, self.limits, self.tolerance = Bait(), Limits(seconds=seconds), tolerance
        self.sandbox = Sandbox(workers=1, limits=self.limits)
        self.scales = Scales(self.sandbox)
        self.asked = 1
        self.idle: dict[tuple[Database, bool], float] = {}

    def attack(self, attack: Attack, database: Database, writes: bool) -> tuple[list[str], list[Judged], float]:
        """What got through, the answers, and how many seconds past its deadlines it took."""
        answers: list[Judged] = []
        found: list[str] = []
        over = 0.0
        self.probe(database, writes)  # what is lost with an executor is made again on nobody's time
        for sql in attack.statements:
            for statement in [sql, *carriers(sql, attack.engine)] if writes else [sql]:
                gold = GOLDS[write_class(statement)] if writes else PROBE.format(n=1)
                started = perf_counter()
                try:
                    ((one,),) = self.sandbox.judge([Job(database, gold, attack.engine, [statement])])
                except Exception as error:  # anything at all that a text can raise here ends a training
                    found.append(f"the sandbox raised {error!r}"[:200])
                    continue
                took = perf_counter() - started - self.idle[database, writes] - self.limits.seconds
                over = max(over, took)
                answers.append(one)
                if "the judge failed" in one.execution.message:
                    found.append(one.execution.message)
                if one.verdict.correct:
                    found.append("judged right")
        if over > self.tolerance:
            found.append(f"{over:.2f} s past the deadline")
        self.scales.weigh()
        if self.scales.peak > self.limits.memory:
            found.append(f"a process grew to {self.scales.peak >> 20} MiB")
        self.scales.peak = 0
        found += self.bait.leaks(answers) + self.bait.traces() + self.probe(database, writes)
        return found, answers, over

    def probe(self, database: Database, writes: bool) -> list[str]:
        """Ask an honest question in words not used before; what is wrong with the answers."""
        self.asked += 1
        jobs = [Job(database, PROBE.format(n=1), database.engine, [sql.format(n=self.asked) for sql in (RIGHT, WRONG)])]
        if writes:
            sqls = [WRITES_RIGHT, WRITES_WRONG.format(n=self.asked)]
            jobs.append(Job(database, GOLDS["INSERT"], database.engine, sqls))
        started = perf_counter()
        answers = [one for job in self.sandbox.judge(jobs) for one in job]
        took = perf_counter() - started
        self.idle[database, writes] = min(self.idle.get((database, writes), took), took)
        return [
            f"an honest answer was judged {one.verdict.correct} ({one.execution.status} {one.execution.message})"
            for one, right in zip(answers, [True, False] * len(jobs), strict=True)
            if one.verdict.correct is not right
        ]

    def unrepeatable(self, attacks: Sequence[Attack], engine: Engine) -> list[tuple[Attack, str]]:
        """Statements that two fresh sandboxes answer, and not with the same."""
        found: list[tuple[Attack, str]] = []
        sqls = [attack.statements[-1] for attack in attacks]
        for kind, database in self.bait.databases(engine).items():
            seen: list[list[Judged]] = []
            for wait, extra in ((0.0, 1), (1.1, 3)):  # another time, and another number of statements before it
                sleep(wait)
                with Sandbox(workers=1, limits=self.limits) as sandbox:
                    asked = [f"SELECT {i}" for i in range(extra)]
                    job = Job(database, PROBE.format(n=1), engine, [*asked, *sqls])
                    seen.append(sandbox.judge([job])[0][extra:])
            for attack, one, other in zip(attacks, *seen, strict=True):
                if (one.verdict, one.execution.sample) != (other.verdict, other.execution.sample):
                    told = f"{one.execution.sample} and then {other.execution.sample}"
                    found.append((attack, f"not the same twice on a {kind}: {told}"[:160]))
        return found

    def close(self) -> None:
        self.scales.close()
        self.sandbox.close()
        self.bait.close()


def write_class(sql: str) -> str:
    words = sql.upper().split()[:2]
    named = " ".join(words) if words[:1] in (["CREATE"], ["DROP"]) else "".join(words[:1])
    return named if named in GOLDS else "INSERT"


def carriers(sql: str, engine: Engine) -> list[str]:
    """Statements that may write, with a query inside."""
    if len(sql) > 50_000 or sql.lstrip()[:4].upper() not in ("SELE", "WITH", "FROM"):
        return []
    if engine == "sqlite":
        return [f"INSERT INTO sink {sql}"]
    return [f"INSERT INTO sink {sql}", f"INSERT INTO sink SELECT q::VARCHAR FROM ({sql}) q RETURNING a"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=Path, help="a file of attacks, one a line (see _attack_cases.py)")
    parser.add_argument("--seconds", type=float, default=0.5, help="what a statement may take")
    parser.add_argument("--tolerance", type=float, default=0.5, help="seconds past the deadline that are no finding")
    parser.add_argument("--only", default="", help="of these: ids, classes, engines; parted by commas")
    parser.add_argument("--modes", default="read,write", help="beside a query, beside a gold that writes")
    options = parser.parse_args()
    wanted = {word for word in options.only.split(",") if word}
    attacks = [*(read(options.cases) if options.cases else []), *long_attacks()]
    attacks = [one for one in attacks if not wanted or wanted & {one.id, one.category, one.engine}]
    adopt_orphans()
    siege = Siege(options.seconds, options.tolerance)
    table: dict[str, Tally] = defaultdict(Tally)
    through = 0
    try:
        for attack in attacks:
            attack = attack.filled(siege.bait.places)
            for kind, database in siege.bait.databases(attack.engine).items():
                for mode in options.modes.split(","):
                    found, answers, over = siege.attack(attack, database, mode == "write")
                    row = table[f"{attack.engine} {attack.category}"]
                    row.attacks += 1
                    row.through += bool(found)
                    row.overshoot = max(row.overshoot, over)
                    for one in answers:
                        row.statuses[one.execution.status] += 1
                    row.crashes = row.statuses.get(Status.CRASH, 0)
                    for what in found:
                        through += 1
                        print(f"{attack.engine} {attack.id} ({attack.note}) on a {kind}, {mode}: {what}", flush=True)
        for engine in ("sqlite", "duckdb"):
            changing = [one for one in attacks if one.engine == engine and one.category == "nondet"]
            for attack, what in siege.unrepeatable(changing, engine) if changing else []:
                through += 1
                table[f"{engine} nondet"].through += 1
                print(f"{engine} {attack.id} ({attack.note}): {what}", flush=True)
    finally:
        siege.close()
    for process in left_over():
        through += 1
        print(f"left over: process {process.pid}, {process.command}")
    show(table)
    print(f"{through} findings in {sum(row.attacks for row in table.values())} attacks")
    return 1 if through else 0


def show(table: dict[str, Tally]) -> None:
    print(f"{'class':24}{'attacks':>8}{'through':>8}{'crashes':>8}{'overshoot/s':>12}  endings")
    for name, row in sorted(table.items()):
        endings = ", ".join(f"{status} {count}" for status, count in sorted(row.statuses.items()))
        print(f"{name:24}{row.attacks:8}{row.through:8}{row.crashes:8}{max(row.overshoot, 0.0):12.2f}  {endings}")


if __name__ == "__main__":
    sys.exit(main())
