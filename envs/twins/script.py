"""A twin as SQL text: CREATE TABLE and INSERT, which `envs.example.Database` builds in memory."""

from random import Random

from envs.example import Engine
from envs.execution import Value
from envs.twins.populate import Rows
from envs.twins.records import Profile, Table, quoted


def script(profile: Profile, rows: Rows, engine: Engine) -> str:
    """The database with its primary keys. Foreign keys hold in the rows and are not declared again."""
    return ";\n".join([_table(t, rows, engine, True) for t in profile.tables] + list(profile.views))


def reordered(profile: Profile, rows: Rows, engine: Engine) -> str:
    """The same rows, in another order and without keys: what a query says of both is what the rows say."""
    turned = {name: [*reversed(held)] for name, held in rows.items()}
    for name in sorted(turned):
        Random(name).shuffle(turned[name])
    return ";\n".join([_table(t, turned, engine, False) for t in profile.tables] + list(profile.views))


def _table(table: Table, rows: Rows, engine: Engine, keyed: bool) -> str:
    parts = [f"{quoted(c.name)} {c.type}".rstrip() for c in table.columns]
    if keyed and table.primary:
        if len(table.primary) == 1:  # in SQLite only this form makes an INTEGER key the row's own number
            at = next(i for i, c in enumerate(table.columns) if c.name.lower() == table.primary[0].lower())
            parts[at] += " PRIMARY KEY"
        else:
            parts.append(f"PRIMARY KEY ({', '.join(quoted(c) for c in table.primary)})")
    text = f"CREATE TABLE {quoted(table.name)} ({', '.join(parts)})"
    held = rows[table.name]
    if not held:
        return text
    values = ",\n".join("(" + ", ".join(literal(v, engine) for v in row) + ")" for row in held)
    return f"{text};\nINSERT INTO {quoted(table.name)} VALUES {values}"


def literal(value: Value, engine: Engine) -> str:
    """A value as SQL text."""
    match value:
        case None:
            return "NULL"
        case str():
            return "'" + value.replace("\0", "").replace("'", "''") + "'"
        case bytes():
            return (
                f"x'{value.hex()}'" if engine == "sqlite" else "'" + "".join(f"\\x{b:02X}" for b in value) + "'::BLOB"
            )
        case float():
            return repr(value) if abs(value) < 1e300 else "NULL"
        case _:
            return str(value)
