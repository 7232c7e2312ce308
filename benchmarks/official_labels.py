"""Do the `spider` and `bird` verdicts say what the official evaluators said? Every label of nine systems' predictions.

    python -m benchmarks.official_labels [--data FOLDER] [--workers 2] [--original_only]

FOLDER (else the environment variable TEXT2SQL_DATA) holds `spider_dev_open/`: questions, `predictions_labeled.jsonl`
with labels by the official functions, one original database a schema, and the databases of the test suite. `ex` and
`bird_ex` are about the original database, `ts` asks for `spider` on every database of the suite. Exit status 1 when a
label is missed.
"""

import argparse
import json
import os
import sys
from collections import defaultdict
from pathlib import Path
from time import monotonic
from typing import Any

from envs.example import Database
from envs.execution import Limits
from envs.sandbox import Job, Judged, Sandbox

LIMITS = Limits(seconds=30.0, rows=1_000_000)
BATCH = 400
"""Jobs handed over at once."""
Record = dict[str, Any]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=os.environ.get("TEXT2SQL_DATA"))
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--original_only", action="store_true", help="leave out ts, which takes most of the time")
    arguments = parser.parse_args()
    if arguments.data is None:
        parser.error("no data: give --data or set TEXT2SQL_DATA to the folder that holds spider_dev_open/")
    folder = Path(arguments.data) / "spider_dev_open"
    golds = {row["dev_idx"]: row["query"] for row in json.loads((folder / "questions.json").read_text())}
    rows: list[Record] = [json.loads(line) for line in (folder / "predictions_labeled.jsonl").open()]
    started = monotonic()
    with Sandbox(workers=arguments.workers, limits=LIMITS) as sandbox:
        found = {"ex": _original(sandbox, folder, golds, rows, "spider")}
        found["bird_ex"] = _original(sandbox, folder, golds, rows, "bird")
        if not arguments.original_only:
            found["ts"] = _suite(sandbox, folder, golds, rows)
    missed = 0
    for label, verdicts in found.items():
        wrong = [
            row for row, verdict in zip(rows, verdicts, strict=True) if verdict is None or verdict != bool(row[label])
        ]
        missed += len(wrong)
        for row in wrong:
            print(f"{label} is {row[label]}: question {row['dev_idx']}, {row['system']}: {row['pred']}")
    print(f"\n{'label':8} {'rows':>6} {'agree':>6} {'agreement':>10}")
    for label, verdicts in found.items():
        agree = sum(
            verdict is not None and verdict == bool(row[label]) for row, verdict in zip(rows, verdicts, strict=True)
        )
        print(f"{label:8} {len(rows):6,} {agree:6,} {agree / len(rows):10.2%}")
    print(f"{monotonic() - started:.1f} seconds")
    return 1 if missed else 0


def _original(
    sandbox: Sandbox, folder: Path, golds: dict[int, str], rows: list[Record], mode: str
) -> list[bool | None]:
    databases = {row["db_id"]: [folder / "database" / row["db_id"] / f"{row['db_id']}.sqlite"] for row in rows}
    judged = _judged(sandbox, databases, golds, rows)
    return [getattr(judged[row["dev_idx"], row["pred"]][0].verdict, mode) for row in rows]


def _suite(sandbox: Sandbox, folder: Path, golds: dict[int, str], rows: list[Record]) -> list[bool | None]:
    databases = {row["db_id"]: sorted((folder / "testsuite" / row["db_id"]).glob("*.sqlite")) for row in rows}
    judged = _judged(sandbox, databases, golds, rows)
    found: list[bool | None] = []
    for row in rows:
        verdicts = [one.verdict.spider for one in judged[row["dev_idx"], row["pred"]]]
        found.append(None if None in verdicts else all(verdicts))
    return found


def _judged(
    sandbox: Sandbox, databases: dict[str, list[Path]], golds: dict[int, str], rows: list[Record]
) -> dict[tuple[int, str], list[Judged]]:
    """Every prediction on every database of its schema, by question and text; one job a question and database."""
    asked: defaultdict[tuple[str, int], dict[str, None]] = defaultdict(dict)
    for row in rows:
        asked[row["db_id"], row["dev_idx"]][row["pred"]] = None
    jobs = [
        (question, Job(Database("sqlite", path=str(path)), golds[question], "sqlite", list(texts)))
        for (schema, question), texts in asked.items()
        for path in databases[schema]
    ]
    found: defaultdict[tuple[int, str], list[Judged]] = defaultdict(list)
    for start in range(0, len(jobs), BATCH):
        batch = jobs[start : start + BATCH]
        for (question, _), answers in zip(batch, sandbox.judge([job for _, job in batch]), strict=True):
            for answer in answers:
                found[question, answer.sql].append(answer)
        if sys.stderr.isatty():
            print(f"{start + len(batch):,} of {len(jobs):,} jobs", end="\r", file=sys.stderr)
    return found


if __name__ == "__main__":
    sys.exit(main())
