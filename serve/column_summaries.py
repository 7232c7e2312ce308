"""Let a model say in one sentence what each column of a database holds; prompts show it with schema_notes: summaries.

    python -m serve.column_summaries --database shop.sqlite --policy gpt-4o-mini --server_url https://api.openai.com/v1
    python -m serve.column_summaries --database shop.sqlite --policy NAME --server_url http://127.0.0.1:8000/v1 \\
        --most_tokens 50000
    python -m eval.generate --policy P --task spider --task_path data/spider --schema_notes summaries

The model is shown the schema and what a look at the data found of the column (`python -m envs.profile`): its values,
five of them at most, leave this machine unless the server is on it. One line a column is appended to the cache as it is
answered, beside the profile and for this very file; the same command goes on where it was left. Where the database
changes it has to be asked anew. Exit code 75: the server wants to be asked another time.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from envs.catalogue import Catalogue, Column, Table
from envs.database_files import ENGINES
from envs.example import Database
from envs.profile import profile
from envs.profile.enriched import enriched
from envs.profile.records import ColumnFacts, DatabaseFacts
from envs.profile.summaries import read_file, summaries_file
from envs.schema_styles import written
from envs.sentence_parser import SentenceParser
from policy.config_error import ConfigError, exit_with_sentence
from policy.endpoint import options
from policy.endpoint.address import checked
from policy.endpoint.ask import LATER, ask, sent_beside
from policy.endpoint.client import Reply
from policy.endpoint.known import expect
from policy.endpoint.wish import Manner, Wish, wish_of
from policy.run_folder import append_json
from policy.sample_lines import cut_torn_line
from policy.sole_run import hold_output

LENGTH = 160
"""Characters of a summary that are kept."""
SYSTEM = (
    "Here is the schema of a database. Say in one short sentence what the column that is named holds, for somebody who "
    "has to write queries. Write the sentence alone.\n\n{schema}"
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A `policy.endpoint.asker.Keeper`: a line a column; an empty answer is kept too, and says nothing."""

    file: Path
    model: str

    def keep(self, wish: Wish, reply: Reply, requests: int) -> None:
        self._append(wish, summary_of(reply.completion), {"spent": reply.usage["total_tokens"], "requests": requests})

    def refuse(self, wish: Wish, told: str, requests: int) -> None:
        self._append(wish, "", {"spent": 0, "requests": requests, "refused": told})

    def _append(self, wish: Wish, summary: str, more: dict[str, Any]) -> None:
        table, column = json.loads(wish.example)
        append_json(self.file, {"table": table, "column": column, "summary": summary, "model": self.model} | more)


def summary_of(completion: str) -> str:
    """The first line that says something, without what would end a comment of a schema or read like its samples."""
    line = next((one.strip() for one in completion.splitlines() if one.strip()), "")
    line = " ".join(line.replace("e.g. ", "such as ").split())
    return line if len(line) <= LENGTH else line[:LENGTH].rpartition(" ")[0]


def parser() -> SentenceParser:
    described = SentenceParser(
        prog="python -m serve.column_summaries",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = described.add_argument
    add("--database", required=True, type=Path, metavar="FILE", help=f"a file that ends in {', '.join(ENGINES)}")
    add("--policy", required=True, metavar="MODEL", help="a model's name at the endpoint")
    add("--server_url", required=True, metavar="URL", help="the base of an OpenAI-compatible API; most end in /v1")
    add("--max_new_tokens", type=int, default=64, metavar="N", help="of a sentence (default 64)")
    options.add_options(described)
    return described


def main(argv: Sequence[str]) -> int:
    asked = parser().parse_args(argv)
    options.check(asked)
    if asked.max_new_tokens < 1:
        raise ConfigError(f"--max_new_tokens is {asked.max_new_tokens}; it must be at least 1")
    database = _database(asked.database)
    url = checked(asked.server_url, "--server_url")
    manner = Manner(asked.policy, 0.0, asked.max_new_tokens, asked.request)
    try:
        catalogue, facts = profile(database)
        file = summaries_file(database)
    except ValueError as error:
        raise ConfigError(f"{asked.database} cannot be read: {error}") from error
    hold_output(file, "asking for summaries")
    cut_torn_line(file)
    done, before = (
        read_file(file),
        # a line that a person wrote cost nothing
        [json.loads(line).get("spent", 0) for line in file.read_text(encoding="utf-8").split("\n") if line],
    )
    wanted = [(t, c) for t in catalogue.tables if not t.is_view for c in t.columns if (t.plain, c.plain) not in done]
    expect(asked, url, manner)
    wishes = _wishes(wanted, catalogue, facts, asked.max_new_tokens)
    asker = asyncio.run(ask(asked, url, manner, wishes, len(wanted), Kept(file, asked.policy), file, sum(before)))
    left = len(wanted) - (len(read_file(file)) - len(done))
    told = f"{len(wanted) - left:,} columns summarised now, {len(done):,} before, {left:,} to go: {file}"
    if asker.halt.why and asker.halt.how == "failed":
        raise ConfigError(f"{asker.halt.why}. {told}. Once that is mended the same command goes on")
    print(told + (f". Stopped: {asker.halt.why}. The same command goes on" if asker.halt.why else ""), flush=True)
    if not left:
        sent_beside(file).unlink(missing_ok=True)
    return LATER if left and asker.halt.how == "later" else 0


def _database(file: Path) -> Database:
    if not file.is_file():
        raise ConfigError(f"there is no file at {file}")
    if (engine := ENGINES.get(file.suffix.lower())) is None:
        raise ConfigError(f"{file} ends in none of {', '.join(ENGINES)}, so its engine is unknown")
    return Database(engine, path=str(file.resolve()))


def _wishes(
    wanted: Sequence[tuple[Table, Column]], catalogue: Catalogue, facts: DatabaseFacts, most: int
) -> Iterator[Wish]:
    system = {"role": "system", "content": SYSTEM.format(schema=written(enriched(catalogue, facts)))}
    found = {(t.name.lower(), c.name.lower()): c for t in facts.tables for c in t.columns}
    for table, column in wanted:
        told = f"Table {table.name}, column {column.name}. {_known(found.get((table.plain, column.plain)))}".strip()
        name = json.dumps([table.plain, column.plain])
        yield wish_of(name, 0, [system, {"role": "user", "content": told}], 0, most)


def _known(facts: ColumnFacts | None) -> str:
    """What the look at the data found, in words."""
    if facts is None or facts.unread:
        return ""
    parts = [f"{facts.distinct:,} different values, {facts.nulls:,} nulls"]
    if facts.low is not None:
        parts.append(f"from {facts.low} to {facts.high}")
    if facts.top:
        parts.append("most often " + ", ".join(str(value)[:LENGTH] for value, _ in facts.top))
    return "; ".join(parts) + "."


if __name__ == "__main__":
    with exit_with_sentence():
        raise SystemExit(main(sys.argv[1:]))
