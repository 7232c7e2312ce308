"""The admission gate over whole datasets: does every gold that is kept score the top as its own answer?

    python -m benchmarks.admission [--data FOLDER] [--twins] [--show 5]

FOLDER (else the environment variable TEXT2SQL_DATA) holds `spider_train/`, `geoquery/`, `defog/` and `duckdb_nsql/`;
one that is missing is left out by name. Every split is looked at, nothing comes from a cache. `--show` prints so many
quarantined rows of each cause with their golds. Exit status 1 when a kept gold scores below the top, an empty answer
wins, or a row is in quarantine without a reason.
"""

import argparse
import os
import sys
from pathlib import Path

from envs.sandbox import Sandbox
from rewards.admission_report import Report
from rewards.validate import loaded, validate

SETS = {"spider": "spider_train", "geoquery": "geoquery", "defog": "defog", "duckdb_nsql": "duckdb_nsql"}
"""Task -> its folder."""
COLUMNS = ("rows", "kept", "quarantined", "below top", "silence", "strangers", "nothing", "seconds")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=os.environ.get("TEXT2SQL_DATA"))
    parser.add_argument("--twins", action="store_true", help="try right answers on fuzzed copies of the database too")
    parser.add_argument("--show", type=int, default=0, help="quarantined rows of each cause to print")
    given = parser.parse_args()
    if given.data is None:
        parser.error(f"no data: give --data or set TEXT2SQL_DATA to the folder that holds {', '.join(SETS.values())}")
    reports: dict[str, Report] = {}
    for task, folder in SETS.items():
        path = Path(given.data) / folder
        if not path.is_dir():
            print(f"{task} is left out: there is no folder {path}", file=sys.stderr)
            continue
        with Sandbox() as sandbox:
            reports[task] = validate(loaded(task, "all", str(path), None), sandbox, given.twins)
    if not reports:
        parser.error(f"{given.data} holds none of {', '.join(SETS.values())}")
    print(" " * 12 + "".join(f"{name:>12}" for name in COLUMNS))
    for task, report in reports.items():
        print(f"{task:12}" + "".join(f"{figure:>12}" for figure in figures(report)))
    for task, report in reports.items():
        print(f"\n{task}: {report.cost}")
        if given.twins:
            print(f"  {len(report.tried):,} kept golds have twins to try on; {len(report.refuted):,} wins refuted")
        for cause, rows in report.causes.items():
            print(f"  {len(rows):6,} {cause}")
            show(report, rows[: given.show])
        for kind, rows in report.notes.items():
            print(f"  {len(rows):6,} noted: {kind}")
        for mode, (won, of) in report.modes.items():
            print(f"  {won:6,} of {of:,} golds win in mode {mode}")
    reasoned = all(reason for report in reports.values() for _, reason in report.admission.quarantined)
    return 0 if reasoned and all(report.sound for report in reports.values()) else 1


def figures(report: Report) -> list[str]:
    """The row of a dataset, in the order of COLUMNS."""
    nothing = sum(rollout.verdict.vacuous for rollout in report.golds)
    counts = (
        *(len(report.examples), len(report.admission.kept), len(report.admission.quarantined)),
        *(len(report.below), len(report.speaking), len(report.matches), nothing),
    )
    return [*(f"{count:,}" for count in counts), f"{report.cost.gate:.1f}"]


def show(report: Report, rows: list[tuple[str, str]]) -> None:
    golds = {example.id: example.gold_sql for example in report.examples}
    for id, reason in rows:
        print(f"         {id}: {reason}\n           {' '.join(golds[id].split())}")


if __name__ == "__main__":
    sys.exit(main())
