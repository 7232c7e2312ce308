"""What the text of a gold says against it: dice and samples, which rule it out, and the clock, which is only noted."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from envs import gate, string_aggregates
from envs.example import Engine

if TYPE_CHECKING:
    from sqlglot import exp

_RANDOM = {"random", "rand", "randomblob", "uuid", "uuidv4", "uuidv7", "gen_random_uuid", "newid", "setseed"}
_CLOCK = {"now", "today", "getdate", "get_current_timestamp", "get_current_time", "transaction_timestamp", "curdate"}
_BARE_CLOCK = {"date", "time", "datetime", "julianday", "unixepoch"}
"""SQLite's date functions read the clock when they are given nothing."""


@dataclass(frozen=True, slots=True)
class Doubts:
    """What a gold's text alone says. `ungradable` is "" where nothing stands against it; `notes` are for the report."""

    ungradable: str = ""
    notes: tuple[str, ...] = ()


def doubts(gold_sql: str, dialect: str, engine: Engine) -> Doubts:
    """What the text says of dice, the clock, and aggregates whose order is free."""
    from sqlglot import exp

    root = gate.parse(gold_sql, dialect)
    if isinstance(root, str):
        return Doubts()
    notes: list[str] = []
    ungradable = ""
    for node in root.walk():
        name = _function(node)
        if isinstance(node, exp.TableSample):
            ungradable = "the gold takes a sample of the rows"
        elif isinstance(node, exp.Rand | exp.Randn | exp.Uuid) or name in _RANDOM:
            ungradable = ungradable or "the gold throws dice: it calls a random function"
        elif _reads_clock(node, name, engine):
            notes.append("the gold reads the clock, which the sandbox stops")
    if string_aggregates.unordered(gold_sql, dialect, 1):
        notes.append("the gold strings values together in no fixed order")
    return Doubts(ungradable, tuple(dict.fromkeys(notes)))


def _function(node: "exp.Expr") -> str:
    from sqlglot import exp

    return node.name.lower() if isinstance(node, exp.Anonymous) else ""


def _reads_clock(node: "exp.Expr", name: str, engine: Engine) -> bool:
    from sqlglot import exp

    kind = type(node).__name__.lower()
    if kind.startswith(("currentdate", "currenttime", "utc", "localtime")) or name in _CLOCK:
        return True
    if isinstance(node, exp.Literal):
        return node.is_string and node.name.lower() in ("now", "today") and isinstance(node.parent, exp.Func)
    bare = next(node.iter_expressions(), None) is None
    return engine == "sqlite" and bare and (name in _BARE_CLOCK or isinstance(node, exp.Date | exp.Time))
