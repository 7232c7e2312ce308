"""What judging costs: CPU per completion of the whole sandbox, beside a bare loop and BIRD's own way, in one run.

python -m benchmarks.throughput [--data FOLDER] [--engine sqlite|duckdb] [--workers 1] [--rounds 3]

Real predictions of nine systems (Spider dev, `predictions_labeled.jsonl`), in groups of nine a question. `fetch`: one
cached connection a database, execute and fetch, and no verdict. `bare`: the same with the least a judge must do, a
comparison of the rows with the cached gold's as multisets; no protection. `bird`: as BIRD's evaluator does it, a thread
with a time limit for each prediction that opens the file, runs prediction and gold, compares sets. `sandbox`: all
layers on, every mode compared, golds cached, the whole file in one call, so that groups which share a gold are one;
`one by one`: the same with one call a group. CPU is that of all processes together; rounds alternate. An executor
retires after 20,000 statements, which ends the measuring: three rounds are enough.
"""

import argparse
import json
import os
import sqlite3
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb

from benchmarks._spider_dev import Group, groups, scripted
from envs.sandbox import Job, Sandbox


def fetch(asked: list[Group], connections: dict[str, Any]) -> None:
    for group in asked:
        connection = connections[group.path]
        for sql in group.predictions:
            with suppress(sqlite3.Error, duckdb.Error):
                connection.execute(sql).fetchall()


def bare(asked: list[Group], connections: dict[str, Any], golds: dict[str, Counter[Any]]) -> list[bool]:
    found: list[bool] = []
    for group in asked:
        connection = connections[group.path]
        gold = golds.get(group.path + group.gold)
        for sql in group.predictions:
            try:
                found.append(Counter(connection.execute(sql).fetchall()) == gold)
            except (sqlite3.Error, duckdb.Error):
                found.append(False)
    return found


def bird(asked: list[Group]) -> None:
    """The rule and the shape of bird-bench/mini_dev evaluation_ex.py at 4d970a9, written anew."""

    def one(path: str, prediction: str, gold: str, found: list[bool]) -> None:
        connection = sqlite3.connect(path)
        try:
            cursor = connection.cursor()
            cursor.execute(prediction)
            answer = cursor.fetchall()
            cursor.execute(gold)
            found.append(set(answer) == set(cursor.fetchall()))
        except sqlite3.Error:
            found.append(False)
        finally:
            connection.close()

    for group in asked:
        for sql in group.predictions:
            found: list[bool] = []
            thread = threading.Thread(target=one, args=(group.path, sql, group.gold, found))
            thread.start()
            thread.join(30.0)


def cpu_of(pids: list[int]) -> float:
    """CPU seconds used so far by this process and these, all their threads."""
    used = time.process_time()
    for pid in pids:
        for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            used += int(task.read_text().split()[0]) / 1e9
    return used


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=os.environ.get("TEXT2SQL_DATA"))
    parser.add_argument("--engine", choices=("sqlite", "duckdb"), default="sqlite")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    if given.data is None:
        parser.error("no data: give --data or set TEXT2SQL_DATA to the folder that holds spider_dev_open/")
    asked = groups(Path(given.data) / "spider_dev_open")
    count = sum(len(group.predictions) for group in asked)
    paths = {group.path for group in asked}
    if given.engine == "sqlite":
        databases = {group.path: group.database for group in asked}
        connections: dict[str, Any] = {path: _reading(path) for path in paths}
    else:
        databases = {path: scripted(path) for path in paths}
        connections = {path: duckdb.connect(":memory:") for path in paths}
        for path, connection in connections.items():
            connection.execute(databases[path].script or "")
    golds: dict[str, Counter[Any]] = {}
    for group in asked:
        with suppress(sqlite3.Error, duckdb.Error):
            golds[group.path + group.gold] = Counter(connections[group.path].execute(group.gold).fetchall())
    ways: dict[str, Callable[[], object]] = {
        "bare": lambda: bare(asked, connections, golds),
        "fetch": lambda: fetch(asked, connections),
    }
    if given.engine == "sqlite":
        ways["bird"] = lambda: bird(asked)
    jobs = [Job(databases[g.path], g.gold, given.engine, g.predictions) for g in asked]
    with Sandbox(workers=given.workers) as sandbox:
        sandbox.judge(jobs)  # golds are cached from here on
        ways["sandbox"] = lambda: sandbox.judge(jobs)
        ways["one by one"] = lambda: [sandbox.judge([job]) for job in jobs]
        spent: dict[str, list[float]] = {name: [] for name in ways}
        walls: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(given.rounds):
            for name, way in ways.items():
                pids = sandbox.pids
                started, wall = cpu_of(pids), time.monotonic()
                way()
                spent[name].append((cpu_of(pids) - started) / count * 1e6)
                walls[name].append(time.monotonic() - wall)
                if name in ("sandbox", "one by one") and sandbox.pids != pids:
                    raise SystemExit("an executor was replaced, and its CPU with it: run this again")
    print(
        f"{count:,} completions in {len(asked)} groups, {given.engine}, {given.workers} worker(s), CPU us a completion"
    )
    print(f"{'':10}{'median':>8}{'lowest':>8}{'/ bare':>8}{'per s':>8}")
    ratio: dict[str, float] = {}
    for name, values in spent.items():
        middle = statistics.median(values)
        ratio[name] = statistics.median(a / b for a, b in zip(values, spent["bare"], strict=True))
        rate = count / statistics.median(walls[name])
        print(f"{name:10}{middle:8.1f}{min(values):8.1f}{ratio[name]:8.2f}{rate:8,.0f}")
    print(json.dumps({"engine": given.engine, "cpu_us": spent}))


def _reading(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    connection.text_factory = lambda b: b.decode(errors="replace")
    return connection


if __name__ == "__main__":
    main()
