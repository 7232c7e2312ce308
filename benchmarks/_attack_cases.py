"""Hostile statements as records, read from a file or made (`_long_attacks`)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

Engine = Literal["sqlite", "duckdb"]


@dataclass(frozen=True, slots=True)
class Attack:
    """Statements tried one after the other on one database. `note` is what they are after, for people."""

    engine: Engine
    id: str
    category: str
    statements: tuple[str, ...]
    note: str = ""

    def filled(self, places: Mapping[str, object]) -> "Attack":
        """With `{DROP}`, `{CANARY}` and `{PORT}` replaced."""
        statements = list(self.statements)
        for name, value in places.items():
            statements = [sql.replace("{" + name + "}", str(value)) for sql in statements]
        return replace(self, statements=tuple(statements))


def read(path: Path) -> list[Attack]:
    """One attack a line, with the keys `engine`, `id`, `category`, `statements` and `note`."""
    found: list[Attack] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        statements = tuple(record["statements"])
        found.append(Attack(record["engine"], record["id"], record["category"], statements, record.get("note", "")))
    return found
