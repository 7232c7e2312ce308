"""The SQL that builds the database: CREATE TABLE and INSERT, plain enough for DuckDB and PostgreSQL alike."""

from datetime import date, datetime
from functools import cache

from envs.storefront.rows import Rows, rows
from envs.storefront.schema import SCHEMA, TABLES

SCALES = {
    "list_price": 2,
    "unit_cost": 2,
    "shipping_fee": 2,
    "unit_price": 2,
    "discount": 2,
    "monthly_fee": 2,
    "predicted_units": 1,
    "lower_units": 1,
    "upper_units": 1,
    "churn_probability": 4,
}
"""Columns that rows hold as whole numbers and the database as NUMERIC with that many decimals."""
CHUNK = 250


def literal(value: object, scale: int = 0) -> str:
    """A row's value as SQL text; `scale` shifts the decimal point of a whole number to the left."""
    match value:
        case None:
            return "NULL"
        case bool():
            return "TRUE" if value else "FALSE"
        case int() if scale:
            return f"{value // 10**scale}.{value % 10**scale:0{scale}d}"
        case int():
            return str(value)
        case datetime():
            return f"'{value:%Y-%m-%d %H:%M}:00'"
        case date():
            return f"'{value.isoformat()}'"
        case _:
            text = str(value).replace("'", "''")
            return f"'{text}'"


def inserts(data: Rows) -> list[str]:
    """One INSERT for every 250 rows of a table, parents before children."""
    statements: list[str] = []
    for table in TABLES:
        tuples: list[str] = []
        for row in getattr(data, table):
            scales = [SCALES.get(column, 0) for column in row._fields]
            values = ", ".join(literal(value, scale) for value, scale in zip(row, scales, strict=True))
            tuples.append(f"({values})")
        for start in range(0, len(tuples), CHUNK):
            statements.append(f"INSERT INTO {table} VALUES\n" + ",\n".join(tuples[start : start + CHUNK]) + ";\n")
    return statements


@cache
def script() -> str:
    """The whole script, the same bytes every time."""
    return SCHEMA + "".join(inserts(rows()))
