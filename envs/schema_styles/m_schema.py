"""M-Schema: a block for each table, a bracket for each column with type, key, meaning and examples; joins at the end.

Source: the description in XiYan-SQL (Gao et al., 2024, arXiv:2411.08599): written from it, not from its
code, and without a line that names the database, which a prompt does not know:

    【Schema】
    # Table: head
    [
    (head_ID:INT, Primary Key),
    (name:TEXT, of the person, Examples: ['Ann', 'Bo'])
    ]
    【Foreign keys】
    management.head_ID=head.head_ID
"""

from collections.abc import Iterator

from envs.catalogue import Catalogue, Column, Table
from envs.table_line import unquoted

SAMPLES = True


def write(catalogue: Catalogue) -> str:
    """The blocks in the order of the tables, then the foreign keys, in the order of the tables that have them."""
    primary = {table.plain: table.primary for table in catalogue.tables}
    joins = [line for table in catalogue.tables for line in _joins(table, primary)]
    blocks = [_block(table) for table in catalogue.tables]
    return "\n".join(["【Schema】", *blocks, *(["【Foreign keys】", *joins] if joins else [])])


def _block(table: Table) -> str:
    keys = {unquoted(name).lower() for name in table.primary}
    lines = ",\n".join(_column(column, column.plain in keys) for column in table.columns)
    return f"# Table: {table.name}{f', {table.meaning}' if table.meaning else ''}\n[\n{lines}\n]"


def _column(column: Column, key: bool) -> str:
    parts = [
        f"{column.name}:{column.type}" if column.type else column.name,
        "Primary Key" if key else "",
        column.meaning,
        f"Examples: [{', '.join(column.samples)}]" if column.samples else "",
    ]
    return f"({', '.join(part for part in parts if part)})"


def _joins(table: Table, primary: dict[str, tuple[str, ...]]) -> Iterator[str]:
    """`a.x=b.y`, one a column; where a key leaves its target out, that is the other's primary key."""
    for key in table.foreign:
        to = key.to or primary.get(unquoted(key.table).lower(), ())
        for one, other in zip(key.columns, to, strict=False):
            yield f"{table.name}.{one}={key.table}.{other}"
