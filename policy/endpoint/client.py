"""One request to an OpenAI-compatible endpoint, and the three ways it can end: a reply, try again, never again.

The key goes to the host of the URL that was given and nowhere else: redirects are not followed, and whatever is said or
written about a request is cleared of it.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import httpx

from policy.config_error import ConfigError
from policy.endpoint.address import checked
from policy.endpoint.server_limits import left, wait_asked_for

PASSING = {408, 409, 425, 429}
"""Statuses below 500 after which the same request may be answered."""
ABOUT_ONE_QUESTION = {400, 413, 422}
"""Statuses that may be about one question alone: too long, filtered."""
LONGEST_MESSAGE = 500


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model wrote, and what was said about it. `served` and `fingerprint` are the model and its configuration
    as the server names them, `usage` the tokens as it counts them ({} where it does not), `seconds` those of this one
    request, `headers` the server's."""

    completion: str
    finish_reason: str
    served: str
    fingerprint: str
    usage: dict[str, Any]
    seconds: float
    headers: Mapping[str, str]


class TryAgain(Exception):
    """The same request may be answered later: after `wait` seconds, where the server says so (None where it does not).
    `limited` where it has had too many requests, and has therefore not run this one."""

    def __init__(self, told: str, wait: float | None, limited: bool, headers: Mapping[str, str]) -> None:
        super().__init__(told)
        self.wait, self.limited, self.headers = wait, limited, headers


class Refused(Exception):
    """The same request will be refused again. `one` where that may be so for this question alone."""

    def __init__(self, told: str, one: bool) -> None:
        super().__init__(told)
        self.one = one


class Endpoint:
    """`url` is the base of the API, as in https://api.openai.com/v1; `timeout` is of a whole request, in seconds.

    Raises ConfigError where the URL or the key cannot be used.
    """

    def __init__(self, url: str, key: str, timeout: float, at_once: int) -> None:
        self.url, self._key, self.timeout = checked(url), key.strip(), timeout
        if not (self._key.isascii() and self._key.isprintable()) or " " in self._key:
            raise ConfigError("the key holds blanks or characters that no header may hold; set it anew")
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        pool = httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once)
        self.http = httpx.AsyncClient(
            timeout=httpx.Timeout(timeout), limits=pool, headers=headers, follow_redirects=False
        )

    async def ask(self, body: Mapping[str, Any]) -> Reply:
        """Raises TryAgain or Refused where there is no reply."""
        began = time.monotonic()
        answer = await self.send("POST", "/chat/completions", dict(body))
        if answer.is_success:
            return self.reply(answer, time.monotonic() - began)
        raise self.trouble(answer)

    async def send(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        """Whatever comes back. Raises TryAgain where nothing does."""
        try:
            async with asyncio.timeout(self.timeout):
                return await self.http.request(method, f"{self.url}{path}", json=body)
        except (TimeoutError, httpx.TimeoutException, httpx.RequestError) as error:
            raise self.lost(error) from None

    def lost(self, error: Exception) -> TryAgain:
        """What a request without an answer means."""
        if isinstance(error, TimeoutError | httpx.TimeoutException):
            return TryAgain(f"no whole answer within {self.timeout:g} s", None, False, {})
        return TryAgain(self._clear(f"the connection failed ({type(error).__name__} {error})"), None, False, {})

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    def reply(self, answer: httpx.Response, took: float) -> Reply:
        """What an answer that has been read holds. Raises as `ask`."""
        try:
            told = answer.json()
            if isinstance(told, dict) and told.get("error") and not told.get("choices"):
                code = told["error"].get("code") if isinstance(told["error"], dict) else None
                raise self.trouble(answer, code if isinstance(code, int) else 500)
            choice = told["choices"][0]
            text, usage = choice["message"].get("content"), told.get("usage")
        except (ValueError, LookupError, TypeError, AttributeError):
            said = self._clear(f"{answer.status_code} without a completion: {answer.text!r}")
            raise TryAgain(said, wait_asked_for(answer.headers), False, answer.headers) from None
        return Reply(
            completion=text if isinstance(text, str) else "",
            finish_reason=str(choice.get("finish_reason") or ""),
            served=str(told.get("model") or ""),
            fingerprint=str(told.get("system_fingerprint") or ""),
            usage=usage if isinstance(usage, dict) else {},
            seconds=round(took, 3),
            headers=answer.headers,
        )

    def trouble(self, answer: httpx.Response, status: int | None = None) -> TryAgain | Refused:
        """What an answer without a completion means; it has been read. `status` where its body tells another."""
        status = answer.status_code if status is None else status
        said, code = _message(answer)
        told = self._clear(f"{status} {said}".strip())
        if answer.is_redirect:
            where = self._clear(answer.headers.get("location", ""))
            return Refused(f"{told} (it points to {where} and is not followed: give that URL if it is right)", False)
        if code == "insufficient_quota" or (400 <= status < 500 and status not in PASSING):
            return Refused(told + self._hint(status), status in ABOUT_ONE_QUESTION)
        wait = wait_asked_for(answer.headers)
        if wait is None and status == 429:
            wait = max((kind.reset for kind in left(answer.headers).values() if not kind.remaining), default=None)
        return TryAgain(told, wait, status == 429, answer.headers)

    def _hint(self, status: int) -> str:
        if status in (401, 403):
            return "" if self._key else " (no key was sent: --key_env names the variable that holds one)"
        if status in (404, 405):
            return f" (either the model is not there, or {self.url} is not the base of its API: most end in /v1)"
        return ""

    def _clear(self, text: str) -> str:
        cleared = text.replace(self._key, "(the key)") if self._key else text
        return cleared[:LONGEST_MESSAGE]


def _message(answer: httpx.Response) -> tuple[str, str]:
    """The server's own words about what is wrong, in whichever of the usual places, and its code for it."""
    try:
        told = answer.json()
    except ValueError:
        return answer.text, ""
    error = told.get("error", told) if isinstance(told, dict) else told
    if isinstance(error, dict):
        said = next((error[name] for name in ("message", "detail", "error") if error.get(name)), error)
        return str(said), str(error.get("code") or "")
    return str(error), ""
