"""Set operations, tables and joins."""

from sqlglot import exp

from envs import clauses
from eval.taxonomy.beside import Beside
from eval.taxonomy.unnested import ANTI, SEMI


def set_operation(both: Beside) -> set[str]:
    same = clauses.set_operations(both.found, True) == clauses.set_operations(both.gold, True)
    return set() if same else {"set operation"}


def tables(both: Beside) -> set[str]:
    found, gold = (set(clauses.tables(root, True)) for root in (both.found, both.gold))
    if found == gold:
        return set()
    return {"wrong table" if found - gold and gold - found else "missing table" if gold - found else "extra table"}


def repeats(both: Beside) -> set[str]:
    """How often a table is read: no matter of its own, but where nothing else differs."""
    found, gold = (len([*root.find_all(exp.Table)]) for root in (both.found, both.gold))
    return set() if found == gold else {"missing table" if found < gold else "extra table"}


def joins(both: Beside) -> set[str]:
    """Other sides, a key that the gold has not, or one that is missing where nothing nested can stand for it."""
    found, gold = (_keys(root) for root in (both.found_joins, both.gold_joins))
    nested = any(call.name in (SEMI, ANTI) for call in both.found_joins.find_all(exp.Anonymous))
    other = found - gold or (gold - found and not nested)
    return {"join"} if other or _sides(both.found_joins) != _sides(both.gold_joins) else set()


def _keys(root: exp.Expr) -> set[frozenset[str]]:
    """What is equated, each as its two columns."""
    equated = (one for one in root.find_all(exp.EQ) if clauses.is_key(one))
    return {frozenset((one.this.sql(), one.expression.sql())) for one in equated}


def _sides(root: exp.Expr) -> list[str]:
    return sorted(join.side for join in root.find_all(exp.Join) if join.side)
