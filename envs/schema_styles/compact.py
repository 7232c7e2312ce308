"""One line a table with names, types and keys, and nothing else: `head(head_ID*: INT, name: TEXT, at: INT > city.id)`.

A star marks the primary key, `> table.column` what a column refers to; a key of several columns ends the line. Types
keep their first word. After the one-line schemas of the first prompts for text-to-SQL (Rajkumar et al., 2022,
arXiv:2204.00498), with the keys that those leave out.
"""

from envs.catalogue import Catalogue, Column, Table
from envs.table_line import unquoted


def write(catalogue: Catalogue) -> str:
    """The tables in their order."""
    return "\n".join(map(_table, catalogue.tables))


def _table(table: Table) -> str:
    primary = {unquoted(name).lower() for name in table.primary}
    single = {unquoted(key.columns[0]).lower(): key for key in table.foreign if len(key.columns) == 1}
    joint = [key for key in table.foreign if len(key.columns) > 1]

    def column(one: Column) -> str:
        kind = one.type.partition(" ")[0].partition("(")[0]
        text = one.name + ("*" if one.plain in primary else "") + (f": {kind}" if kind else "")
        if key := single.get(one.plain):
            text += f" > {key.table}" + (f".{key.to[0]}" if key.to else "")
        return text

    keys = "".join(f" ({', '.join(key.columns)}) > {key.table}({', '.join(key.to)})" for key in joint)
    return f"{table.name}({', '.join(map(column, table.columns))}){keys}"
