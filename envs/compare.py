"""The ruler: whether two answers are equal (`strict`), or two databases after a statement that writes (`state`).

Typed values: text '10' is not the number 10, NULL is NULL, TRUE is 1, NaN is NaN. Two floats are equal within a
relative 1e-6; integers are equal only if they are the same; an integer equals a float of the same value, or one that
misses it by floating-point noise. Rows are a multiset; order counts only as far as `envs.ordering` says. Column order
and count matter, column names do not. Version: `envs.verdict.CONTRACT`.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from operator import eq

from envs.engines import Result, State
from envs.execution import Value
from envs.gate import parse, tables
from envs.truth import tells_truth
from envs.values import Row
from envs.verdict import Verdict

TOLERANCE = 1e-6
NOISE = 1e-9
ZERO = 1e-12
"""Relative tolerance between floats, between an integer and a float, and what counts as zero beside zero."""
MATCHED = 200
"""Rows that differ only within tolerance are paired exactly up to this many, in sorted order beyond it."""


def strict(gold: Result, answer: Result, blocks: Sequence[int] | None = None) -> Verdict:
    """Compare two answers. `blocks` holds the sizes of the gold's runs of tied rows, None when order is free."""
    if reason := difference(gold, answer, blocks):
        return Verdict(False, reason=reason)
    if not gold.rows:
        return Verdict(True, vacuous=True, reason="both answers are empty")
    return Verdict(True)


def difference(gold: Result, answer: Result, blocks: Sequence[int] | None = None) -> str:
    """Why two answers are not equal, "" when they are; `blocks` as in `strict`."""
    if gold.columns != answer.columns:
        return f"{_count(answer.columns, 'column')}, expected {gold.columns}"
    if len(gold.rows) != len(answer.rows):
        return f"{_count(len(answer.rows), 'row')}, expected {len(gold.rows):,}"
    if not all(map(eq, gold.rows, answer.rows)):
        if not same_rows(gold.rows, answer.rows):
            return "other rows"
        if blocks is not None and not same_order(gold.rows, answer.rows, blocks):
            return "the right rows in another order"
    return ""


def hard_coded(
    verdict: Verdict,
    answer_sql: str,
    gold_sql: str,
    dialect: str,
    answer_tables: frozenset[str] | None = None,
    gold_tables: frozenset[str] | None = None,
    gold_rows: int = 1,
) -> Verdict:
    """A strict match again, now that it may be an answer that reads no table where the gold does.

    Such an answer is wrong: it copies the result. It stays right beside a gold that proves nothing (`verdict.vacuous`),
    and, as `constant`, beside a gold whose one value is a yes or no, which can be right by itself. `answer_tables` and
    `gold_tables` are what the engine says they read, and the text decides where that is None; `gold_rows` counts the
    rows of the gold's answer.
    """
    if verdict.vacuous or not reads_nothing(answer_sql, gold_sql, dialect, answer_tables, gold_tables):
        return verdict
    if gold_rows == 1 and tells_truth(gold_sql, dialect):
        return replace(verdict, constant=True, reason="a constant answer to a question of yes or no")
    return replace(verdict, strict=False, lenient=False, overlap=0.0, constant=True, reason="a hard-coded answer")


def reads_nothing(
    answer_sql: str,
    gold_sql: str,
    dialect: str,
    answer_tables: frozenset[str] | None = None,
    gold_tables: frozenset[str] | None = None,
) -> bool:
    """Whether an answer reads no table where the gold does; where the engine does not say, the text decides."""
    if answer_tables or gold_tables == frozenset():
        return False
    if answer_tables is None and (tables(answer_sql, dialect) or isinstance(parse(answer_sql, dialect), str)):
        return False
    return gold_tables is not None or bool(tables(gold_sql, dialect))


def state(gold: State, found: State, before: State) -> Verdict:
    """Compare what two statements left behind; `before` is the database they started from."""
    reason = _state_difference(gold, found)
    if reason:
        return Verdict(None, state=False, reason=reason)
    if not _state_difference(gold, before):
        return Verdict(None, state=True, vacuous=True, reason="the gold changes nothing")
    return Verdict(None, state=True)


