"""One request whose answer is read as it is written, so that the first of it can be timed."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx

from policy.endpoint.client import Endpoint, Reply, TryAgain

STREAMED = {"stream": True, "stream_options": {"include_usage": True}}
"""What is added to a request: the counts of tokens come last, where a server knows the option."""


async def streamed(endpoint: Endpoint, body: Mapping[str, Any]) -> tuple[Reply, float | None]:
    """The reply, and the seconds until its first text; None where the server answered in one piece, or with no text.
    Raises as `Endpoint.ask`."""
    began = time.monotonic()
    asked = endpoint.http.stream("POST", f"{endpoint.url}/chat/completions", json=dict(body) | STREAMED)
    try:
        async with asyncio.timeout(endpoint.timeout), asked as answer:
            if not answer.is_success:
                await answer.aread()
                raise endpoint.trouble(answer)
            if "event-stream" not in answer.headers.get("content-type", ""):
                await answer.aread()
                return endpoint.reply(answer, time.monotonic() - began), None
            return await _read(answer, began)
    except (TimeoutError, httpx.TimeoutException, httpx.RequestError) as error:
        raise endpoint.lost(error) from None


async def _read(answer: httpx.Response, began: float) -> tuple[Reply, float | None]:
    text, ended, first = "", "", None
    told: dict[str, Any] = {}
    async for piece in _pieces(answer):
        told |= {key: piece[key] for key in ("model", "system_fingerprint", "usage") if piece.get(key)}
        for choice in piece.get("choices") or ():
            written = (choice.get("delta") or {}).get("content") or ""
            if written and first is None:
                first = time.monotonic() - began
            text += written
            ended = choice.get("finish_reason") or ended
    if not ended:
        raise TryAgain(f"the stream ended after {len(text)} characters without an end", None, False, answer.headers)
    return Reply(
        completion=text,
        finish_reason=ended,
        served=str(told.get("model") or ""),
        fingerprint=str(told.get("system_fingerprint") or ""),
        usage=told.get("usage") or {},
        seconds=round(time.monotonic() - began, 6),
        headers=answer.headers,
    ), first


async def _pieces(answer: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    """The objects of the event stream (WHATWG HTML, server-sent events: lines of `data:`), up to `[DONE]`."""
    async for line in answer.aiter_lines():
        data = line.removeprefix("data:").strip() if line.startswith("data:") else ""
        if data == "[DONE]":
            return
        if not data:
            continue
        try:
            piece = json.loads(data)
        except ValueError:
            raise TryAgain(f"the stream holds what is no JSON: {data[:80]!r}", None, False, answer.headers) from None
        if not isinstance(piece, dict) or piece.get("error"):
            raise TryAgain(f"the stream ended with an error: {data[:200]}", None, False, answer.headers)
        yield piece
