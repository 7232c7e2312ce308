"""What is shown: columns too many, too few, others or in another order, and what is counted or summed."""

from collections import Counter
from itertools import chain

from sqlglot import exp

from envs import clauses
from eval.taxonomy.beside import Beside, first_select
from eval.taxonomy.unnested import ANTI

ROWS = "count(*)"


def shown(both: Beside) -> set[str]:
    """Of the first SELECT of each; where these are the same, of the others: the sides of set operations, and what is
    nested in both."""
    found, gold = (_shown(first_select(root), both.same_tables) for root in (both.found, both.gold))
    if found == gold:
        return _nested(both)
    more, less = Counter(found) - Counter(gold), Counter(gold) - Counter(found)
    if not more and not less:
        return {"column order"}
    names: set[str] = set()
    if len(found) != len(gold):
        names.add("missing column" if len(found) < len(gold) else "extra column")
    if more and less:
        names.add("aggregate" if _calls(more) != _calls(less) else "wrong column")
    return names


def _nested(both: Beside) -> set[str]:
    found, gold = (list(root.find_all(exp.Select)) for root in (both.found, both.gold))
    if len(found) != len(gold) or any(map(_is_apart, (both.found, both.gold))):
        return set()
    ours, theirs = (
        Counter(chain.from_iterable(_shown(one, both.same_tables) for one in some)) for some in (found, gold)
    )
    more, less = ours - theirs, theirs - ours
    if more.total() != less.total() or not more:
        return set()
    return {"aggregate" if _calls(more) != _calls(less) else "wrong column"}


def _is_apart(root: exp.Expr) -> bool:
    """Whether what is nested in it does not show what a nested query of the other should."""
    hidden = any(call.name == ANTI and len(call.expressions) == 1 for call in root.find_all(exp.Anonymous))
    return hidden or root.find(exp.CTE) is not None


def _shown(select: exp.Select | None, tables: bool) -> list[tuple[str, tuple[str, ...]]]:
    """Each expression as text, and the functions called in it. A count of a column is one of rows: that they differ
    where there are NULLs is seldom the error."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for one in select.expressions if select is not None else ():
        calls = tuple(clauses.call(call) for call in one.find_all(exp.AggFunc, exp.Window, exp.Anonymous))
        found.append((ROWS if isinstance(one, exp.Count) and calls == ("Count",) else clauses.text(one, tables), calls))
    return found


def _calls(shown: Counter[tuple[str, tuple[str, ...]]]) -> list[str]:
    return sorted(call for _, calls in shown.elements() for call in calls)
