"""Which rows: conditions, the values in them, and the ways of taking the first."""

import re

from sqlglot import exp

from envs import clauses
from eval.taxonomy.beside import Beside
from eval.taxonomy.unnested import ANTI, SEMI

COUNTED = re.compile(r"count\((?!distinct)[^()]*\)")
"""Of rows or of a column: that they differ where there are NULLs is seldom the error."""


def filters(both: Beside) -> set[str]:
    """`value` where the conditions are the same but for literals."""
    if _filters(both.found, both.same_tables) != _filters(both.gold, both.same_tables):
        return {"filter"}
    if not both.set_operations and _counted(both.found) != _counted(both.gold):
        return {"filter"}
    return set() if _values(both.found, exp.Where) == _values(both.gold, exp.Where) else {"value"}


def having(both: Beside) -> set[str]:
    same = _having(both.found) == _having(both.gold)
    return set() if same and _values(both.found, exp.Having) == _values(both.gold, exp.Having) else {"having"}


def ties(both: Beside) -> set[str]:
    """One takes the first rows of an order, the other those that equal a maximum or minimum: they differ in ties."""
    ways = [(_takes_first(root), _equals_extreme(root)) for root in (both.found, both.gold)]
    return {"ties"} if ways[0] != ways[1] and {ways[0], ways[1]} == {(True, False), (False, True)} else set()


def _filters(root: exp.Expr, tables: bool) -> list[str]:
    """Of the whole query, nested ones too; each condition once, but for NOT IN. That a nested query has a mate is said
    by what it is joined on."""
    found = clauses.filters(root, tables)
    denied = [one for one in found if one.startswith(f"{ANTI}(")]
    return sorted({one for one in found if not one.startswith((f"{SEMI}(", f"{ANTI}("))}) + denied


def _counted(root: exp.Expr) -> list[int]:
    """How many conditions each SELECT has beside its joins, of those that have any."""
    found = (clauses.conjuncts(select.args.get("where")) for select in root.find_all(exp.Select))
    counts = (sum(not (clauses.is_key(one) or one.name in (SEMI, ANTI)) for one in some) for some in found)
    return sorted(count for count in counts if count)


def _having(root: exp.Expr) -> list[str]:
    return sorted(COUNTED.sub("count(*)", one) for one in clauses.having(root, True))


def _values(root: exp.Expr, clause: type[exp.Expr]) -> list[str]:
    """The literals in one kind of clause, each once; 5 and '5' are one, as most engines compare them."""
    found: set[str] = set()
    for literal in root.find_all(exp.Literal, exp.Boolean):
        nearest = literal.find_ancestor(exp.Where, exp.Having, exp.Limit, exp.Offset, exp.Select)
        if isinstance(nearest, clause):
            found.add(literal.name or literal.sql())
    return sorted(found)


def _takes_first(root: exp.Expr) -> bool:
    return any(query.args.get("order") and query.args.get("limit") for query in root.find_all(exp.Select))


def _equals_extreme(root: exp.Expr) -> bool:
    for one in root.find_all(exp.EQ, exp.In):
        inner = one.find(exp.Select)
        if inner is not None and any(shown.find(exp.Max, exp.Min) for shown in inner.expressions):
            return True
    return False
