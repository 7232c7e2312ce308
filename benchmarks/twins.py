"""Do twins tell a wrong query from a right one? Predictions of nine systems, on twins made from each original database.

    python -m benchmarks.twins [--data FOLDER] [--count 6] [--seed 0] [--any_gold] [--file predictions_labeled.jsonl]

FOLDER (else the environment variable TEXT2SQL_DATA) holds `spider_dev_open/`. Rows that match on the original database
(`ex`) are run beside their gold on its twins and compared as Spider's evaluator does (`envs.spider`). Those that the
distilled test suite calls wrong (`ts` 0) should be caught, those that it calls right should not be flagged; the suite
itself is never read. `--any_gold` uses twins made without looking at the gold. Exit status 1 below 80% caught or above
0.5% flagged.
"""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from envs import spider
from envs.engines import NoDatabase, Result, load
from envs.example import Database
from envs.execution import Status
from envs.twins.profile import profile
from envs.twins.records import Profile, Twin
from envs.twins.selection import choose, fitting

SECONDS, ROWS = 5.0, 100_000
CAUGHT, FLAGGED = 0.8, 0.005
"""The bars: share of accidental matches refuted at least, share of right queries refuted at most."""


class Runs:
    """Runs queries on scripts, and keeps count of the seconds that takes."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self, script: str, sqls: Sequence[str]) -> list[Result]:
        started = perf_counter()
        try:
            connection = load("sqlite").open_database(Database("sqlite", script=script))
        except NoDatabase as error:
            return [Result(Status.NO_DATABASE, message=str(error)) for _ in sqls]
        try:
            return [connection.execute(sql, SECONDS, ROWS) for sql in sqls]
        finally:
            connection.close()
            self.seconds += perf_counter() - started


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=os.environ.get("TEXT2SQL_DATA"))
    parser.add_argument("--count", type=int, default=6, help="twins of each gold")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--any_gold", action="store_true", help="twins made without looking at the gold")
    parser.add_argument("--file", default="predictions_labeled.jsonl")
    parser.add_argument("--show", action="store_true", help="print every row missed or flagged")
    arguments = parser.parse_args()
    if arguments.data is None:
        parser.error("no data: give --data or set TEXT2SQL_DATA to the folder that holds spider_dev_open/")
    folder = Path(arguments.data) / "spider_dev_open"
    questions = {row["dev_idx"]: row for row in json.loads((folder / "questions.json").read_text())}
    rows = [row for line in (folder / arguments.file).open() if (row := json.loads(line))["ex"]]
    profiles = {name: _profile(folder, name) for name in sorted({q["db_id"] for q in questions.values()})}
    run, make = Runs(), fitting if arguments.any_gold else choose
    twins: dict[tuple[str, str], list[Twin]] = {}
    started = perf_counter()
    for question in (questions[_index(row)] for row in rows):
        key = question["db_id"], spider.as_evaluated(question["query"], False)
        if key not in twins:
            twins[key] = make(profiles[key[0]], key[1], "sqlite", "sqlite", run, arguments.count, arguments.seed)
    making, executing = perf_counter() - started - run.seconds, run.seconds
    counts: Counter[tuple[int, bool]] = Counter()
    for row in rows:
        question = questions[_index(row)]
        gold = spider.as_evaluated(question["query"], False)
        refuted = any(_refuted(twin, gold, row["pred"], run) for twin in twins[question["db_id"], gold])
        counts[row["ts"], refuted] += 1
        if arguments.show and refuted == row["ts"]:
            print(f"{'flagged' if refuted else 'missed'}: {question['db_id']}\n  {gold}\n  {row['pred']}")
    wrong, right = counts[0, True] + counts[0, False], counts[1, True] + counts[1, False]
    caught, flagged = counts[0, True] / max(wrong, 1), counts[1, True] / max(right, 1)
    each = 1000 / max(len(twins), 1)
    print(f"{'':30} {'rows':>6} {'refuted':>8} {'share':>8}")
    print(f"{'accidental matches caught':30} {wrong:6,} {counts[0, True]:8,} {caught:8.2%}")
    print(f"{'right queries flagged':30} {right:6,} {counts[1, True]:8,} {flagged:8.2%}")
    print(f"{len(twins)} golds, {sum(map(len, twins.values())) / max(len(twins), 1):.2f} twins each")
    print(f"a gold: {making * each:.1f} ms to make and choose, {executing * each:.1f} ms of SQL")
    return 0 if caught >= CAUGHT and flagged <= FLAGGED else 1


def _index(row: dict[str, Any]) -> int:
    """The question of a row; where only its gold is known, the first question with that gold."""
    return row["dev_idx"] if "dev_idx" in row else row["dev_idx_candidates"][0]


def _profile(folder: Path, name: str) -> Profile:
    path = folder / "database" / name / f"{name}.sqlite"
    connection = load("sqlite").open_database(Database("sqlite", path=str(path)))
    try:
        return profile(connection)
    finally:
        connection.close()


def _refuted(twin: Twin, gold: str, prediction: str, run: Runs) -> bool:
    golden, found = run(twin.script, [gold, spider.as_evaluated(prediction, True)])
    if golden.status is not Status.OK:
        return False
    ordered = spider.order_matters(gold) and twin.ordered
    return found.status is not Status.OK or not spider.equal(golden.rows, found.rows, ordered)


if __name__ == "__main__":
    sys.exit(main())
