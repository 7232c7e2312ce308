"""A ruler as JSON, to be kept on disk: not that of gold that writes, which is quick to redo, nor a very large one."""

from typing import Any

from envs.engines import Result
from envs.execution import Limits, Status
from envs.sandbox.ruler import Ruler
from envs.sandbox.wire import Message, rows_in, rows_out

CELLS = 50_000
CHARACTERS = 1 << 20
"""The largest answer that is kept, in values, and in characters and bytes of its texts."""


def ruler_out(ruler: Ruler) -> Message | None:
    """None when it is not to be kept."""
    result, official = ruler.result, ruler.official
    if ruler.writes or not ruler.lasting or (result is not None and _large(result)):
        return None
    limits = ruler.limits
    return {
        "limits": [limits.seconds, limits.rows, limits.memory, limits.steps],
        "ungradable": ruler.ungradable,
        "vacuous": ruler.vacuous,
        "blocks": ruler.blocks,
        "result": None if result is None else _result_out(result),
        "official": None if official is None or official is result else _result_out(official),
    }


def _large(result: Result) -> bool:
    if result.columns * len(result.rows) > CELLS:
        return True
    return sum(len(v) for row in result.rows for v in row if isinstance(v, str | bytes)) > CHARACTERS


def ruler_in(message: Message) -> Ruler:
    result = None if message["result"] is None else _result_in(message["result"])
    return Ruler(
        limits=Limits(*message["limits"]),
        ungradable=message["ungradable"],
        vacuous=message["vacuous"],
        blocks=None if message["blocks"] is None else tuple(message["blocks"]),
        result=result,
        official=result if message["official"] is None else _result_in(message["official"]),
    )


def _result_out(result: Result) -> list[Any]:
    tables = None if result.tables is None else sorted(result.tables)
    names, rows = list(result.names), rows_out(result.rows)
    return [result.status, result.columns, rows, names, result.seconds, result.message, result.steps, tables]


def _result_in(values: list[Any]) -> Result:
    status, columns, rows, names, seconds, message, steps, tables = values
    read = None if tables is None else frozenset(tables)
    return Result(Status(status), columns, rows_in(rows), tuple(names), seconds, message, steps, read)
