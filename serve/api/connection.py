"""One connection of HTTP/1.1: a client that never ends its request or never reads its answer is cut off, and an error
is JSON.

uvicorn 0.54 waits for the head of a first request for ever, which is what slowloris lives on; it limits only what
stands idle between requests (`timeout_keep_alive`), and takes that back for any byte, one of a body nobody asked for
too. For somebody to read what was sent it waits for ever as well.
"""

import asyncio
import json
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


def connection(seconds: float) -> type[asyncio.Protocol]:
    """The protocol for `uvicorn.Config(http=...)`, with so many seconds for a head, for the rest of a body that was
    answered already, and for an answer to be read."""

    class Connection(H11Protocol):
        _late: asyncio.TimerHandle | None = None
        _unread: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._wait()

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop()
            self._was_read()
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            if not self._answering():
                self._wait()
            super().data_received(data)

        def handle_events(self) -> None:
            super().handle_events()
            if self._answering():
                self._stop()

        def on_response_complete(self) -> None:
            super().on_response_complete()
            if self.transport.is_closing():
                self._hurry()

        def timeout_keep_alive_handler(self) -> None:
            super().timeout_keep_alive_handler()
            self._hurry()

        def pause_writing(self) -> None:
            super().pause_writing()
            self._hurry()

        def resume_writing(self) -> None:
            super().resume_writing()
            if not self.transport.is_closing():
                self._was_read()

        def send_400_response(self, msg: str) -> None:
            self._end(400, "bad_http", "this is no HTTP that can be read")

        def _answering(self) -> bool:
            return self.cycle is not None and not self.cycle.response_complete

        def _wait(self) -> None:
            if self._late is None:
                self._late = self.loop.call_later(seconds, self._too_late)

        def _stop(self) -> None:
            if self._late is not None:
                self._late.cancel()
                self._late = None

        def _hurry(self) -> None:
            """What is still unread when the time is over never will be."""
            if self._unread is None:
                self._unread = self.loop.call_later(seconds, self.transport.abort)

        def _was_read(self) -> None:
            if self._unread is not None:
                self._unread.cancel()
                self._unread = None

        def _too_late(self) -> None:
            self._late = None
            if self.transport.is_closing() or self._answering():
                return
            if self.cycle is None or (self.conn.their_state is h11.IDLE and self.conn.trailing_data[0]):
                self._end(408, "too_slow", f"the head of the request took more than {seconds:g} seconds to arrive")
            else:
                self.transport.close()
                self._hurry()

        def _end(self, status: int, code: str, sentence: str) -> None:
            body = json.dumps({"error": sentence, "code": code}).encode()
            head = f"HTTP/1.1 {status} {'Bad Request' if status == 400 else 'Request Timeout'}\r\n"
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            self.transport.write(head.encode() + body)
            self.transport.close()
            self._hurry()

    return Connection
