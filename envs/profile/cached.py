"""Profiles kept in the cache folder, by the stamp of the file: a database that changed is looked at anew."""

import json
import os
from contextlib import suppress
from pathlib import Path

from envs.example import Database
from envs.profile import DEFAULT, VERSION, Limits, profile
from envs.profile.records import DatabaseFacts
from envs.sandbox.file_stamp import file_stamp
from envs.sandbox.golds import default_folder, digest


def cached_profile(
    database: Database, limits: Limits = DEFAULT, folder: Path | None = None, fresh: bool = False
) -> DatabaseFacts:
    """`profile`'s findings, from `folder` (default: `profiles` in the cache folder) where they are there.

    `fresh` looks again. A cache that cannot be written is none. Raises ValueError when there is nothing to open.
    """
    path, stamp = file_stamp(database.path)
    name = digest(VERSION, database.engine, path, stamp, limits.rows, limits.seconds, limits.whole)
    file = (folder or default_folder() / "profiles") / f"{name}.json"
    if stamp and not fresh:
        with suppress(OSError, ValueError):
            return DatabaseFacts.of(json.loads(file.read_text(encoding="utf-8")))
    _, found = profile(database, limits)
    if stamp:
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            partial = file.with_name(f"{file.name}.{os.getpid()}")
            partial.write_text(json.dumps(found.as_json(), ensure_ascii=True), encoding="utf-8")
            partial.replace(file)
    return found
