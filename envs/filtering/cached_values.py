"""Held values kept in the cache folder, by the stamp of the file: a large database is read once, and a column that was
not read in time is missing the next time too, so that a schema is cut alike in training and in evaluation."""

import gzip
import json
import os
from contextlib import suppress
from pathlib import Path

from envs.catalogue import Catalogue
from envs.example import Database
from envs.filtering.held_values import LENGTH, MOST, ROWS, held_values
from envs.filtering.ranking import Place
from envs.sandbox.file_stamp import file_stamp
from envs.sandbox.golds import default_folder, digest

VERSION = 1


def cached_values(database: Database, catalogue: Catalogue, folder: Path | None = None) -> dict[Place, list[str]]:
    """`held_values` from `folder` (default: `values` in the cache folder) where they are there. A cache that cannot be
    written is none, and a script has none. Raises ValueError when there is nothing to open."""
    path, stamp = file_stamp(database.path)
    names = [(table.name, [column.name for column in table.columns]) for table in catalogue.tables]
    name = digest(VERSION, database.engine, path, stamp, ROWS, MOST, LENGTH, names)
    file = (folder or default_folder() / "values") / f"{name}.json.gz"
    if stamp:
        with suppress(OSError, ValueError, EOFError):
            told = json.loads(gzip.decompress(file.read_bytes()))
            return {(int(table), int(column)): texts for table, column, texts in told}
    found = held_values(database, catalogue)
    if stamp:
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            partial = file.with_name(f"{file.name}.{os.getpid()}")
            told = json.dumps([(*place, texts) for place, texts in found.items()])
            partial.write_bytes(gzip.compress(told.encode("ascii"), 1))
            partial.replace(file)
    return found
