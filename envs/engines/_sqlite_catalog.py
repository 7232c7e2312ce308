"""What a SQLite database is made of: its schema as text, and its whole state for comparing writes."""

# pyright: reportUnknownMemberType=false
# (apsw's stubs name typing.Buffer, which Python 3.11 does not have)

import re
from collections.abc import Iterator, Mapping

import apsw

from envs.engines import Relation, Result, State, create_table
from envs.execution import Status, Value
from envs.lexical import tokens
from envs.values import Row, normal_rows

_PLAIN_TYPE = re.compile(r"[\w ]*(\([\w ,.+-]*\)[\w ]*)?")


def schema(handle: apsw.Connection) -> str:
    """See `envs.engines.Connection.schema`."""
    lines: list[str] = []
    for name, kind in relations(handle):
        shown = _quoted(handle, name)
        info = _pragma(handle, "table_xinfo", name)
        columns = [(_quoted(handle, str(c[1])), _type(str(c[2]))) for c in info if c[6] != 1]
        if kind == "view":
            lines.append(f"CREATE VIEW {shown} ({', '.join(column for column, _ in columns)})")
            continue
        keyed = sorted((int(str(c[5])), _quoted(handle, str(c[1]))) for c in info if c[5])
        foreign: dict[Value, tuple[list[str], str, list[str]]] = {}
        for key, _, table, of, to, *_ in _pragma(handle, "foreign_key_list", name):
            entry = foreign.setdefault(key, ([], _quoted(handle, str(table)), []))
            entry[0].append(_quoted(handle, str(of)))
            if to is not None:
                entry[2].append(_quoted(handle, str(to)))
        keys = [foreign[key] for key in sorted(foreign, key=str)]
        lines.append(create_table(shown, columns, [column for _, column in keyed], keys))
    return "\n".join(lines)


def state(handle: apsw.Connection, held: Mapping[str, Result], rows: int) -> State:
    """The state, given what each table and view holds. Raises `OverflowError` (`envs.engines.Connection.state`)."""
    found: dict[str, Relation] = {}
    indexes: set[tuple[str, ...]] = set()
    for name, result in held.items():
        if result.status is Status.TOO_MANY_ROWS:
            raise OverflowError(f"{name} holds more than {rows:,} rows")
        if result.status is Status.TIMEOUT:
            raise OverflowError(f"{name} takes too long to read")
        info = [tuple(str(part) for part in column[1:]) for column in _pragma(handle, "table_xinfo", name)]
        columns = tuple((c[0].lower(), c[1].upper(), *c[2:]) for c in info)
        found[name.lower()] = Relation(columns, result.rows)
        for _, index, unique, _, partial in _pragma(handle, "index_list", name):
            keys = [key for key in _pragma(handle, "index_xinfo", str(index)) if key[5]]
            on = [f"{key[2]} {key[3]} {key[4]}".lower() for key in keys]
            written = partial or any(key[2] is None for key in keys)  # a condition or an expression is in the text only
            text = _written(handle, str(index)) if written else ""
            indexes.add((str(index).lower(), name.lower(), str(unique), *on, text.partition(" on ")[2]))
        for _, _, *reference in _pragma(handle, "foreign_key_list", name):
            indexes.add(("references", name.lower(), *(str(part).lower() for part in reference)))
        indexes |= {("checks or computes", name.lower(), text) for text in _bracketed(_written(handle, name))}
    return State(found, frozenset(indexes))


def _written(handle: apsw.Connection, name: str) -> str:
    """The statement that made it, in lower case and without needless blanks."""
    found = normal_rows(handle.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)))
    return " ".join(str(found[0][0]).lower().split()) if found else ""


def _bracketed(sql: str) -> Iterator[str]:
    """What stands in brackets after CHECK, or after AS in a generated column."""
    parts = [(kind, sql[start:end]) for kind, start, end in tokens(sql) if kind not in ("space", "comment")]
    for i, (_, word) in enumerate(parts[:-1]):
        if word in ("check", "as") and parts[i + 1][0] == "open":
            depth, inside = 0, list[str]()
            for kind, part in parts[i + 1 :]:
                depth += (kind == "open") - (kind == "close")
                inside.append(part)
                if depth == 0:
                    break
            yield " ".join(inside)


def relations(handle: apsw.Connection) -> list[tuple[str, str]]:
    """Name and kind (table or view) of everything that holds rows."""
    found = handle.execute(
        "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite^_%' ESCAPE '^' "
        "ORDER BY type, rowid"
    )
    return [(str(name), str(kind)) for name, kind in found]


def strict_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _pragma(handle: apsw.Connection, what: str, of: str) -> list[Row]:
    try:
        return normal_rows(handle.execute(f"PRAGMA {what}({strict_name(of)})"))
    except apsw.SQLError:  # a view whose tables are gone has no columns
        return []


def _type(declared: str) -> str:
    """A type on one line, in quotes where it is more than words and numbers in brackets: SQLite takes any text."""
    plain = " ".join(declared.upper().split())
    return plain if _PLAIN_TYPE.fullmatch(plain) else strict_name(plain)


def _quoted(handle: apsw.Connection, name: str) -> str:
    if not (name.isascii() and name.isidentifier()):
        return strict_name(name)
    if name.upper() in apsw.keywords:
        try:
            handle.execute(f"SELECT {name} FROM (SELECT 1 AS {name}) AS {name}").fetchall()
        except apsw.SQLError:
            return strict_name(name)
    return name
