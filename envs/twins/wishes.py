"""What a gold query asks the rows of a twin to hold: its literals and their neighbours, its sort keys, its joins."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from envs import gate
from envs.execution import Value
from envs.twins import scope
from envs.twins.literals import value_of
from envs.twins.plants import COMPARISONS, plants, plants_inside, sides
from envs.twins.records import Column, Profile
from envs.twins.scope import Place


@dataclass(frozen=True, slots=True)
class Wishes:
    """`hits` are values that the gold names or that match its patterns, `near` those just beside them.

    `sizes` are numbers that counts are compared with, `limit` is the largest LIMIT, `joined` holds pairs of columns
    that the gold sets equal, `read` the tables it names.
    """

    hits: Mapping[Place, tuple[Value, ...]] = field(default_factory=dict[Place, tuple[Value, ...]])
    near: Mapping[Place, tuple[Value, ...]] = field(default_factory=dict[Place, tuple[Value, ...]])
    sorted_by: frozenset[Place] = frozenset()
    sizes: tuple[int, ...] = ()
    limit: int = 0
    joined: tuple[tuple[Place, Place], ...] = ()
    read: frozenset[str] = frozenset()


def wishes(gold_sql: str, dialect: str, profile: Profile) -> Wishes:
    """Read the gold; of one that does not parse nothing is known, and its twins are like those of any other query."""
    root = gate.parse(gold_sql, dialect) if gold_sql.strip() else ""
    if isinstance(root, str):
        return Wishes()
    hits: dict[Place, list[Value]] = {}
    near: dict[Place, list[Value]] = {}
    sizes: list[int] = []
    joined: list[tuple[Place, Place]] = []
    for node in root.find_all(*COMPARISONS):
        left, rights = sides(node)
        inside = [left] if isinstance(left, exp.Column) else list(left.find_all(exp.Column))
        if left.find(exp.AggFunc):
            sizes += [v for right in rights if isinstance(v := value_of(right, profile), int) and 0 <= v <= 12]
            continue
        at = scope.place(inside[0], profile) if len(inside) == 1 and not scope.text_of(inside[0], profile) else None
        for right in rights if at is not None else ():
            assert at is not None
            other = _compared(node, right) if scope.text_of(right, profile) is None else None
            if other is not None and inside == [left]:
                joined += [(at, there)] if (there := scope.place(other, profile)) else []
            elif (value := value_of(right, profile)) is not None:
                column = _column(at, profile)
                good, bad = plants(node, value, column) if inside == [left] else plants_inside(left, value, column)
                hits.setdefault(at, []).extend(good)
                near.setdefault(at, []).extend(bad)
    for both in root.find_all(exp.SetOperation):
        joined += _paired(both, profile)
    ordered = [c for order in root.find_all(exp.Order) for c in order.find_all(exp.Column)]
    limits = [v for limit in root.find_all(exp.Limit) if isinstance(v := value_of(limit.expression, profile), int)]
    return Wishes(
        {at: tuple(dict.fromkeys(values)) for at, values in hits.items()},
        {at: tuple(v for v in dict.fromkeys(values) if v not in hits[at]) for at, values in near.items()},
        frozenset(at for c in ordered if (at := scope.place(c, profile))),
        tuple(dict.fromkeys(sizes)),
        max(limits, default=0),
        tuple(dict.fromkeys(joined)),
        frozenset(t.name.lower() for t in root.find_all(exp.Table)),
    )


def _compared(node: exp.Expr, right: exp.Expr) -> exp.Column | None:
    """The column on the other side of `=`, or the one that IN (SELECT ...) selects."""
    if isinstance(node, exp.EQ) and isinstance(right, exp.Column):
        return right
    return _only_column(right) if isinstance(node, exp.In) and isinstance(right, exp.Query) else None


def _column(place: Place, profile: Profile) -> Column:
    table = profile.table(place[0])
    column = table.column(place[1]) if table is not None else None
    assert column is not None
    return column


def _paired(both: exp.SetOperation, profile: Profile) -> list[tuple[Place, Place]]:
    """The columns that the two sides of a set operation compare."""
    pairs: list[tuple[Place, Place]] = []
    for one, other in zip(both.this.selects, both.expression.selects, strict=False):
        shown = one.unalias(), other.unalias()
        if isinstance(shown[0], exp.Column) and isinstance(shown[1], exp.Column):
            places = scope.place(shown[0], profile), scope.place(shown[1], profile)
            if places[0] and places[1]:
                pairs.append((places[0], places[1]))
    return pairs


def _only_column(query: exp.Expr) -> exp.Column | None:
    while isinstance(query, exp.SetOperation | exp.Subquery):
        query = query.this
    if not isinstance(query, exp.Select) or len(query.expressions) != 1:
        return None
    shown = query.expressions[0].unalias()
    return shown if isinstance(shown, exp.Column) else None
