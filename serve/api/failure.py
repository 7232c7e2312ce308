"""Why a request has no answer: a sentence, a code for programs, a status of HTTP. Nothing else ever leaves."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

LONGEST = 500
"""Characters of a sentence."""


class Failure(Exception):
    """`retry_after` is in seconds, None where trying again is of no use."""

    def __init__(self, status: int, code: str, sentence: str, retry_after: int | None = None) -> None:
        super().__init__(sentence)
        self.status, self.code, self.retry_after = status, code, retry_after

    def body(self) -> dict[str, str]:
        return {"error": str(self)[:LONGEST], "code": self.code}

    def response(self, headers: Mapping[str, str] | None = None) -> "Json":
        wait = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        return Json(self.body(), self.status, {**wait, **(headers or {})})


def internal() -> Failure:
    """Of what nobody foresaw; whoever makes it writes the log."""
    return Failure(500, "internal", "something went wrong here, and the log of the service says what")


class Json(Response):
    """In ASCII, so that whatever text a database holds can be sent, and without NaN, which JSON does not know."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode()
