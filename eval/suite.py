"""A suite of databases beside each database of a task: right is what is right on all of them.

The test-suite accuracy of Zhong et al. (2020, arXiv:2010.02840): a query counts that has the gold's result on every
database of its schema's suite, by the rules of `spider` (taoyds/test-suite-sql-eval, evaluation.py with plug_value and
keep_distinct off).
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from envs.example import Database, Example
from envs.execution import Limits
from envs.sandbox import Job, Sandbox
from policy.config_error import ConfigError

LIMITS = Limits(seconds=30.0, rows=1_000_000)
"""The official evaluation has no limit on rows and 60 s on a query."""
SUFFIXES = (".sqlite", ".db", ".duckdb")

Key = tuple[str, str]
"""Example and query."""


class Suite:
    """`folder` holds a folder of databases for each schema: FOLDER/DB_ID/*.sqlite. What was judged once is remembered;
    `fingerprint` is of the databases' names and sizes, `lacking` are schemas without a suite. Raises ConfigError where
    it has none of the examples' schemas."""

    def __init__(self, folder: Path, examples: Iterable[Example], workers: int) -> None:
        self._examples = {one.id: one for one in examples}
        names = sorted({one.schema_id for one in self._examples.values()})
        self.databases = {name: files for name in names if (files := _files(folder / name))}
        if not self.databases:
            raise ConfigError(f"--suite {folder} has no folder of databases for {', '.join(names[:3])}: FOLDER/DB_ID/*")
        self.lacking = [name for name in names if name not in self.databases]
        files = [(name, file.name, file.stat().st_size) for name, some in self.databases.items() for file in some]
        self.fingerprint = hashlib.sha256(json.dumps(files).encode()).hexdigest()[:16]
        self._known: dict[Key, bool | None] = {}
        self._sandbox = Sandbox(workers, LIMITS)
        self._sandbox.allow({self._database(file) for files in self.databases.values() for file in files})

    def verdicts(self, asked: Sequence[Key]) -> Mapping[Key, bool | None]:
        """Of each (example, query); None where its schema has no suite, or a gold does not run on a database of it."""
        self.learn(asked)
        return {key: self._known[key] for key in asked}

    def learn(self, asked: Sequence[Key]) -> None:
        """Judge what is not known yet. Database by database, so that a query which is wrong on one is not executed on
        the others."""
        alive = {key: None for key in asked if key not in self._known}
        for key in alive:
            self._known[key] = True if self._examples[key[0]].schema_id in self.databases else None
        for at in range(max(map(len, self.databases.values()))):
            self._on_the(at, [key for key in alive if self._known[key]])

    def _on_the(self, at: int, keys: Sequence[Key]) -> None:
        """Judge on the database at that place of each suite, where there is one."""
        groups: dict[str, list[str]] = {}
        for name, sql in keys:
            if at < len(self.databases[self._examples[name].schema_id]):
                groups.setdefault(name, []).append(sql)
        jobs: list[Job] = []
        for name, sqls in groups.items():
            one = self._examples[name]
            database = self._database(self.databases[one.schema_id][at])
            jobs.append(Job(database, one.gold_sql, one.dialect, sqls))
        for name, answers in zip(groups, self._sandbox.judge(jobs), strict=True):
            for answer in answers:
                self._known[name, answer.sql] = answer.verdict.spider

    def _database(self, file: Path) -> Database:
        return Database("duckdb" if file.suffix == ".duckdb" else "sqlite", path=str(file.resolve()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._sandbox.close()


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.glob("*") if file.suffix in SUFFIXES) if folder.is_dir() else []
