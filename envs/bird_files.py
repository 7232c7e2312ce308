"""Where the questions and the databases of BIRD are, in the folders that it is published in and people unzip it to."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from envs.rows import SUFFIXES

Kind = Literal["train", "dev", "mini_dev", "other"]

_SHARD = r"([-_]\d+-of-\d+([-_]\w+)?)?"
_NAMES: dict[Kind, re.Pattern[str]] = {
    "train": re.compile(rf"(bird\d*[-_])?train([-_]filtered)?{_SHARD}"),
    "dev": re.compile(rf"(bird(_sql)?[-_])?dev([-_]\d{{8}})?{_SHARD}"),
    "mini_dev": re.compile(rf"(bird[-_])?mini_?dev([-_](sqlite|data))*{_SHARD}"),
}
_OTHER_DIALECT = re.compile(rf"(bird[-_])?mini_?dev[-_](mysql|postgresql|postgres|pg){_SHARD}")
_HELD_OUT = re.compile(r"(^|[^a-z])(dev|test|validation|valid|minidev)([^a-z]|$)")
DATABASES = ("train_databases", "dev_databases", "databases", "database")
_HOMES = ("", "train", "dev", "dev_20*", "MINIDEV", "minidev/MINIDEV", "*_databases")
"""Where a folder of databases stands, as seen from the questions, from one folder up, or from what the user gave."""
_DEPTH = 3


def kind_of(file: Path) -> Kind:
    """What a file of questions is, by its name. Raises ValueError for mini-dev in a dialect that is not SQLite's."""
    stem = file.stem.lower()
    if _OTHER_DIALECT.fullmatch(stem):
        raise ValueError(f"{file.name} is not written for SQLite; give mini_dev_sqlite.json, which asks the same")
    found: list[Kind] = [kind for kind, name in _NAMES.items() if name.fullmatch(stem)]
    return found[0] if found else "other"


def is_benchmark(file: Path) -> bool:
    """Whether nobody should train on it: dev, mini-dev, and anything called so, or test or validation."""
    return kind_of(file) in ("dev", "mini_dev") or bool(_HELD_OUT.search(file.stem.lower()))


def questions_in(folder: Path) -> dict[Kind, Path]:
    """Kind -> its file, the nearest one in this folder or up to three below; what macOS leaves behind is passed over.

    Raises ValueError where two are equally near, and for a mini-dev that is there in other dialects only.
    """
    found: dict[Kind, Path] = {}
    refused: ValueError | None = None
    for level in _levels(folder):
        here: dict[Kind, list[Path]] = {}
        for file in level:
            try:
                here.setdefault(kind_of(file), []).append(file)
            except ValueError as error:
                refused = error
        for kind, files in here.items():
            if kind == "other" or kind in found:
                continue
            if len(files) > 1:
                names = ", ".join(str(file.relative_to(folder)) for file in files)
                raise ValueError(f"{folder} holds {names}; give the one you mean as task_path")
            found[kind] = files[0]
    if refused and not found:
        raise refused
    return found


def database_folders(given: Path, questions: Path | None = None) -> list[Path]:
    """The folders in which databases may be, nearest first: beside the questions, one folder up, in what was given."""
    base = given if given.is_dir() else given.parent
    roots = [*([questions.parent, questions.parent.parent] if questions else []), base, base.parent]
    places = [place for root in roots for home in _HOMES for place in (sorted(root.glob(home)) if home else [root])]
    found = [place / name for place in places for name in DATABASES if (place / name).is_dir()]
    return list(dict.fromkeys(found))


def _levels(folder: Path) -> Iterator[list[Path]]:
    """The files of a folder that may be lists of questions, then those of the folders in it, and so on."""
    folders = [folder]
    for _ in range(_DEPTH + 1):
        inside = [each for one in folders for each in sorted(one.iterdir()) if not each.name.startswith((".", "__"))]
        yield [each for each in inside if each.suffix in SUFFIXES and each.is_file()]
        folders = [each for each in inside if each.name not in DATABASES and each.is_dir()]
