"""CREATE statements, one a line, with meanings and sample values as comments: the text of `envs.annotated_schema`."""

from envs.catalogue import Catalogue, Column, Table
from envs.engines import create_table
from envs.table_line import TableLine


def write(catalogue: Catalogue) -> str:
    """The statements in the order of the tables, each with a semicolon at its end."""
    return "\n".join(map(statement, catalogue.tables))


def statement(table: Table) -> str:
    """One table or view."""
    if table.is_view:
        return f"CREATE VIEW {table.name} ({', '.join(column.name for column in table.columns)});"
    foreign = [(key.columns, key.table, key.to) for key in table.foreign]
    line = create_table(table.name, [(column.name, column.type) for column in table.columns], table.primary, foreign)
    comments = {i: said for i, column in enumerate(table.columns) if (said := _comment(column))}
    taken = TableLine.of(line) if comments else None
    return taken.written(comments) if taken else f"{line};"


def _comment(column: Column) -> str:
    shown = f"e.g. {', '.join(column.samples)}" if column.samples else ""
    return "; ".join(part for part in (column.meaning, shown) if part)
