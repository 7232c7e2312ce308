"""What the golds of one split are made of, and what they use of the schemas they are asked about."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from envs import gate
from envs.example import Example
from envs.explore.clauses import ORDER, Anatomy, anatomy
from envs.explore.facts import Made, Reach
from envs.explore.shown import Column, Shown, shown, used


@dataclass(frozen=True, slots=True)
class Look:
    """One example: its schema as shown, and parts and what is used of a gold that parses (else None and nothing)."""

    shown: Shown
    anatomy: Anatomy | None
    tables: frozenset[str] = frozenset()
    columns: frozenset[Column] = frozenset()

    @property
    def level(self) -> str:
        """How many joins, in words: what stands for a difficulty where the task names none."""
        if self.anatomy is None:
            return "does not parse"
        joins = self.anatomy.joins
        return "no join" if joins == 0 else "1 join" if joins == 1 else "2 joins" if joins == 2 else "3 joins or more"


def look(example: Example) -> Look:
    """Read one gold and the schema it is asked about."""
    seen = shown(example.schema, example.dialect)
    root = gate.parse(example.gold_sql, example.dialect)
    if isinstance(root, str):
        return Look(seen, None)
    return Look(seen, anatomy(root, example.dialect), *used(root, seen))


def made(looks: Iterable[Look]) -> Made:
    """Counts of golds, the names in the order of `clauses.ORDER` or by how frequent they are."""
    parts = [seen.anatomy for seen in looks if seen.anatomy is not None]
    clauses = Counter(name for part in parts for name in part.clauses)
    return Made(
        parsed=len(parts),
        clauses={name: clauses[name] for name in ORDER if clauses[name]},
        aggregates=_ranked(name for part in parts for name in part.aggregates),
        functions=_ranked(name for part in parts for name in part.functions),
        joins=dict(sorted(Counter(part.joins for part in parts).items())),
    )


def reach(examples: Sequence[Example], looks: Sequence[Look]) -> Reach:
    """What is shown and what is used; schemas are counted once, examples each."""
    schemas: dict[tuple[str, str], Shown] = {}
    ever: dict[tuple[str, str], set[Column]] = {}
    for example, seen in zip(examples, looks, strict=True):
        if seen.shown.tables:
            schemas[example.schema_id, example.schema] = seen.shown
            ever.setdefault((example.schema_id, example.schema), set()).update(seen.columns)
    asked = [seen for seen in looks if seen.anatomy is not None and seen.shown.columns]
    shapes = list(schemas.values())
    return Reach(
        schemas=len(shapes),
        tables_mean=_mean(len(shape.tables) for shape in shapes),
        tables_max=max((len(shape.tables) for shape in shapes), default=0),
        columns_mean=_mean(shape.columns for shape in shapes),
        columns_max=max((shape.columns for shape in shapes), default=0),
        foreign_keys_mean=_mean(shape.foreign_keys for shape in shapes),
        unread=sum(shape.unread for shape in {id(seen.shown): seen.shown for seen in looks}.values()),
        tables_used_mean=_mean(len(seen.tables) for seen in asked),
        columns_used_mean=_mean(len(seen.columns) for seen in asked),
        columns_used_share=_mean((len(seen.columns) / seen.shown.columns for seen in asked), 4),
        columns_ever_used_share=round(sum(map(len, ever.values())) / max(1, sum(shape.columns for shape in shapes)), 4),
    )


def _ranked(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items(), key=lambda item: (-item[1], item[0])))


def _mean(values: Iterable[float], digits: int = 2) -> float:
    found = list(values)
    return round(sum(found) / len(found), digits) if found else 0.0
