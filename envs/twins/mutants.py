"""Queries one small mistake away from the gold. Twins are chosen so that each of them answers differently somewhere.

The mistakes are those that single-database execution is known to miss: Zhong et al. 2020, "Semantic Evaluation for
Text-to-SQL with Distilled Test Suites" (arXiv 2010.02840) mutate comparisons and literals; joins, keys of groups,
counting and set operations are added here.
"""

from collections.abc import Callable, Iterator
from typing import cast

from sqlglot import exp

from envs import gate
from envs.twins import condition_mistakes as conditions
from envs.twins import shape_mistakes as shape
from envs.twins.records import Profile

MOST = 60
Rule = Callable[[exp.Expr, Profile], Iterator[exp.Expr | None]]
RULES: tuple[Rule, ...] = (
    conditions.operators,
    conditions.predicates,
    conditions.repeats,
    conditions.counted,
    shape.grouping,
    shape.joining,
    shape.sets,
    shape.ordering,
    shape.largest,
    shape.first,
    conditions.columns,
    conditions.literals,
    conditions.one_of,
)


def mutants(gold_sql: str, dialect: str, profile: Profile) -> list[str]:
    """At most `MOST` different texts, taking from every rule in turn; none when the gold does not parse."""
    parsed = gate.parse(gold_sql, dialect)
    if isinstance(parsed, str):
        return []
    root = parsed.copy()
    original = root.sql(dialect=dialect)
    by_rule: list[list[str]] = []
    nodes = list(root.walk())

    def write(tree: exp.Expr) -> str:
        return tree.sql(dialect=dialect)

    for rule in RULES:
        texts: list[str] = []
        for node in nodes:
            for other in rule(node, profile):
                text = changed(root, node, other, write)
                if text and text != original:
                    texts.append(text)
        by_rule.append(list(dict.fromkeys(texts)))
    mixed = [texts[i] for i in range(max(map(len, by_rule))) for texts in by_rule if i < len(texts)]
    return list(dict.fromkeys(mixed))[:MOST]


def changed(root: exp.Expr, node: exp.Expr, other: exp.Expr | None, write: Callable[[exp.Expr], str]) -> str:
    """The text of the query with one node replaced, "" where nothing is left; the tree is put back as it was."""
    if node is root:
        return write(other) if other is not None else ""
    parent, key, at = node.parent, node.arg_key, node.index
    assert parent is not None and key is not None
    held: object = parent.args[key]
    put: object
    if isinstance(held, list):
        siblings = cast(list[exp.Expr], held)
        put = [other if i == at else v for i, v in enumerate(siblings) if i != at or other is not None]
        if not put and key == "expressions":
            return ""
    else:
        put = other
    parent.args[key] = put
    try:
        return write(root)
    finally:
        parent.args[key] = held
