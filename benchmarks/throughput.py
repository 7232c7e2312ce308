"""What judging costs: CPU per completion of the whole sandbox, beside a bare loop and beside BIRD's own way, in one run.

python -m benchmarks.throughput [--data FOLDER] [--engine sqlite|duckdb] [--workers 1] [--rounds 5]

Real predictions of nine systems (Spider dev, `predictions_labeled.jsonl`), in groups of nine a question. `bare`: one
cached connection a database, execute and fetch, no comparison, no protection. `bird`: as BIRD's evaluator does it, a
thread with a time limit for each prediction that opens the file, runs prediction and gold, compares sets. `sandbox`: all
layers on, every mode compared, golds cached. CPU is that of all processes together; rounds alternate.
"""

import argparse
import json
import os
import sqlite3
import statistics
import threading
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from benchmarks.spider_dev import Group, groups, scripted
from envs.sandbox import Job, Sandbox


def bare_sqlite(asked: list[Group]) -> None:
    connections: dict[str, sqlite3.Connection] = {}
    for group in asked:
        connection = connections.get(group.path) or connections.setdefault(group.path, _reading(group.path))
        for sql in group.predictions:
            try:
                connection.execute(sql).fetchall()
            except sqlite3.Error:
                pass


def bare_duckdb(asked: list[Group], connections: dict[str, duckdb.DuckDBPyConnection]) -> None:
    for group in asked:
        connection = connections[group.path]
        for sql in group.predictions:
            try:
                connection.execute(sql).fetchall()
            except duckdb.Error:
                pass


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
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("TEXT2SQL_DATA", ".")))
    parser.add_argument("--engine", choices=("sqlite", "duckdb"), default="sqlite")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    asked = groups(given.data / "spider_dev_open")
    count = sum(len(group.predictions) for group in asked)
    ways: dict[str, Callable[[], object]] = {}
    if given.engine == "sqlite":
        ways |= {"bare": lambda: bare_sqlite(asked), "bird": lambda: bird(asked)}
        databases = {group.path: group.database for group in asked}
    else:
        databases = {path: scripted(path) for path in {group.path for group in asked}}
        open_ones = {path: duckdb.connect(":memory:", config={"threads": 1}) for path in databases}
        for path, connection in open_ones.items():
            connection.execute(databases[path].script or "")
        ways["bare"] = lambda: bare_duckdb(asked, open_ones)
    jobs = [Job(databases[g.path], g.gold, given.engine, g.predictions) for g in asked]
    with Sandbox(workers=given.workers) as sandbox:
        sandbox.judge(jobs)  # golds are cached from here on
        ways["sandbox"] = lambda: sandbox.judge(jobs)
        spent: dict[str, list[float]] = {name: [] for name in ways}
        walls: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(given.rounds):
            for name, way in ways.items():
                pids = sandbox.pids
                started, wall = cpu_of(pids), time.monotonic()
                way()
                spent[name].append((cpu_of(pids) - started) / count * 1e6)
                walls[name].append(time.monotonic() - wall)
                if name == "sandbox" and sandbox.pids != pids:
                    print("an executor was replaced in this round: its CPU is not counted, the round does not count")
                    spent[name].pop()
    print(
        f"{count:,} completions in {len(asked)} groups, {given.engine}, {given.workers} worker(s), CPU us a completion"
    )
    print(f"{'':10}{'median':>8}{'lowest':>8}{'/ bare':>8}{'per s':>8}")
    ratio: dict[str, float] = {}
    for name, values in spent.items():
        middle = statistics.median(values)
        ratio[name] = statistics.median(a / b for a, b in zip(values, spent["bare"], strict=False))
        rate = count / statistics.median(walls[name])
        print(f"{name:10}{middle:8.1f}{min(values):8.1f}{ratio[name]:8.2f}{rate:8,.0f}")
    print(json.dumps({"engine": given.engine, "cpu_us": spent}))


def _reading(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    connection.text_factory = lambda b: b.decode(errors="replace")
    return connection


if __name__ == "__main__":
    main()
