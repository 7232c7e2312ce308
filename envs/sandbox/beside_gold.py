"""What a candidate's result is worth beside the gold's, in every mode of comparison."""

from collections import Counter
from dataclasses import replace
from itertools import chain

from envs import bird, compare, lenient, overlap, spider
from envs.engines import Result
from envs.execution import Execution, Status, Value
from envs.sandbox.ruler import Ruler
from envs.verdict import Verdict


class BesideGold:
    """One gold's result, and of it what many comparisons ask for: its values, its cells, whether it has floats."""

    def __init__(self, ruler: Ruler, gold: str, dialect: str) -> None:
        self._ruler, self._gold, self._dialect = ruler, gold, dialect
        self._measured = () if ruler.result is None else ruler.result.rows
        self._ordered = spider.order_matters(spider.as_evaluated(gold, prediction=False))
        self._values: set[Value] | None = None
        self._has_floats: bool | None = None
        self._cells: Counter[object] | None = None

    def same_types(self, result: Result) -> bool:
        """Whether no integer stands where the gold has an equal float: the official evaluator may tell them apart."""
        types = set(map(type, chain.from_iterable(result.rows)))
        return not (float in types and int in types) and types == set(map(type, chain.from_iterable(self._measured)))

    def verdict(
        self, sql: str, reason: str, execution: Execution, result: Result | None, official: Result | None
    ) -> Verdict:
        """`reason`: why the gate refused it, and then there is no `result`. `official`: what the text that Spider's
        evaluator would run gave, the same object as `result` where that is the same text."""
        ruler = self._ruler
        gold = ruler.result
        if gold is None:
            return ruler.verdict(False, reason)
        apart = result is not None and self._apart(result)
        same = self._spider(official, apart and official is result)
        if result is None or result.status is not Status.OK:
            verdict = ruler.verdict(False, reason or f"does not run: {execution.status}")
            return replace(verdict, spider=same) if same else verdict
        as_sets = self._as_sets(gold, result)
        if ruler.ungradable:
            return Verdict(None, ungradable=ruler.ungradable, spider=same, bird=as_sets)
        whole = apart and gold.columns == result.columns and not self._floats(result)
        if reason := "other rows" if whole else compare.difference(gold, result, ruler.blocks):
            permuted = same and official is result and not self._ordered and ruler.blocks is None
            return self._wrong(sql, gold, result, reason, same, as_sets, permuted)
        vacuous = ruler.vacuous
        verdict = Verdict(True, None, bool(vacuous), "", vacuous, same, as_sets, lenient=True, overlap=1.0)
        return compare.hard_coded(verdict, sql, self._gold, self._dialect, result.tables, gold.tables, len(gold.rows))

    def _as_sets(self, gold: Result, result: Result) -> bool:
        if not gold.rows or not result.rows:
            return not gold.rows and not result.rows
        return gold.columns == result.columns and bird.equal(gold.rows, result.rows)

    def _wrong(
        self, sql: str, gold: Result, result: Result, reason: str, same: bool, as_sets: bool, permuted: bool
    ) -> Verdict:
        """`permuted`: the same but for the order of columns, which is lenient enough."""
        constant = compare.reads_nothing(sql, self._gold, self._dialect, result.tables, gold.tables)
        common = 0.0 if constant else overlap.overlap(gold.rows, result.rows, self._gold_cells())
        kind = gold.columns == result.columns and len(gold.rows) == len(result.rows)
        if kind and not permuted:
            kind = (common == 1.0 or not lenient.hopeless(gold, result, self._gold)) and lenient.equal(
                gold, result, self._ruler.blocks, self._gold, self._dialect
            )
        return Verdict(False, None, False, "", reason, same, as_sets, kind, constant, common)

    def _spider(self, official: Result | None, apart: bool) -> bool:
        ruled = self._ruler.official
        if ruled is None or official is None or ruled.status is not Status.OK or official.status is not Status.OK:
            return False
        if apart and ruled is self._ruler.result:
            return False
        return spider.equal(ruled.rows, official.rows, self._ordered)

    def _apart(self, result: Result) -> bool:
        """A quick look that finds other values than the gold's, which no order of rows or columns makes the same."""
        if len(result.rows) != len(self._measured) or not result.rows:
            return False  # which is quick to see as well
        return not self._gold_values().issuperset(chain.from_iterable(result.rows))

    def _floats(self, result: Result) -> bool:
        """Whether a float stands in one of the two answers: then values that are not the same may still be equal."""
        if self._has_floats is None:
            self._has_floats = float in set(map(type, chain.from_iterable(self._measured)))
        return self._has_floats or float in set(map(type, chain.from_iterable(result.rows)))

    def _gold_values(self) -> set[Value]:
        if self._values is None:
            self._values = set(chain.from_iterable(self._measured))
        return self._values

    def _gold_cells(self) -> Counter[object]:
        if self._cells is None:
            self._cells = overlap.cells(self._measured)
        return self._cells
