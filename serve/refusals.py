"""Why there is no answer, in one sentence that somebody understands who knows no SQL engine."""

import re

from envs.execution import Limits, Status
from envs.sandbox.shown import Shown

_FOUND = re.compile(r"expected a \w[\w ]* statement, found (?P<kind>\w+)")
_INSIDE = re.compile(r"does more than it should: (?P<kind>\w+) inside")
WRITES = {"insert", "update", "delete", "merge", "truncate", "create", "drop", "alter", "into"}
OWN_FILES = {"attach", "detach", "copy", "loaddata"}
_SENTENCES = {
    Status.NO_SQL: "The policy wrote no query.",
    Status.CRASH: "The query broke the process that ran it, or could not be stopped in time, and was given up.",
    Status.ENCODING: "The query or a value it reads is in an encoding that cannot be read.",
    Status.CONSTRAINT: "A rule of the database forbids it: {message}.",
    Status.NO_DATABASE: "The database cannot be read: {message}.",
    Status.MISSING_TABLE: "The query reads a table that is not there ({message}).",
    Status.MISSING_COLUMN: "The query reads a column that is not there ({message}).",
    Status.MISSING_FUNCTION: "The query calls a function that this database does not have ({message}).",
    Status.AMBIGUOUS: "A name in the query could mean several columns ({message}).",
    Status.SYNTAX: "The query is no SQL that this database understands ({message}).",
    Status.FORBIDDEN: "The sandbox does not allow it ({message}): only the tables of this database may be read.",
}


def refusal(shown: Shown, limits: Limits) -> str:
    """The sentence, for a statement that did not run."""
    message = " ".join(shown.message.split()).rstrip(".")[:300]
    match shown.status:
        case Status.REJECTED:
            return _rejected(message)
        case Status.TIMEOUT:
            return f"The query was stopped after {limits.seconds:g} seconds; --seconds allows more."
        case Status.MEMORY:
            return "The query needs more memory than the sandbox may use; ask for less at a time."
        case Status.TOO_MANY_ROWS:
            return f"There is more to look through than the limit allows ({message}); --limit_rows raises it."
    return _SENTENCES.get(shown.status, "The query failed: {message}.").format(message=message or "no reason given")


def is_write(shown: Shown) -> bool:
    """Whether it was refused because it writes."""
    return shown.status is Status.REJECTED and _kind(shown.message) in WRITES


def _kind(message: str) -> str:
    found = _FOUND.match(message) or _INSIDE.match(message)
    return found["kind"] if found else ""


def _rejected(message: str) -> str:
    kind = _kind(message)
    if kind in WRITES and "inside" not in message:
        return f"This would change the database ({kind}), and only reading is allowed; --write tries it on a copy."
    if kind in WRITES:
        return f"The query would also write ({kind}), which is never allowed inside another statement."
    if kind in OWN_FILES:
        return f"This reaches for other files ({kind}), which is never allowed."
    if kind:
        return f"This is no query but a command to the database itself ({kind}), which is never allowed."
    if found := re.match(r"holds (\d+) statements", message):
        return f"These are {found[1]} statements, and one at a time may run."
    return f"The query was not run: it {message}." if message else "There is no query."
