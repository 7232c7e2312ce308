"""Records as JSON, between the parent and its workers. Every value travels exactly, NaN and lone surrogates too."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, cast

from envs.execution import Execution, Status, Value
from envs.values import Row
from envs.verdict import Verdict

Message = dict[str, Any]
SAMPLE_ROWS = 5
SAMPLE_COLUMNS = 30
SAMPLE_CHARACTERS = 200
"""The sample of a result that leaves the worker: rows, columns, and characters (or bytes) of a value."""


def line(message: Message) -> bytes:
    """One message as one line of ASCII."""
    return json.dumps(message, separators=(",", ":")).encode("ascii") + b"\n"


def sample(rows: Sequence[Row]) -> tuple[Row, ...]:
    """The first rows, with long values cut."""
    return tuple(tuple(_cut(value) for value in row[:SAMPLE_COLUMNS]) for row in rows[:SAMPLE_ROWS])


def execution_out(execution: Execution) -> Message:
    return asdict(execution) | {"sample": [[_out(value) for value in row] for row in execution.sample]}


def execution_in(message: Message) -> Execution:
    rows = tuple(tuple(_in(value) for value in row) for row in message["sample"])
    fields: Message = message | {"status": Status(message["status"]), "sample": rows}
    return Execution(**fields)


def verdict_out(verdict: Verdict) -> Message:
    return asdict(verdict)


def verdict_in(message: Message) -> Verdict:
    return Verdict(**message)


def _cut(value: Value) -> Value:
    if isinstance(value, str | bytes):
        return value[:SAMPLE_CHARACTERS]
    if isinstance(value, int) and value.bit_length() > 256:
        return float(value) if value.bit_length() < 1000 else str(value.bit_length()) + "-bit integer"
    return value


def _out(value: Value) -> object:
    return {"bytes": value.hex()} if isinstance(value, bytes) else value


def _in(value: Any) -> Value:
    if isinstance(value, dict):
        return bytes.fromhex(cast(dict[str, str], value)["bytes"])
    return value
