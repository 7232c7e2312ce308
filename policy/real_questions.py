"""Questions that people asked of real schemas, for pretraining: Spider's train split, BIRD's, and a sample of SynSQL.

The folder is not in the repository; it is laid out so, and what is missing in it is left out:

- `spider_train/`: Spider (Yu et al., 2018) as `envs.tasks.spider` reads it, with the paraphrases of Spider-Syn (Gan et
  al., 2021) beside its questions. Only the task's own `train` split is read: its other databases stay unseen.
- `bird_train_ddl_only/*.parquet`: BIRD (Li et al., 2023), its schemas without rows.
- `synsql_1000_ddl_only/*.parquet`: 1,000 items of SynSQL-2.5M (Li et al., 2025), likewise.

A gold that does not compile on its schema is left out, and so is one too long for a small policy.
"""

# pyright: reportMissingTypeStubs=false
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (apsw's stubs name typing.Buffer, which Python 3.11 does not have; pyarrow has no stubs)

import json
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw

from envs import tasks
from envs.example import Database
from envs.schema import schema_of, statements
from policy.plain_sql import NotPlain, plain
from policy.shown_schema import Table, tables, text

SOURCES = {"spider": "spider_train", "bird": "bird_train_ddl_only", "synsql": "synsql_1000_ddl_only"}
"""A source -> its folder."""
LONGEST_ANSWER = 320  # characters
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_IN_PROMPT = re.compile(r"Database Schema:\s*(CREATE .*?)\n\nExternal Knowledge", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in all its wordings, the schema it is about, and its answer as `plain_sql` spells it."""

    wordings: tuple[str, ...]
    evidence: str
    schema_id: str
    tables: tuple[Table, ...]
    sql: str


@dataclass(frozen=True, slots=True)
class Found:
    """What one source gave: its questions, and how many were left out for which reason."""

    asked: list[Asked]
    left_out: Counter[str] = field(default_factory=Counter[str])


def real_questions(data: str | Path) -> dict[str, Found]:
    """Source -> what it gave, for the sources that `data` holds. Raises FileNotFoundError when it holds none."""
    there = {name: Path(data) / folder for name, folder in SOURCES.items() if (Path(data) / folder).is_dir()}
    if not there:
        names = ", ".join(SOURCES.values())
        raise FileNotFoundError(f"{data} holds no real questions: none of {names} is a folder in it")
    return {name: _plain(_READERS[name](folder)) for name, folder in there.items()}


@dataclass(frozen=True, slots=True)
class _Raw:
    wordings: tuple[str, ...]
    evidence: str
    schema_id: str
    schema: str
    sql: str


def _plain(rows: Iterator[_Raw]) -> Found:
    found = Found([])
    opened: dict[str, tuple[tuple[Table, ...], dict[str, str], apsw.Connection]] = {}
    for row in rows:
        if row.schema not in opened:
            shown = tables(row.schema)
            names = {name.strip('"').lower(): name for table in shown for name in table.names()}
            empty = apsw.Connection(":memory:")
            if text(shown) == row.schema:
                empty.execute(row.schema)
            opened[row.schema] = (shown if text(shown) == row.schema else (), names, empty)
        shown, names, empty = opened[row.schema]
        if not shown:
            found.left_out["schema cannot be read"] += 1
            continue
        try:
            sql = plain(row.sql, names, empty)
        except NotPlain as error:
            found.left_out[str(error).split(":")[0]] += 1
            continue
        if len(sql) > LONGEST_ANSWER:
            found.left_out["answer too long"] += 1
            continue
        found.asked.append(Asked(row.wordings, row.evidence, row.schema_id, shown, sql))
    return found


def _spider(folder: Path) -> Iterator[_Raw]:
    """Rows of the task's train split; the paraphrase stands in the same row of the file."""
    written = json.loads((folder / "train_spider.json").read_text(encoding="utf-8"))
    for example in tasks.load("spider", "train", str(folder)):
        row = written[int(example.id.rpartition("-")[2]) - 1]
        wordings = dict.fromkeys((example.question, row.get("SpiderSynQuestion") or example.question))
        yield _Raw(tuple(wordings), example.evidence, example.schema_id, example.schema, example.gold_sql)


def _bird(folder: Path) -> Iterator[_Raw]:
    for row, schema in _with_schemas(folder, lambda row: row["schema"]):
        yield _Raw((row["question"],), row["evidence"] or "", row["db_id"], schema, row["SQL"])


def _synsql(folder: Path) -> Iterator[_Raw]:
    def script(row: Mapping[str, Any]) -> str:
        match = _IN_PROMPT.search(row["prompt"][-1]["content"])
        return match[1].replace(")\n\nCREATE", ");\n\nCREATE") if match else ""

    for row, schema in _with_schemas(folder, script):
        yield _Raw((row["question"],), row["external_knowledge"] or "", row["db_id"], schema, row["sql"])


def _with_schemas(folder: Path, script: Callable[[Mapping[str, Any]], str]) -> Iterator[tuple[dict[str, Any], str]]:
    """Each row of the folder's parquet files with its schema as the lab shows it, empty where it does not build."""
    import pyarrow.parquet as parquet

    schemas: dict[str, str] = {}
    for file in sorted(folder.glob("*.parquet")):
        for row in parquet.read_table(file).to_pylist():
            written = script(row)
            if written not in schemas:
                schemas[written] = _schema(written)
            yield row, schemas[written]


def _schema(script: str) -> str:
    """The schema that a script of CREATE TABLE builds in SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "database.sqlite"
        connection = apsw.Connection(str(path))
        for statement in statements(_COMMENT.sub("", script)):
            if "sqlite_sequence" not in statement:
                try:
                    connection.execute(statement)
                except apsw.Error:
                    continue
        connection.close()
        return schema_of(Database("sqlite", path=str(path)))


_READERS = {"spider": _spider, "bird": _bird, "synsql": _synsql}
