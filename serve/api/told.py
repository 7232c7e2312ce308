"""An answer as JSON: values by their types, nothing about the machine it was found on."""

import math
import re
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from envs.execution import Value
from serve.answer import Answer, Candidate

SAFE = 2**53 - 1
"""The largest integer that every reader of JSON keeps exactly (RFC 8259, section 6)."""
_OPTION = re.compile(r"; --\w+[^.;]*")
"""A refusal's advice for a command line."""


def cell(value: Value) -> object:
    """None, text and usual numbers as they are; else an object whose one key names the type."""
    if isinstance(value, bytes):
        return {"blob": value.hex()}
    if isinstance(value, float) and not math.isfinite(value):
        return {"number": "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"}
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > SAFE:
        return {"integer": str(value)}
    return value


class Hidden:
    """Clears sentences of the paths of databases, and of options that no client has."""

    def __init__(self, paths: Iterable[str]) -> None:
        whole = {path for path in paths if path}
        self._paths = sorted(whole | {str(Path(path).parent) for path in whole} - {"/"}, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for path in self._paths:
            text = text.replace(path, "(the database)")
        return _OPTION.sub("", text)


def candidates(found: Iterable[Candidate], hidden: Hidden) -> list[dict[str, Any]]:
    return [asdict(one) | {"error": one.error and hidden(one.error)} for one in found]


def told(answer: Answer, hidden: Hidden) -> dict[str, Any]:
    """Without id, database and times."""
    return {
        "question": answer.question,
        "sql": answer.sql,
        "columns": list(answer.columns),
        "rows": [[cell(value) for value in row] for row in answer.rows],
        "count": answer.count,
        "capped": answer.capped,
        "status": str(answer.status),
        "error": answer.error and hidden(answer.error),
        "checks": answer.checks,
        "candidates": candidates(answer.candidates, hidden),
    }
