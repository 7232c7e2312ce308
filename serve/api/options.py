"""What is asked of `python -m serve.api`, and whether it can be served."""

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from envs.prompt import STYLES
from envs.sentence_parser import SentenceParser
from policy.config_error import ConfigError
from serve.asker import DEFAULT, LARGEST_SEED, ROWS, TEMPERATURE

LOOPBACK = ("127.0.0.1", "localhost", "::1")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_BOUNDS: dict[str, tuple[float, float]] = {
    **{"port": (0, 65_535), "samples": (1, 16), "temperature": (0.01, 100), "max_new_tokens": (1, 1 << 20)},
    **{"schema_tokens": (1, 1 << 20), "seed": (0, LARGEST_SEED)},
    **{"seconds": (0.01, 600), "limit_rows": (1, 1_000_000), "memory": (512, 1 << 20), "rows": (1, 1_000)},
    **{"at_once": (1, 256), "most_waiting": (0, 10_000), "longest_wait": (0.01, 3_600), "most_seconds": (0.1, 3_600)},
    **{"patience": (0, 3_600), "cache": (0, 1_000_000), "cache_seconds": (1, 31_536_000), "workers": (1, 64)},
    **{"per_minute": (0, 1_000_000), "burst": (1, 1_000_000), "most_bytes": (1_000, 10_000_000), "slowest": (0.1, 600)},
}


@dataclass(frozen=True, slots=True)
class Options:
    """As on the command line; `databases` are files by the names they are asked by."""

    policy: str
    databases: dict[str, Path]
    server_url: str | None = None
    host: str = "127.0.0.1"
    port: int = 8080
    public: bool = False
    keys: Path | None = None
    samples: int = 1
    temperature: float = TEMPERATURE
    seed: int = 0
    no_repair: bool = False
    prompt: str | None = None
    max_new_tokens: int | None = None
    schema_tokens: int | None = None
    seconds: float = DEFAULT.seconds
    limit_rows: int = DEFAULT.rows
    memory: int = DEFAULT.memory >> 20
    rows: int = ROWS
    workers: int = 2
    at_once: int = 8
    most_waiting: int = 64
    longest_wait: float = 60.0
    most_seconds: float = 180.0
    patience: float = 60.0
    cache: int = 1_000
    cache_seconds: float = 3_600.0
    per_minute: int = 120
    burst: int = 30
    most_bytes: int = 65_536
    slowest: float = 10.0
    feedback: Path = Path("feedback.jsonl")


_HELP = {
    "host": "address to listen at; others than this machine's own need keys, or --public",
    "port": "0 takes a free one",
    "samples": "queries that vote, where a request does not say",
    "temperature": "of several",
    "seed": "of the sampling",
    "max_new_tokens": "of an answer (default: as in the run, else 256)",
    "schema_tokens": "of a schema with more (four characters each) show what the question needs (default: all of it)",
    "seconds": "of one query",
    "limit_rows": "of a result",
    "memory": "MiB of each process of the sandbox",
    "rows": "that are sent of a result",
    "workers": "processes of the sandbox",
    "at_once": "questions that are answered at once; a policy at hand writes for one at a time all the same",
    "most_waiting": "questions that wait for their turn; one more is refused with 503",
    "longest_wait": "seconds that one waits for its turn",
    "most_seconds": "that an answer may take once it has its turn",
    "patience": "seconds for which a model's server that is away is asked again",
    "cache": "answers that are kept; 0 keeps none",
    "cache_seconds": "that one is kept",
    "per_minute": "requests of one key, or of one address; 0 is no limit",
    "burst": "requests that one may send at once",
    "most_bytes": "of a request's body",
    "slowest": "seconds that a request's head, and its body, may take to arrive, and an answer may lie unread",
    "feedback": "file that opinions are appended to; python -m rl.pairs file reads it",
}


def parser(about: str) -> SentenceParser:
    described = SentenceParser(
        prog="python -m serve.api",
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = described.add_argument
    add("--policy", required=True, metavar="P", help="as python -m serve.ask takes it")
    told = "SQLite or DuckDB files; a file alone is called as it is, less its ending"
    add("--database", required=True, nargs="+", action="extend", metavar="NAME=FILE", help=told)
    add("--server_url", metavar="URL", help="an OpenAI-compatible endpoint; its key is in OPENAI_API_KEY")
    add("--keys", type=Path, metavar="FILE", help="keys that open, one a line; else those in TEXT2SQL_API_KEYS")
    add("--public", action="store_true", help="answer other machines without keys")
    add("--no_repair", action="store_true", help="do not show the policy the error of a query that fails")
    add("--prompt", choices=STYLES, help="how it is asked (default: as in the run, else strict)")
    for field in fields(Options):
        if field.name in _HELP:
            kind: Any = int if field.default is None else type(field.default)
            kind = Path if field.name == "feedback" else kind
            default = "" if field.default is None else f" (default {field.default})"
            add(f"--{field.name}", type=kind, default=field.default, metavar="N", help=_HELP[field.name] + default)
    return described


def asked(argv: Sequence[str], about: str) -> Options:
    """What was typed. Raises ConfigError with the first thing that cannot be."""
    given = vars(parser(about).parse_args(argv))
    options = Options(databases=_databases(given.pop("database")), **given)
    for name, (least, most) in _BOUNDS.items():
        value = getattr(options, name)
        if value is not None and not least <= value <= most:
            raise ConfigError(f"--{name} is {value}; it must be {least:,} to {most:,}")
    return options


def may_listen(options: Options, keys: bool) -> None:
    """Raises ConfigError where anybody could ask who reaches the machine."""
    if options.host not in LOOPBACK and not keys and not options.public:
        raise ConfigError(
            f"--host {options.host} can be reached from other machines, and there is no key: give --keys FILE or set "
            "TEXT2SQL_API_KEYS, stay at --host 127.0.0.1, or say --public where everybody may read the databases"
        )


def _databases(given: Sequence[str]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for one in given:
        name, equals, file = one.partition("=")
        if not equals:
            name, file = Path(one).stem, one
        if not _NAME.fullmatch(name) or not file:
            raise ConfigError(
                f"--database {one!r} names no database: it must be NAME=FILE, the name of letters, digits, . _ and -"
            )
        if name in found:
            raise ConfigError(f"--database names {name} twice; call one of them otherwise: NAME=FILE")
        found[name] = Path(file)
    return found
