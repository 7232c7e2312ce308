"""Sentences about the columns of a database, written by a model (`python -m serve.column_summaries`) or a person.

A file of JSON lines, `{"table": ..., "column": ..., "summary": ...}` with more keys if need be, in the cache folder
beside the profiles, by the stamp of the database: of one that changed nothing is known.
"""

import json
from pathlib import Path

from envs.example import Database
from envs.sandbox.file_stamp import file_stamp
from envs.sandbox.golds import default_folder, digest


def summaries_file(database: Database) -> Path:
    """Where they are, or would be. Raises ValueError for a database that is a script or is not there."""
    path, stamp = file_stamp(database.path)
    if not stamp:
        raise ValueError(f"summaries of columns are of database files, and {path or 'this one'} is a script or missing")
    return default_folder() / "profiles" / f"{digest('summaries', database.engine, path, stamp)}.summaries.jsonl"


def read(database: Database) -> dict[tuple[str, str], str]:
    """Table and column in lower case -> summary. Raises ValueError where there are none, or where a line is none."""
    if found := read_file(summaries_file(database)):
        return found
    raise ValueError(
        f"nobody has summarised the columns of {database.path}. Run python -m serve.column_summaries "
        f"--database {database.path} --policy MODEL --server_url URL, or write schema_notes: profile"
    )


def read_file(file: Path) -> dict[tuple[str, str], str]:
    """As `read`, with none where there is no file; of two for one column the last counts."""
    if not file.is_file():
        return {}
    found: dict[tuple[str, str], str] = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").split("\n"), 1):
        if line:
            try:
                row = json.loads(line)
                found[str(row["table"]).lower(), str(row["column"]).lower()] = str(row["summary"])
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(f"{file} line {number} is no summary of a column ({error!r}): delete it") from error
    return found
