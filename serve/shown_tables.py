"""What a policy is shown of a database file: all tables, or those somebody names."""

from collections.abc import Sequence

from envs.annotated_schema import annotated_schema
from envs.example import Database
from envs.lexical import lines
from envs.sandbox import Sandbox
from envs.schema import DEFINES
from envs.table_line import column_name, unquoted
from policy.config_error import ConfigError, did_you_mean

LOCKED = "Could not set lock"
"""What DuckDB says of a file that another process may write to."""


def schema_for(database: Database, sandbox: Sandbox, tables: Sequence[str] | None, annotated: bool) -> str:
    """The text of `envs.schema`, read in the sandbox, or of `envs.annotated_schema`. Raises ConfigError where the file
    is no database, holds no table, or not those that are named."""
    try:
        # what is wrapped, not what a process remembers for its whole life: the file may have changed
        text = annotated_schema.__wrapped__(database) if annotated else sandbox.schema_of(database)
    except ValueError as error:
        if LOCKED in str(error):
            raise ConfigError(f"another program has {database.path} open and writes to it; close it there") from None
        raise ConfigError(f"the database cannot be read: {error}") from None
    found = [line.rstrip(";") for line in lines(text)]
    statements: list[str] = []
    for line in found:  # an annotated table has several lines
        if DEFINES.match(line) or not statements:
            statements.append(line)
        else:
            statements[-1] += f"\n{line}"
    if not statements:
        raise ConfigError(f"the database {database.path} holds no table, so there is nothing to ask")
    if tables is not None:
        statements = _only(statements, tables)
    return "\n".join(f"{statement};" for statement in statements)


def _only(statements: Sequence[str], tables: Sequence[str]) -> list[str]:
    by_name = {_name(statement).lower(): statement for statement in statements}
    for table in tables:
        if table.lower() not in by_name:
            names = [_name(statement) for statement in statements]
            raise ConfigError(
                f"--tables names {table!r}, and the database has {', '.join(names[:30])}"
                f"{' and more' if len(names) > 30 else ''}.{did_you_mean(table, names)}"
            )
    wanted = {table.lower() for table in tables}
    return [statement for name, statement in by_name.items() if name in wanted]


def _name(statement: str) -> str:
    """Of what it creates."""
    return unquoted(column_name(DEFINES.sub("", statement, count=1)))
