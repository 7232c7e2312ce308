"""Does the ruler sort known cases as they should be? Pairs of gold and answer with the class each belongs to.

    python -m benchmarks.comparator_cases --cases FOLDER [--engine sqlite|duckdb|both] [--twins]

FOLDER holds `*queries*.jsonl` (a first line with the `setup` script, then a case a line) and `*writes*.json` (`setup`
and `cases`); a case has `id`, `gold`, `pred`, `expected`. Classes: match, no, lenient, vacuous, ungradable, reject;
`engine` means that the two engines disagree, `match-here` is a match on this database. Exit status 1 when a case comes
out wrong.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from envs.completion import find_sql
from envs.example import Database, Engine
from envs.execution import Status
from envs.gate import QUERY, kind
from envs.sandbox import Job, Judged, Sandbox
from envs.twins.judge import TwinJudge

REJECTED = {Status.NO_SQL, Status.REJECTED, Status.FORBIDDEN, Status.TIMEOUT, Status.MEMORY, Status.CRASH}
FAILS = "fails"
"""The class of an answer that ended in an error."""
Case = dict[str, Any]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", type=Path, required=True)
    parser.add_argument("--engine", choices=["sqlite", "duckdb", "both"], default="both")
    parser.add_argument("--twins", action="store_true", help="ask the twins of the database too")
    arguments = parser.parse_args()
    engines: list[Engine] = ["sqlite", "duckdb"] if arguments.engine == "both" else [arguments.engine]
    cases = read_cases(arguments.cases)
    with Sandbox(workers=2) as sandbox:
        found = {engine: classes(sandbox, engine, cases, arguments.twins) for engine in engines}
    right: Counter[str] = Counter()
    for i, (_, case) in enumerate(cases):
        said: dict[Engine, str] = {engine: found[engine][i] for engine in engines}
        for engine in engines:
            if fits(case, said, engine):
                right[engine] += 1
            else:
                print(f"{engine}: {case['id']} should be {case['expected']}, is {said[engine]}: {case['pred']!r}")
    print(f"\n{'engine':8} {'cases':>6} {'right':>6}")
    for engine in engines:
        print(f"{engine:8} {len(cases):6} {right[engine]:6}")
    return 0 if all(right[engine] == len(cases) for engine in engines) else 1


def read_cases(folder: Path) -> list[tuple[str, Case]]:
    """The cases of a folder, each with the script of its database."""
    found: list[tuple[str, Case]] = []
    for file in sorted(folder.glob("*queries*.jsonl")):
        head, *rest = [json.loads(line) for line in file.open() if line.strip()]
        found += [(head["setup"], case) for case in rest]
    for file in sorted(folder.glob("*writes*.json")):
        content = json.loads(file.read_text())
        found += [(content["setup"], case) for case in content["cases"]]
    if not found:
        raise SystemExit(f"no cases in {folder}: it should hold *queries*.jsonl or *writes*.json")
    return found


def classes(sandbox: Sandbox, engine: Engine, cases: Sequence[tuple[str, Case]], twins: bool) -> list[str]:
    """The class of each case on one engine."""
    jobs = [
        Job(Database(engine, script=setup), case["gold"], engine, [find_sql(case["pred"])]) for setup, case in cases
    ]
    judged = [one for (one,) in sandbox.judge(jobs)]
    if twins:
        judge = TwinJudge(sandbox, "strict")
        judged = [one for (one,) in judge.judge(jobs, [[one] for one in judged])]
    return [class_of(one) for one in judged]


def class_of(judged: Judged) -> str:
    """What became of one answer, in the words of the cases."""
    verdict = judged.verdict
    if judged.gate or judged.execution.status in REJECTED:
        return "reject"
    if verdict.ungradable:
        return "ungradable"
    if judged.execution.status is not Status.OK:
        return FAILS
    if verdict.correct:
        return "vacuous" if verdict.vacuous or verdict.twins is False else "match"
    return "lenient" if verdict.lenient else "no"


def fits(case: Case, said: dict[Engine, str], engine: Engine) -> bool:
    """Whether the class found is the one expected; `said` is what each engine that was asked found."""
    expected = case["expected"]
    if expected == "engine":
        return len(said) == 1 or len(set(said.values())) > 1
    if expected == "lenient" and kind(case["gold"], engine) != QUERY:  # one engine's synonym is the other's own type
        return said[engine] in ("lenient", "match")
    if said[engine] == FAILS:  # what an engine cannot run is wrong, and what nobody may run is not run
        return expected in ("no", "reject")
    return said[engine] == ("match" if expected == "match-here" else expected)


if __name__ == "__main__":
    sys.exit(main())
