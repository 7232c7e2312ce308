"""One connection of HTTP/1.1: a client that never ends the head of its request is cut off, and an error is JSON.

uvicorn 0.54 waits for the head of a first request for ever, which is what slowloris lives on; it limits only what
stands idle between requests (`timeout_keep_alive`).
"""

import asyncio
import json
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


def connection(seconds: float) -> type[asyncio.Protocol]:
    """The protocol for `uvicorn.Config(http=...)`, with so many seconds for a head."""

    class Connection(H11Protocol):
        _late: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._wait()

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop()
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            if self._late is None and self.conn.their_state is h11.IDLE:
                self._wait()
            super().data_received(data)

        def handle_events(self) -> None:
            super().handle_events()
            if self.conn.their_state is not h11.IDLE:
                self._stop()

        def send_400_response(self, msg: str) -> None:
            self._end(400, "bad_http", "this is no HTTP that can be read")

        def _wait(self) -> None:
            self._late = self.loop.call_later(seconds, self._too_late)

        def _stop(self) -> None:
            if self._late is not None:
                self._late.cancel()
                self._late = None

        def _too_late(self) -> None:
            self._late = None
            if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
                self._end(408, "too_slow", f"the head of the request took more than {seconds:g} seconds to arrive")

        def _end(self, status: int, code: str, sentence: str) -> None:
            body = json.dumps({"error": sentence, "code": code}).encode()
            head = f"HTTP/1.1 {status} {'Bad Request' if status == 400 else 'Request Timeout'}\r\n"
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            self.transport.write(head.encode() + body)
            self.transport.close()

    return Connection
