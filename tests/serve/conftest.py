"""A shop as a SQLite and as a DuckDB file, with names in it that would move a terminal's cursor."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from envs.execution import Limits
from serve.asker import STEPS, Asker

NAMES = ["Ann", "Bob", "Cleo", "\x1b[2J\x07evil\u202e", "Eve"]
TABLES = (
    "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, city TEXT);"
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers(id), total REAL);"
)
LIMITS = Limits(seconds=1.0, rows=1_000, steps=STEPS)


def shop_at(path: Path, city: str = "Rome") -> Path:
    connection = sqlite3.connect(path) if path.suffix == ".sqlite" else duckdb.connect(str(path))
    for statement in TABLES.split(";")[:-1]:
        connection.execute(statement)
    for i, name in enumerate(NAMES, 1):
        connection.execute("INSERT INTO customers VALUES (?, ?, ?)", (i, name, city if i < 3 else "Bern"))
        connection.execute("INSERT INTO orders VALUES (?, ?, ?)", (i, i, 10.5 * i))
    connection.commit()
    connection.close()
    return path


@pytest.fixture(scope="session", params=["sqlite", "duckdb"])
def asker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    """The seedling, on each engine."""
    shop = shop_at(tmp_path_factory.mktemp("shop") / f"shop.{request.param}")
    with Asker("policy/seedling", shop, limits=LIMITS) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "duckdb"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return shop_at(tmp_path / f"shop.{request.param}")
