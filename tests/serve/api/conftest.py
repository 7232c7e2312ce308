"""The service as it is served: uvicorn on a socket of its own, the seedling behind it, a shop in SQLite and DuckDB."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
import uvicorn

from serve.api.keys import Keys
from serve.api.listen import configured
from serve.api.opened import Opened, opened
from serve.api.options import Options
from serve.api.service import Service

from ...eval.conftest import browser  # noqa: F401
from ..conftest import shop_at

COUNT = {"database": "shop", "question": "How many customers are there?"}
NAMES = {"database": "shop", "question": "Show the names of all customers."}
LONG = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"


class Lent(Opened):
    """Several services of the tests share it."""

    def close(self) -> None:
        """Whoever opened it does."""


@dataclass(frozen=True)
class Served:
    http: httpx.Client
    service: Service

    @property
    def address(self) -> tuple[str, int]:
        assert self.http.base_url.port
        return "127.0.0.1", self.http.base_url.port

    def sql(self, **asked: object) -> dict:
        told = self.http.post("/sql", json=COUNT | asked)
        assert told.status_code == 200, told.text
        return told.json()

    def metric(self, line: str) -> float:
        found = [row for row in self.http.get("/metrics").text.splitlines() if row.startswith(line)]
        return sum(float(row.rpartition(" ")[2]) for row in found)


@contextmanager
def serving(service: Service, keys: Keys) -> Iterator[Served]:
    server = uvicorn.Server(configured(service, keys))
    server.config.port = 0
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as http:
        yield Served(http, service)
    server.should_exit = True
    thread.join(60)
    assert not thread.is_alive()


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("served")
    shop = shop_at(folder / "shop.sqlite")
    with sqlite3.connect(shop) as connection:
        connection.execute("INSERT INTO customers VALUES (6, '<script>document.title = 1</script>', '<b>Oslo</b>')")
    return {"shop": shop, "duck": shop_at(folder / "duck.duckdb")}


@pytest.fixture(scope="session")
def lent(files: dict[str, Path]) -> Iterator[Lent]:
    own = opened(Options("policy/seedling", files, seconds=1.0, max_new_tokens=48))
    yield Lent(own.askers, own.writer, own.sandbox, own.policy)
    own.close()


@pytest.fixture(scope="session")
def open_service(lent: Lent, files: dict[str, Path]) -> Iterator[Callable[..., Served]]:
    """Serves with other options than usual, until the tests end."""
    with ExitStack() as running:
        folder = files["shop"].parent
        usual = Options("policy/seedling", files, seconds=1.0, per_minute=0, feedback=folder / "feedback.jsonl")

        def start(keys: tuple[str, ...] = (), **more: object) -> Served:
            service = Service(replace(usual, **more), lent)
            return running.enter_context(serving(service, Keys(list(keys))))

        yield start


@pytest.fixture(scope="session")
def served(open_service: Callable[..., Served]) -> Served:
    return open_service()
