"""One small schema, and questions about it."""

from collections.abc import Callable

import pytest

from envs.example import Database, Example

SCHEMA = (
    "CREATE TABLE makers (id INTEGER PRIMARY KEY, name TEXT, land TEXT);\n"
    "CREATE TABLE cars (id INTEGER PRIMARY KEY, maker_id INTEGER REFERENCES makers(id), model TEXT, power REAL);\n"
    "CREATE VIEW fast (model, power);"
)
GOLD = "SELECT T1.name FROM makers AS T1 JOIN cars AS T2 ON T1.id = T2.maker_id WHERE T2.power > 100"


@pytest.fixture
def asked() -> Callable[..., Example]:
    def ask(gold: str = GOLD, *others: str, schema: str = SCHEMA, dialect: str = "sqlite") -> Example:
        database = Database("sqlite", script=SCHEMA)
        return Example("1", "Which?", database, schema, "s", gold, dialect, other_golds=others)

    return ask
