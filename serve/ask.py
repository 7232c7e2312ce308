"""Ask a database in words.

    python -m serve.ask --policy policy/seedling --database shop.sqlite "How many customers are there?"
    python -m serve.ask --policy runs/NAME --database shop.duckdb                          # a conversation
    python -m serve.ask --policy gpt-4o-mini --server_url https://api.openai.com/v1 --database shop.sqlite

The policy is shown the tables, not the rows. Its query runs in the lab's sandbox, which only reads. --samples 8 has
eight queries written, and the result that most of them return is the answer; with --policy several times, or --prompt,
each writes an equal share of them, and --reward_model weighs their votes. A query that fails is shown its error once
and may be written again. --write runs a statement that writes on a copy and says what it would change; with --in_place
it is done to the file itself, once you have typed yes.

Exit status: 0 answered, 1 no answer, 2 bad input.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from envs.execution import Limits
from envs.prompt import STYLES
from envs.sentence_parser import SentenceParser
from policy.config_error import ConfigError, exit_with_sentence
from serve import terminal
from serve.asker import DEFAULT, LARGEST_SEED, ROWS, STEPS, TEMPERATURE, Asker
from serve.confirm import confirmed
from serve.conversation import converse
from serve.question import question_of
from serve.writer import Asking

LEAST_MEMORY = 512
"""MiB of address space with which an executor starts."""


def parser() -> SentenceParser:
    described = SentenceParser(
        prog="python -m serve.ask",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = described.add_argument
    add("question", nargs="?", help="in words; none begins a conversation")
    add(
        "--policy",
        required=True,
        action="append",
        metavar="P",
        help="runs/NAME, a folder with a model or an adapter, a name on the hub; or a model's name at --server_url. "
        "Several times: their queries vote together",
    )
    add("--database", required=True, type=Path, metavar="FILE", help="a SQLite or DuckDB file")
    add("--server_url", metavar="URL", help="an OpenAI-compatible endpoint; its key is in OPENAI_API_KEY")
    add("--samples", type=int, metavar="N", help="queries that vote by what they return (default one a policy: greedy)")
    add("--reward_model", metavar="R", help="runs/NAME or a folder: weighs the votes of what ran")
    add("--temperature", type=float, default=TEMPERATURE, metavar="T", help=f"of several (default {TEMPERATURE:g})")
    add("--seed", type=int, default=0, metavar="N", help="of the sampling (default 0)")
    add("--no_repair", action="store_true", help="do not show the policy the error of a query that fails")
    add("--tables", metavar="A,B", help="the only tables the policy is shown (default all)")
    add("--schema_tokens", type=int, metavar="N", help="show of a longer schema what the question needs (default: all)")
    add("--prompt", choices=STYLES, action="append", help="how it is asked (default: as in the run, else strict)")
    add("--max_new_tokens", type=int, metavar="N", help="of an answer (default: as in the run, else 256)")
    add("--write", action="store_true", help="run what writes on a copy, and say what it would change")
    add("--in_place", action="store_true", help="with --write: do it to the file itself, once you have typed yes")
    add("--seconds", type=float, default=DEFAULT.seconds, metavar="S", help="of one query (default %(default)g)")
    add("--limit_rows", type=int, default=DEFAULT.rows, metavar="N", help="of a result (default %(default)s)")
    add("--memory", type=int, default=DEFAULT.memory >> 20, metavar="MIB", help="of the sandbox (default %(default)s)")
    add("--rows", type=int, default=ROWS, metavar="N", help="rows that are shown (default %(default)s)")
    add("--json", action="store_true", help="one JSON object, for machines")
    return described


def main(argv: Sequence[str]) -> int:
    asked = parser().parse_args(argv)
    _check(asked)
    limits = Limits(asked.seconds, asked.limit_rows, asked.memory << 20, STEPS)
    if sys.stderr.isatty():
        print("loading the policy ...", file=sys.stderr, flush=True)
    with Asker(
        asked.policy,
        asked.database,
        samples=asked.samples,
        temperature=asked.temperature,
        repair=not asked.no_repair,
        write=asked.write,
        rows=asked.rows,
        limits=limits,
        tables=[name.strip() for name in asked.tables.split(",")] if asked.tables else None,
        schema_tokens=asked.schema_tokens,
        server_url=asked.server_url,
        asking=[Asking(prompt=style, max_new_tokens=asked.max_new_tokens) for style in asked.prompt or [None]],
        seed=asked.seed,
        reward_model=asked.reward_model,
    ) as asker:
        if asked.question is None:
            return converse(asker, terminal.console(), asked.in_place)
        answer = asker.ask(asked.question)
        if asked.json:
            print(json.dumps(answer.as_json()))
        else:
            shown_on = terminal.console()
            terminal.show(answer, shown_on)
            if asked.in_place and answer.changes and confirmed(asker.database.path):
                terminal.show(asker.apply(answer), shown_on)
        return 0 if answer.error is None else 1


def _check(asked: argparse.Namespace) -> None:
    """Raises ConfigError with the first option that cannot be used."""
    least = {"samples": 1, "seed": 0, "temperature": 0.01, "seconds": 0.01, "limit_rows": 1, "rows": 1}
    least |= {"memory": LEAST_MEMORY}
    most = {"samples": 64, "seed": LARGEST_SEED, "seconds": 600, "limit_rows": 1_000_000, "rows": 10_000}
    for key in least:
        value = getattr(asked, key)
        if value is not None and not least[key] <= value <= most.get(key, 1 << 20):
            raise ConfigError(f"--{key} is {value}; it must be {least[key]} to {most.get(key, 1 << 20):,}")
    for key in ("max_new_tokens", "schema_tokens"):
        if (value := getattr(asked, key)) is not None and value < 1:
            raise ConfigError(f"--{key} is {value}; it must be at least 1")
    if asked.question is not None:
        if not asked.question.strip():
            raise ConfigError("the question is empty; leave it out to begin a conversation")
        question_of(asked.question)
    if asked.tables is not None and not all(name.strip() for name in asked.tables.split(",")):
        raise ConfigError(f"--tables is {asked.tables!r}; name tables as A,B, or leave it out to show all")
    members = len(asked.policy) * len(asked.prompt or [None])
    if asked.samples is not None and asked.samples < members:
        raise ConfigError(f"--samples is {asked.samples}, and {members} policies or prompts write at least one each")
    if asked.json and asked.question is None:
        raise ConfigError("--json answers one question; write it on the command line")
    if asked.in_place and not asked.write:
        raise ConfigError("--in_place needs --write: the statement is tried on a copy first")
    if asked.in_place and (asked.json or not sys.stdin.isatty()):
        raise ConfigError("--in_place asks you to type yes, so it needs a terminal and no --json")


if __name__ == "__main__":
    with exit_with_sentence():
        raise SystemExit(main(sys.argv[1:]))
