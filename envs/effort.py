"""What a query takes, said before anybody waits for it: joins, nesting, tables, and the rows of its plan."""

from dataclasses import dataclass

from envs import gate
from envs.engines import Connection, load
from envs.example import Engine


@dataclass(frozen=True, slots=True)
class Effort:
    """`nesting` counts the levels of queries inside queries, 0 for none; `rows` go through the widest step of the
    plan, by the engine's estimate, None where there is none."""

    joins: int
    nesting: int
    tables: int
    rows: int | None

    def __str__(self) -> str:
        parts = [_count(self.tables, "table"), _count(self.joins, "join")]
        parts.append(f"queries nested {self.nesting} deep" if self.nesting else "no nested query")
        rows = "rows not estimated" if self.rows is None else f"about {_count(self.rows, 'row')} to go through"
        return ", ".join([*parts, rows])


def effort(connection: Connection, engine: Engine, sql: str, seconds: float) -> Effort | None:
    """Of a query that the engine takes; None where sqlglot does not read it."""
    from sqlglot import exp

    root = gate.parse(sql, engine)
    if isinstance(root, str):
        return None
    own = {cte.alias_or_name.lower() for cte in root.find_all(exp.CTE)}
    tables = {one.alias_or_name.lower(): one.name for one in root.find_all(exp.Table) if one.name.lower() not in own}
    return Effort(
        joins=len(list(root.find_all(exp.Join))),
        nesting=max((_depth(one) for one in root.find_all(exp.Select)), default=0),
        tables=len({name.lower() for name in tables.values()}),
        rows=load(engine).widest_step(connection, sql, tables, seconds),
    )


def _depth(select: object) -> int:
    """How many other queries stand around it; a set operation is no level of its own."""
    from sqlglot import exp

    depth, inner = 0, select
    while isinstance(inner, exp.Expr) and (inner := inner.parent) is not None:
        depth += isinstance(inner, exp.Select)
    return depth


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")
