"""How rows are put together and in what order: groups, ORDER BY, LIMIT, DISTINCT, nesting."""

from sqlglot import exp

from envs import clauses
from eval.taxonomy.beside import Beside, first_select
from eval.taxonomy.conditions import COUNTED


def grouping(both: Beside) -> set[str]:
    found, gold = (sorted(clauses.grouping(root, both.same_tables)) for root in (both.found, both.gold))
    return set() if found == gold else {"grouping"}


def order(both: Beside) -> set[str]:
    """An order that the gold does not ask for is none of these, unless a LIMIT cuts it."""
    found, gold = (_ordered(root, both.same_tables) for root in (both.found, both.gold))
    cut = any(root.find(exp.Limit) for root in (both.found, both.gold))
    return set() if found == gold or (not gold and not cut) else {"order"}


def _ordered(root: exp.Expr, tables: bool) -> list[str]:
    return [COUNTED.sub("count(*)", one) for one in clauses.order(root, tables)]


def limit(both: Beside) -> set[str]:
    return set() if clauses.limit(both.found, True) == clauses.limit(both.gold, True) else {"limit"}


def distinct(both: Beside) -> set[str]:
    """Of the first SELECT: what is nested may repeat itself."""
    found, gold = (first_select(root) for root in (both.found, both.gold))
    same = found is None or gold is None or bool(found.args.get("distinct")) == bool(gold.args.get("distinct"))
    return set() if same else {"distinct"}


def nesting(both: Beside) -> set[str]:
    """Where one has nested queries and the other has none."""
    found, gold = (clauses.nesting(root, True) for root in (both.found, both.gold))
    return {"nesting"} if (found == ["1"]) != (gold == ["1"]) else set()
