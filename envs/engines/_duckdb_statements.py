"""Which statements a DuckDB connection takes: one, that reads, or writes into its own database where it may write."""

import re
from collections.abc import Sequence

import duckdb

from envs import lexical
from envs.engines._duckdb_refusals import refusal
from envs.execution import Status

PIVOT = "MULTI"
"""The type of PIVOT without its values: DuckDB makes an ENUM of them first. Also of CREATE TABLE ... AS PIVOT."""
_WRITES = {"INSERT", "UPDATE", "DELETE", "MERGE_INTO", "CREATE", "CREATE_FUNC", "ALTER", "DROP"}
STAYS_INSIDE = _WRITES | {"SELECT", "TRANSACTION"}
OUTSIDE = re.compile(r"\b(?:temp|temporary|pg_temp|secret|database)\b", re.IGNORECASE)
"""Keywords (which have one spelling) of what lives in the connection or the instance, not in the database."""
_ABOUT_THE_INSTANCE = re.compile(
    r"\b(?:alter|create|drop|replace|temporary|temp|persistent)\b(?:\s|--.*|/\*(?s:.*?)\*/)+(?:secret|database)\b",
    re.IGNORECASE,
)
_STARTS_OF_QUERIES = {"pivot", "pivot_wider", "select", "with", "from"}


def refused(sql: str, statements: Sequence[duckdb.Statement], writable: bool) -> tuple[Status, str]:
    """`ok` and "", or how the text ends and why. `statements`: what DuckDB's parser made of it."""
    if not statements:
        return Status.NO_SQL, "there is no statement in it"
    if len(statements) > 1:
        return Status.FORBIDDEN, f"{len(statements)} statements"
    kind = statements[0].type.name
    if kind == PIVOT and not writable:
        words = (sql[token.start : token.end].lower() for token in lexical.tokens(sql) if token.kind == "word")
        kind = "SELECT" if next(words, "") in _STARTS_OF_QUERIES else kind
    if kind != "SELECT" and not (writable and kind in _WRITES | {PIVOT}):
        return Status.FORBIDDEN, f"a statement of type {kind}"
    if writable and kind != "SELECT" and (outside := OUTSIDE.search(sql)) and _ABOUT_THE_INSTANCE.search(sql):
        return Status.FORBIDDEN, f"a statement about the {outside[0].lower()}"
    reason = refusal(sql)
    return (Status.FORBIDDEN, reason) if reason else (Status.OK, "")


def reaches_outside(sql: str, statement: duckdb.Statement) -> bool:
    """Whether it may leave something in the connection or the instance that does not go with the database."""
    kind = statement.type.name
    return kind == PIVOT or (kind != "SELECT" and OUTSIDE.search(sql) is not None)
