"""A database's schema as records, for what must rank it, cut it or write it in another style."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from envs.table_line import unquoted


@dataclass(frozen=True, slots=True)
class Column:
    """`name` as SQL writes it, quotes included; `samples` are SQL literals; `meaning` is "" where nothing is said."""

    name: str
    type: str = ""
    meaning: str = ""
    samples: tuple[str, ...] = ()

    @property
    def plain(self) -> str:
        """The name without quotes, in lower case: what names are compared by."""
        return unquoted(self.name).lower()


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Columns that refer to those of another table, all names as SQL writes them."""

    columns: tuple[str, ...]
    table: str
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table, or a view: that has neither types nor keys."""

    name: str
    columns: tuple[Column, ...]
    primary: tuple[str, ...] = ()
    foreign: tuple[ForeignKey, ...] = ()
    is_view: bool = False
    meaning: str = ""

    @property
    def plain(self) -> str:
        """See `Column.plain`."""
        return unquoted(self.name).lower()

    def keys(self) -> frozenset[str]:
        """The plain names of the columns in a primary or foreign key."""
        named = (*self.primary, *(column for key in self.foreign for column in key.columns))
        return frozenset(unquoted(name).lower() for name in named)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The tables of one database in their order. `edges` are the numbers of tables that a foreign key connects."""

    tables: tuple[Table, ...]
    edges: tuple[tuple[int, int], ...] = field(init=False)

    def __post_init__(self) -> None:
        at = {table.plain: i for i, table in enumerate(self.tables)}
        pairs = (
            (i, at.get(unquoted(key.table).lower(), i)) for i, table in enumerate(self.tables) for key in table.foreign
        )
        found = {(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]}
        object.__setattr__(self, "edges", tuple(sorted(found)))

    def keys(self) -> tuple[frozenset[str], ...]:
        """For each table the plain names of the columns in a key of its own, or that a key of another refers to."""
        found = [set(table.keys()) for table in self.tables]
        at = {table.plain: i for i, table in enumerate(self.tables)}
        for table in self.tables:
            for key in table.foreign:
                if (to := at.get(unquoted(key.table).lower())) is not None:
                    found[to] |= {unquoted(name).lower() for name in key.to}
        return tuple(map(frozenset, found))

    def only(self, kept: Callable[[Table], bool], column: Callable[[Table, Column], bool]) -> "Catalogue":
        """The kept tables with their kept columns; keys and references to what is gone go too."""
        left = {
            table.plain: {each.plain for each in table.columns if column(table, each)}
            for table in self.tables
            if kept(table)
        }
        return Catalogue(tuple(_with(table, left) for table in self.tables if table.plain in left))


def _with(table: Table, left: dict[str, set[str]]) -> Table:
    here = left[table.plain]

    def there(names: tuple[str, ...], of: set[str]) -> bool:
        return all(unquoted(name).lower() in of for name in names)

    foreign = tuple(
        key
        for key in table.foreign
        if there(key.columns, here) and (to := left.get(unquoted(key.table).lower())) is not None and there(key.to, to)
    )
    return replace(
        table,
        columns=tuple(each for each in table.columns if each.plain in here),
        primary=table.primary if there(table.primary, here) else (),
        foreign=foreign,
    )
