"""A proxy in front of a real server that refuses, drops and hangs as told."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

MODEL = "policy/seedling"


@dataclass(frozen=True)
class Planted:
    """What the proxy does with a request: answers with a status of its own, or "forward"s it and adds the headers, or
    "drop"s the connection in the middle of the answer, or "hang"s for so many seconds, or "drip"s a byte in each."""

    does: int | str
    headers: dict[str, str] = field(default_factory=dict)
    body: str = '{"error": {"message": "planted"}}'
    seconds: float = 0.0


def listing(*names: str) -> Planted:
    """What a server says that has these models."""
    return Planted(200, body=json.dumps({"object": "list", "data": [{"id": name} for name in names]}))


@dataclass
class Proxy:
    """`plan` is asked what to do with the nth request (from 0) and its body. `seen` holds when each arrived, what it
    asked and the key that it brought, `under_way` how many there were then, itself counted; `answered` what the server
    was asked and answered. `models` is said of the list of models."""

    upstream: str
    plan: Callable[[int, dict], Planted] = lambda n, body: Planted("forward")
    seen: list[tuple[float, dict, str]] = field(default_factory=list)
    answered: list[dict] = field(default_factory=list)
    models: Planted = field(default_factory=lambda: listing(MODEL))
    url: str = ""
    under_way: list[int] = field(default_factory=list)
    _now: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        with self._lock:
            self._now += 1
            self.under_way.append(self._now)
        try:
            self._take(handler)
        finally:
            with self._lock:
                self._now -= 1

    def _take(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        with self._lock:
            self.seen.append((time.monotonic(), body, handler.headers.get("Authorization", "")))
            number = len(self.seen) - 1
        todo = self.plan(number, body)
        if todo.does == "hang":
            time.sleep(todo.seconds)
        status, text, kind = todo.does, todo.body, "application/json"
        if isinstance(status, str):
            real = httpx.post(f"{self.upstream}{handler.path}", json=body, timeout=120)
            status, text, kind = real.status_code, real.text, real.headers["Content-Type"]
        told = text.encode()
        handler.send_response_only(status)
        for name, value in ({"Content-Type": kind, "Content-Length": str(len(told))} | todo.headers).items():
            handler.send_header(name, value)
        handler.end_headers()
        if todo.does == "drop":
            told = told[: len(told) // 2]
            handler.close_connection = True
        for place in range(int(todo.seconds) if todo.does == "drip" else 0):
            handler.wfile.write(told[place : place + 1])
            time.sleep(1)
        handler.wfile.write(told)
        if todo.does == "forward" and status == 200:
            self.answered.append(body)


class listening:
    def __init__(self, proxy: Proxy) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                try:
                    proxy.take(self)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            def do_GET(self) -> None:
                assert isinstance(proxy.models.does, int)
                told = proxy.models.body.encode()
                self.send_response_only(proxy.models.does)
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)

            def log_message(self, *_: object) -> None:
                return

        self.proxy, self.http = proxy, ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        proxy.url = f"http://127.0.0.1:{self.http.server_port}/v1"

    def __enter__(self) -> Proxy:
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()
        return self.proxy

    def __exit__(self, *_: object) -> None:
        self.http.shutdown()
        self.http.server_close()


def lines(file: Path) -> list[dict]:
    """Of a file, the whole ones."""
    text = file.read_text() if file.is_file() else ""
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]