def same_value(one: Value, other: Value) -> bool:
    """Whether two values are equal under the contract."""
    if isinstance(one, int | float) and isinstance(other, int | float):
        if one == other or (one != one and other != other):
            return True
        if isinstance(one, int) and isinstance(other, int):
            return False
        if isinstance(one, float) and isinstance(other, float):
            return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=ZERO)
        whole, real = (one, other) if isinstance(one, int) else (other, one)
        if abs(whole) >= 2**63 or float(real).is_integer():
            return False
        return math.isclose(whole, real, rel_tol=NOISE, abs_tol=ZERO)
    return type(one) is type(other) and one == other


def same_row(one: Row, other: Row) -> bool:
    return len(one) == len(other) and all(map(same_value, one, other))


def same_rows(gold: Sequence[Row], rows: Sequence[Row]) -> bool:
    """Whether two multisets of rows are equal under the contract."""
    if len(gold) != len(rows):
        return False
    left, right = Counter(map(_exact, gold)), Counter(map(_exact, rows))
    if left == right:
        return True
    spare, wanted = list((left - right).elements()), list((right - left).elements())
    fuzzy = {i for row in spare + wanted for i, value in enumerate(row) if isinstance(value, float)}
    if not fuzzy:
        return False
    groups: defaultdict[Row, tuple[list[Row], list[Row]]] = defaultdict(lambda: ([], []))
    for side, some in enumerate((spare, wanted)):
        for row in some:
            key = tuple("number" if i in fuzzy and isinstance(v, int | float) else v for i, v in enumerate(row))
            groups[key][side].append(row)
    return all(_pair_off(*group) for group in groups.values())


def same_order(gold: Sequence[Row], rows: Sequence[Row], blocks: Sequence[int]) -> bool:
    """Whether equal multisets of rows come in the same order, up to ties: `blocks` are the sizes of the tied runs."""
    ends = list(accumulate(blocks, initial=0))
    return all(same_rows(gold[start:end], rows[start:end]) for start, end in pairwise(ends))


def _pair_off(some: list[Row], others: list[Row]) -> bool:
    if len(some) != len(others):
        return False
    for key in (_in_order, _rounded):
        some, others = sorted(some, key=key), sorted(others, key=key)
        if all(map(same_row, some, others)):
            return True
    if len(some) > MATCHED:
        return False
    taken: dict[int, int] = {}

    def place(i: int, seen: set[int]) -> bool:
        for j, other in enumerate(others):
            if j not in seen and same_row(some[i], other):
                seen.add(j)
                if j not in taken or place(taken[j], seen):
                    taken[j] = i
                    return True
        return False

    return all(place(i, set()) for i in range(len(some)))


def _exact(row: Row) -> Row:
    """`row` as a dictionary key: equal numbers are equal keys already; NaN becomes one object, which equals itself."""
    return tuple(math.nan if value != value else value for value in row)


def _in_order(row: Row) -> tuple[tuple[float, str], ...]:
    """Rows by their values: with one number each, equal multisets then stand side by side."""
    return tuple((v, "") if isinstance(v, int | float) and v == v else (0, str(v)) for v in row)


def _rounded(row: Row) -> tuple[tuple[float, str], ...]:
    return tuple(_sort_key(v) for v in row)


def _sort_key(value: Value) -> tuple[float, str]:
    if isinstance(value, float):
        return float(f"{value:.5g}"), ""
    return (value, "") if isinstance(value, int) else (0, str(value))


def _state_difference(gold: State, found: State) -> str:
    if missing := gold.relations.keys() ^ found.relations.keys():
        return f"tables or views differ: {', '.join(sorted(missing)[:5])}"
    for name, relation in gold.relations.items():
        other = found.relations[name]
        if relation.columns != other.columns:
            return f"the columns of {name} differ"
        if not same_rows(relation.rows, other.rows):
            return f"the rows of {name} differ"
    return "indexes or constraints differ" if gold.indexes != found.indexes else ""


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")
