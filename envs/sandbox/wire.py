"""Records as JSON, between the parent and its executors. Every value travels exactly, NaN and lone surrogates too."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import fields
from functools import lru_cache
from typing import Any

from envs.execution import Execution, Status, Value
from envs.values import Row
from envs.verdict import Verdict

Message = dict[str, Any]
SAMPLE_ROWS = 5
SAMPLE_COLUMNS = 30
SAMPLE_CHARACTERS = 200
"""The sample of a result that leaves the executor: rows, columns, and characters (or bytes) of a value."""

_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
_VERDICT = [field.name for field in fields(Verdict)]
_STATUS = {str(status): status for status in Status}


def line(message: Message) -> bytes:
    """One message as one line of ASCII."""
    return _encode(message).encode("ascii") + b"\n"


def execution_out(execution: Execution) -> list[object]:
    e = execution
    return [e.status, e.columns, e.rows, e.seconds, rows_out(e.sample), e.message, e.fingerprint]


def execution_in(values: Sequence[Any]) -> Execution:
    status, columns, rows, seconds, sample, message, fingerprint = values
    return Execution(_STATUS[status], columns, rows, seconds, tuple(rows_in(sample)), message, fingerprint)


def verdict_out(verdict: Verdict) -> list[object]:
    return [getattr(verdict, name) for name in _VERDICT]


def verdict_in(values: Sequence[Any]) -> Verdict:
    return _known_verdict(tuple(values))


@lru_cache(maxsize=4096)
def _known_verdict(values: tuple[Any, ...]) -> Verdict:
    return Verdict(*values)


def sample(rows: Sequence[Row]) -> tuple[Row, ...]:
    """The first rows, with long values cut."""
    return tuple(tuple([_cut(value) for value in row[:SAMPLE_COLUMNS]]) for row in rows[:SAMPLE_ROWS])


def rows_out(rows: Iterable[Row]) -> list[list[object]]:
    return [[{"bytes": v.hex()} if isinstance(v, bytes) else v for v in row] for row in rows]


def rows_in(rows: Iterable[Iterable[Any]]) -> list[Row]:
    return [tuple([_bytes(value) if isinstance(value, dict) else value for value in row]) for row in rows]


def _bytes(value: Any) -> bytes:
    return bytes.fromhex(value["bytes"])


def _cut(value: Value) -> Value:
    if isinstance(value, str | bytes):
        return value[:SAMPLE_CHARACTERS]
    if isinstance(value, int) and value.bit_length() > 256:
        return float(value) if value.bit_length() < 1000 else str(value.bit_length()) + "-bit integer"
    return value
