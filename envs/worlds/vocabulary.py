"""Which words a world may use: written domains, in groups that share none, and improvised ones.

The seedling is pretrained on one group (`lessons`), the task `worlds` asks about three others: to a policy that starts
from the seedling, all of its schemas are new, those it is trained on too.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

Domain = Mapping[str, Any]
"""Table name -> its noun, belongs_to and columns, as written in `domains.yaml`."""


GROUPS = ("train", "train", "train", "validation", "test", "test")
"""Which split the first domain of `domains.yaml` belongs to, the second, and so on, over and over."""


@cache
def domains(group: str) -> dict[str, Domain]:
    """The written domains of a group: `lessons` for the seedling, or the task's train, validation or test."""
    if group == "lessons":
        return _read("lessons.yaml")
    return {name: tables for at, (name, tables) in enumerate(_read("domains.yaml").items()) if _group(at) == group}


def _group(at: int) -> str:
    return GROUPS[at % len(GROUPS)]


def _read(file: str) -> dict[str, Domain]:
    written: dict[str, Domain] = yaml.load(
        (Path(__file__).parent / file).read_text(encoding="utf-8"),
        Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader),
    )
    return written


@cache
def loose_words() -> tuple[str, ...]:
    """Every word of four letters or more that the lessons use in names, and their category values."""
    found: set[str] = set()
    for tables in domains("lessons").values():
        for table, entry in tables.items():
            found.update(table.split("_"))
            for column, spec in entry["columns"].items():
                found.update(column.split("_"))
                values: list[Any] = [] if isinstance(spec, str) else spec.get("of", [])
                found.update(str(value).lower() for value in values if str(value).isalpha())
    return tuple(sorted(word for word in found if len(word) > 3 and word.isascii()))
