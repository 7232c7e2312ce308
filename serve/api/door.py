"""Who comes in, before anything of a request is believed: host, key, rate, size; and the headers of every answer."""

import asyncio
import logging
from collections.abc import Mapping
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serve.api.failure import Failure, internal
from serve.api.keys import Keys, given_in
from serve.api.measured import Measured
from serve.api.options import LOOPBACK, Options
from serve.api.token_bucket import TokenBuckets

log = logging.getLogger("serve.api")
OPEN = ("/", "/health", "/ready", "/docs", "/openapi.json", "/page.css", "/page.js")
"""Need no key: they tell nothing of a database."""
_PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": _PAGE,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


class Door:
    """ASGI around the application. A body is read here, within its limits, before the application sees any of it."""

    def __init__(self, app: ASGIApp, options: Options, keys: Keys, measured: Measured, paths: set[str]) -> None:
        self._app, self._options, self._keys, self._measured = app, options, keys, measured
        self._buckets, self._paths = TokenBuckets(options.per_minute, options.burst), paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
                message = message | {"headers": [*message.get("headers", ()), *own]}
            await send(message)

        self._measured.in_flight.inc()
        try:
            await self._answer(scope, receive, sending)
        except Failure as error:
            self._measured.refused(error.code)
            await error.response(_more(error))(scope, receive, sending)
        except Exception:
            log.exception("%s %s", scope["method"], scope["path"])
            self._measured.refused("internal")
            if not status:
                await internal().response()(scope, receive, sending)
        finally:
            self._measured.in_flight.dec()
            self._measured.request(self._path(scope["path"]), _method(scope["method"]), status)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        self._host(headers)
        if scope["path"] not in OPEN:
            scope["state"]["client"] = self._client(scope, headers)
        if scope["method"] not in ("GET", "HEAD", "OPTIONS", "DELETE"):
            receive = await self._body(headers, receive)
        await self._app(scope, receive, send)

    def _host(self, headers: Mapping[str, str]) -> None:
        """Without keys nobody but this machine may ask, and no page of another site through its browser."""
        if self._keys or self._options.public:
            return
        name = headers.get("host", "").rpartition("@")[2]
        bare = name.partition("]")[0].lstrip("[") if name.startswith("[") else name.partition(":")[0]
        if bare.lower() not in LOOPBACK:
            raise Failure(403, "wrong_host", "this service answers to localhost only")

    def _client(self, scope: Scope, headers: Mapping[str, str]) -> str:
        address = f"address {_network(scope['client'][0]) if scope.get('client') else ''}"
        name = self._keys.name(given_in(headers)) if self._keys else address
        self.take(name or address)
        if name is None:
            told = "a key is needed and this one does not open: send it as Authorization: Bearer KEY"
            raise Failure(401, "no_key", told if given_in(headers) else told.replace(" and this one does not open", ""))
        return name

    def take(self, client: str, tokens: int = 1, paid: int = 0) -> None:
        """Raises Failure where a client has had so many requests that it must wait."""
        if wait := self._buckets.take(client, tokens, paid):
            told = f"these are more than {self._options.per_minute} requests a minute; ask again in {wait} s"
            raise Failure(429, "too_many_requests", told, wait)

    async def _body(self, headers: Mapping[str, str], receive: Receive) -> Receive:
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise Failure(415, "not_json", "send JSON, and say so: Content-Type: application/json")
        most = self._options.most_bytes
        too_long = Failure(413, "too_large", f"the body is larger than {most:,} bytes")
        if int(headers.get("content-length") or 0) > most:
            raise too_long
        body = b""
        try:
            async with asyncio.timeout(self._options.slowest):
                more = True
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise Failure(400, "cut_off", "the request ended before its body did")
                    body += message.get("body", b"")
                    more = message.get("more_body", False)
                    if len(body) > most:
                        raise too_long
        except TimeoutError:
            told = f"the body took more than {self._options.slowest:g} seconds to arrive"
            raise Failure(408, "too_slow", told) from None
        return _again(body, receive)

    def _path(self, path: str) -> str:
        if path.startswith("/schema/"):
            return "/schema/{name}"
        return path if path in self._paths else "other"


def _again(body: bytes, receive: Receive) -> Receive:
    """Hands out what was read, then what comes."""
    told = False

    async def receiving() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receiving


def _network(address: str) -> str:
    """What one client has of addresses: of IPv6 a network of 64 bits at least (RFC 6177), any of which it may send
    from; else the address."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv4Address) or found.ipv4_mapped:
        return address
    return str(ip_network((int(found), 64), strict=False))


def _method(method: str) -> str:
    return method if method in ("GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH") else "other"


def _more(error: Failure) -> dict[str, Any]:
    if error.status == 401:
        return {"WWW-Authenticate": "Bearer"}
    return {"Connection": "close"} if error.status in (408, 413, 415) else {}
