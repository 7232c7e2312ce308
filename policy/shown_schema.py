"""A schema as lines of CREATE TABLE, taken apart so that a lesson can show part of it and in another order."""

import re
from dataclasses import dataclass
from random import Random

from envs.lexical import tokens

_LINE = re.compile(r'CREATE (TABLE|VIEW) ("(?:[^"]|"")+"|\w+) \((.*)\);?', re.DOTALL)
_REFERENCE = re.compile(r' REFERENCES ("(?:[^"]|"")+"|\w+)(\([^)]*\))?')
_NAME = re.compile(r'"(?:[^"]|"")+"|\w+')
_KEY = re.compile(r"(?:PRIMARY|FOREIGN) KEY \(")
MOST_CHARACTERS = 1400
"""A longer schema is thinned: about 700 tokens of the seedling."""


@dataclass(frozen=True, slots=True)
class Table:
    """`name` and the names in `columns` are as the schema spells them, quotes included; `keys` follow the columns."""

    kind: str
    name: str
    columns: tuple[str, ...]
    keys: tuple[str, ...]

    def names(self) -> list[str]:
        return [self.name, *(_column(column) for column in self.columns)]


def tables(schema: str) -> tuple[Table, ...]:
    """The tables and views of a schema as `envs.schema.schema_of` writes it from a file, one a line."""
    found: list[Table] = []
    for line in schema.splitlines():
        if match := _LINE.fullmatch(line.strip()):
            parts = _parts(match[3])
            columns = tuple(part for part in parts if not _KEY.match(part))
            found.append(Table(match[1], match[2], columns, tuple(part for part in parts if _KEY.match(part))))
    return tuple(found)


def text(shown: tuple[Table, ...]) -> str:
    """The lines again."""
    return "\n".join(f"CREATE {t.kind} {t.name} ({', '.join((*t.columns, *t.keys))});" for t in shown)


def named(shown: tuple[Table, ...], sql: str) -> tuple[list[str], list[str]]:
    """Names of the schema that stand in `sql`, and the others, both without quotes."""
    lower = sql.lower()
    names = [name.strip('"') for table in shown for name in table.names()]
    return [name for name in names if name.lower() in lower], [name for name in names if name.lower() not in lower]


def thinned(whole: tuple[Table, ...], sql: str, rng: Random) -> tuple[Table, ...]:
    """What `sql` needs of a schema, some of the rest, mostly in another order.

    Tables and columns that the query does not name may go; what pointed at them goes with them.
    """
    said = {sql[start:end].strip('"`').lower() for kind, start, end in tokens(sql) if kind in ("word", "name")}
    used = [t for t in whole if t.name.strip('"').lower() in said]
    others = [t for t in whole if t not in used]
    most = len(others) if rng.random() < 0.3 else min(len(others), rng.choice((0, 1, 2, 3, 5)))
    kept = [*used, *rng.sample(others, most)]
    if rng.random() < 0.7:
        rng.shuffle(kept)
    else:
        kept.sort(key=whole.index)
    shuffled, dropped = rng.random() < 0.3, rng.choice((0.0, 0.0, 0.3))
    while True:
        shown = _consistent([_some(t, said, dropped, rng if shuffled else None, rng) for t in kept])
        if len(text(shown)) <= MOST_CHARACTERS or (dropped > 0.95 and len(kept) == len(used)):
            return shown
        unused = [t for t in kept if t not in used]
        if unused:
            kept.remove(rng.choice(unused))
        dropped = min(1.0, dropped + 0.2)


def _some(table: Table, said: set[str], dropped: float, order: Random | None, rng: Random) -> Table:
    """The table without some of the columns that nobody asks for; at least one stays."""
    if not dropped and order is None:
        return table
    columns = [c for c in table.columns if _column(c).strip('"').lower() in said or rng.random() >= dropped]
    columns = columns or [table.columns[0]]
    if order:
        order.shuffle(columns)
    names = {_column(c) for c in columns}
    keys = tuple(k for k in table.keys if set(_NAME.findall(k[k.index("(") + 1 : k.index(")")])) <= names)
    return Table(table.kind, table.name, tuple(columns), keys)


def _consistent(shown: list[Table]) -> tuple[Table, ...]:
    """The same tables without references to what is not shown."""
    has = {t.name.lower(): {n.lower() for n in t.names()} for t in shown}

    def kept(match: re.Match[str]) -> str:
        to = {name.lower() for name in _NAME.findall(match[2] or "")}
        return match[0] if match[1].lower() in has and to <= has[match[1].lower()] else ""

    found: list[Table] = []
    for t in shown:
        columns = tuple(_REFERENCE.sub(kept, c) for c in t.columns)
        keys = tuple(k for k in t.keys if k.startswith("PRIMARY") or _REFERENCE.sub(kept, k) == k)
        found.append(Table(t.kind, t.name, columns, keys))
    return tuple(found)


def _parts(body: str) -> list[str]:
    """What stands between the commas that are in no brackets."""
    depth, start, found = 0, 0, list[str]()
    for kind, at, end in tokens(body):
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth -= 1
        elif depth == 0 and kind == "other" and "," in body[at:end]:
            found.append(body[start:at].strip())
            start = end
    return [*found, body[start:].strip()]


def _column(part: str) -> str:
    match = _NAME.match(part)
    return match[0] if match else part
