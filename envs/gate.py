"""May this SQL run at all? One statement, a query (or the gold's own class of write), nothing written on the side.

It names what is wrong before an engine sees it; it is not what keeps anyone safe (`envs/sandbox` is). It runs inside
the worker: some builds of sqlglot die on hostile text. Rules: exactly one statement, an allowed root, no nested
writes, a non-empty projection, in the task's dialect.
"""

import logging
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from envs import lexical

if TYPE_CHECKING:
    from sqlglot import exp

CHARACTERS = 20_000
DEPTH = 100
QUERY = "query"
_QUERY = re.compile(r"\s*\(*\s*(?:SELECT|WITH|VALUES)\b", re.IGNORECASE)
_WORDS = (
    *("insert", "update", "delete", "merge", "into", "create", "drop", "alter", "truncate"),
    *("copy", "pragma", "describe", "show", "summarize", "call"),
)
_MORE = re.compile(rf"\b(?:{'|'.join(_WORDS)})\b")
"""What may begin a query, and words after which only the parser knows what a text does."""


def gate(sql: str, dialect: str, gold_sql: str) -> str:
    """Why `sql` may not run, or "" when it may. Raises `ValueError` for a dialect that sqlglot does not know."""
    reason = unreadable(sql)
    if reason:
        return reason
    root = parse(sql, dialect)
    if isinstance(root, str):
        return root
    wanted = kind(gold_sql, dialect) or QUERY
    found = _kind(root)
    if found != wanted:
        return f"expected a {wanted} statement, found {found}"
    return _nested(root) or _empty_projection(root)


def plain(sql: str) -> bool:
    """Whether an engine may be given this text as it is: short, one query by its first word, nothing in it that writes.

    A quick look that may say no to a good query, never yes to what `gate` would refuse and an engine run: the engine
    itself then finds out whether it parses.
    """
    if (
        len(sql) > CHARACTERS
        or "\0" in sql
        or sql.count("(") + sql.count("[") + sql.count("{") > DEPTH
        or ";" in sql.rstrip("; \t\r\n")
        or not _QUERY.match(sql)
    ):
        return False
    lower = sql.lower()
    for word in _WORDS:  # noqa: SIM110 (a generator would cost more than the looks)
        if word in lower and _MORE.search(lower):
            return False
    return True


def kind(sql: str, dialect: str) -> str:
    """The class of a statement: "query", or the write it is, such as "insert" or "create table". "" if neither."""
    if unreadable(sql):
        return ""
    root = parse(sql, dialect)
    return "" if isinstance(root, str) else _kind(root) if _kind(root).split()[0] in _WRITES | {QUERY} else ""


@lru_cache(maxsize=256)
def parse(sql: str, dialect: str) -> "exp.Expr | str":
    """The one statement in `sql` (not to be changed by the caller), or the reason why there is not exactly one."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it warns of every statement it takes for a command
    rules = sqlglot.Dialect.get_or_raise(dialect)
    try:
        found = [root for root in sqlglot.parse(sql, read=rules) if root and not isinstance(root, exp.Semicolon)]
    except RecursionError:
        return "does not parse: it nests too deeply"
    except SqlglotError as error:
        return f"does not parse: {str(error).splitlines()[0][:200]}"
    except (ValueError, TypeError, AttributeError, IndexError, KeyError) as error:
        # sqlglot reads numbers with int() and walks half-built trees: bad text can surface as any of these
        return f"does not parse: {type(error).__name__}"
    if len(found) != 1:
        return f"holds {len(found)} statements, expected one"
    return found[0]


def tables(sql: str, dialect: str) -> list[str]:
    """The tables a query reads, as it writes them (quotes and schema included), without its own CTEs."""
    from sqlglot import exp

    root = parse(sql, dialect)
    if isinstance(root, str):
        return []
    own = {cte.alias_or_name.lower() for cte in root.find_all(exp.CTE)}
    found: dict[str, None] = {}
    for table in root.find_all(exp.Table):
        if isinstance(table.this, exp.Identifier) and table.name.lower() not in own:
            found[exp.Table(this=table.this, db=table.args.get("db")).sql(dialect=dialect)] = None
    return list(found)


_WRITES = {"insert", "update", "delete", "merge", "truncate", "create", "drop", "alter"}
_NAMES = {"truncatetable": "truncate", "altertable": "alter"}
_SIDE = {
    *_WRITES,
    *_NAMES,
    *(
        "command",
        "pragma",
        "set",
        "use",
        "copy",
        "attach",
        "detach",
        "describe",
        "summarize",
        "show",
        "analyze",
        "cache",
    ),
    *("into", "transaction", "commit", "rollback", "execute", "grant", "revoke", "kill", "loaddata"),
}
_PARTS = {"alter": {"drop"}, "merge": {"insert", "update", "delete"}}


def unreadable(sql: str) -> str:
    """Why `sql` is not given to the parser at all, or "" when it may be."""
    if not sql.strip():
        return "there is no SQL"
    if len(sql) > CHARACTERS:
        return f"is longer than {CHARACTERS:,} characters"
    if "\0" in sql:
        return "holds a NUL character"
    found = lexical.depth(sql)
    return f"nests brackets {found} deep; the limit is {DEPTH}" if found > DEPTH else ""


def _kind(root: "exp.Expr") -> str:
    from sqlglot import exp

    if isinstance(root, exp.Query | exp.Values):
        return QUERY
    name = type(root).__name__.lower()
    name = _NAMES.get(name, name)
    what = str(root.args.get("kind") or "").lower() if name in ("create", "drop") else ""
    return f"{name} {what}".strip()


def _nested(root: "exp.Expr") -> str:
    own = _kind(root).split()[0]
    for node in root.walk():
        name = type(node).__name__.lower()
        if node is not root and name in _SIDE and name not in _PARTS.get(own, set()):
            return f"does more than it should: {_NAMES.get(name, name)} inside a {own} statement"
    return ""


def _empty_projection(root: "exp.Expr") -> str:
    from sqlglot import exp

    if any(not select.expressions for select in root.find_all(exp.Select)):
        return "selects no columns"
    return ""
