"""The text a policy is shown of a database: CREATE statements, one a line, no longer than they must be."""

import re
from collections.abc import Iterator
from pathlib import Path

from envs import engines
from envs.example import Database
from envs.lexical import lines, tokens

DEFINES = re.compile(
    r"CREATE (OR REPLACE )?(TEMP |TEMPORARY |MATERIALIZED |VIRTUAL )?(TABLE|VIEW|TYPE) |ALTER TABLE ", re.IGNORECASE
)


def schema_of(database: Database) -> str:
    """The schema of a file, from its catalogue; of a script, the statements in it that define something.

    A script is only read: it may be in any dialect, and may not run. A file is opened read-only, by its engine, in this
    process: no statement that a model wrote is near. Raises FileNotFoundError, or ValueError when it is no database.
    """
    if database.script is not None:
        return "\n".join(f"{statement};" for statement in statements(database.script) if DEFINES.match(statement))
    if not Path(database.path or "").is_file():
        raise FileNotFoundError(f"there is no database file at {database.path}")
    try:
        connection = engines.load(database.engine).open_database(database)
    except engines.NoDatabase as error:
        raise ValueError(str(error)) from error
    try:
        return "\n".join(f"{line};" for line in lines(connection.schema()))
    finally:
        connection.close()


def statements(script: str) -> Iterator[str]:
    """Each statement without its semicolon; a run of white space is one space, and comments before it are dropped.

    A `--` comment inside it keeps the end of its line, so that the text stays SQL: it often explains a column. The
    body of a trigger comes in pieces.
    """
    pieces: list[str] = []
    for kind, start, end in tokens(script):
        if kind == "semicolon":
            if pieces:
                yield "".join(pieces).rstrip()
            pieces = []
        elif kind == "space" or (kind == "comment" and not pieces):
            if pieces and pieces[-1][-1] not in " \n":
                pieces.append(" ")
        elif kind == "comment" and script.startswith("--", start):
            pieces.append(script[start:end].rstrip() + "\n")
        else:
            pieces.append(script[start:end])
    if pieces:
        yield "".join(pieces).rstrip()
