import itertools
import json
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envs.engines import load
from envs.example import Database
from envs.spider import as_evaluated, equal, order_matters
from envs.values import Row


def by_the_rule(gold: Sequence[Row], rows: Sequence[Row], ordered: bool) -> bool:
    """The evaluator's rule as it is stated, with every permutation of the columns."""
    if not gold and not rows:
        return True
    if len(gold) != len(rows) or len(gold[0]) != len(rows[0]):
        return False
    some, others = ([tuple(sorted(row, key=lambda v: str(v) + str(type(v)))) for row in t] for t in (gold, rows))
    if some != others if ordered else set(some) != set(others):
        return False
    for order in itertools.permutations(range(len(gold[0]))):
        moved = [tuple(row[i] for i in order) for row in rows]
        if list(gold) == moved if ordered else Counter(gold) == Counter(moved):
            return True
    return False


cells = st.sampled_from([0, 1, 1.0, -0.0, 1.5, "1", "1.5", "a", "", None, b"a"])


@st.composite
def pairs(draw: st.DrawFn) -> tuple[list[Row], list[Row]]:
    """Two small tables, the second often the first with rows and columns moved and a value or two changed."""
    width = draw(st.integers(1, 5))
    cell = st.sampled_from([0, 1]) if draw(st.booleans()) else cells
    row = st.lists(cell, min_size=width, max_size=width).map(tuple)
    gold = draw(st.lists(row, max_size=5))
    if draw(st.integers(0, 9)) == 0:
        return gold, draw(st.lists(st.lists(cell, min_size=width, max_size=width).map(tuple), max_size=5))
    order = draw(st.permutations(range(width)))
    rows = [tuple(r[i] for i in order) for r in (draw(st.permutations(gold)) if draw(st.booleans()) else gold)]
    for _ in range(draw(st.integers(0, 2)) if rows else 0):
        i, j = draw(st.integers(0, len(rows) - 1)), draw(st.integers(0, width - 1))
        rows[i] = (*rows[i][:j], draw(cell), *rows[i][j + 1 :])
    return gold, rows


@settings(max_examples=1500, deadline=None)
@given(pairs(), st.booleans())
def test_equality_is_that_of_the_rule_over_every_permutation(pair: tuple[list[Row], list[Row]], ordered: bool) -> None:
    assert equal(*pair, ordered) is by_the_rule(*pair, ordered)


def test_many_columns_that_look_alike_are_no_factorial() -> None:
    ones = [tuple(int(i == j) for j in range(24)) for i in range(24)]
    assert equal(ones, ones[::-1], order_matters=False)

    def rings(*sizes: int) -> list[Row]:
        starts = [0, *itertools.accumulate(sizes)]
        edges = [{s + i, s + (i + 1) % n} for s, n in zip(starts, sizes, strict=False) for i in range(n)]
        return [tuple(int(i in edge) for i in range(sum(sizes))) for edge in edges]

    assert not equal(rings(20), rings(10, 10), order_matters=False)


def test_an_integer_beside_its_float_may_make_equal_rows_differ() -> None:
    assert [(1, "1.5")] == [(1.0, "1.5")] and not equal([(1, "1.5")], [(1.0, "1.5")], order_matters=True)
    assert equal([(1,)], [(1.0,)], order_matters=True)


@pytest.mark.parametrize(
    ("sql", "evaluated"),
    [
        ("SELECT DISTINCT a FROM t", "SELECT  a FROM t"),
        ("SELECT count(DISTINCT a), distinct(b) FROM t", "SELECT count( a), (b) FROM t"),
        ("SELECT t.distinct FROM t", "SELECT t. FROM t"),
        ("SELECT 'DISTINCT', \"distinct\", `distinct`, [distinct] FROM t", None),
        ("SELECT a /* distinct */ FROM t -- distinct", None),
        ("SELECT distinct_id, édistinct FROM t", None),
        ("SELECT DISTINCT ';' FROM t; DROP TABLE t", "SELECT  ';' FROM t; "),
        ("SELECT a FROM t GO SELECT b FROM t", "SELECT a FROM t GO "),
        ("SELECT a FROM t WHERE b > = 1 AND c ! = 2", "SELECT a FROM t WHERE b >= 1 AND c != 2"),
        ("SELECT YEAR ( CURDATE() ) - a FROM t", "SELECT 2020- a FROM t"),
        ("SELECT a FROM t WHERE b = value", "SELECT a FROM t WHERE b = 1"),
        ("SELECT Value FROM t", None),
    ],
)
def test_the_text_is_rewritten_as_the_evaluator_does(sql: str, evaluated: str | None) -> None:
    found = as_evaluated(sql, prediction=True)
    assert found == (sql if evaluated is None else evaluated)


def test_text_that_stays_is_the_same_object_and_a_gold_keeps_value() -> None:
    sql = "SELECT value FROM t ORDER BY 1"
    assert as_evaluated(sql, prediction=False) is sql
    assert order_matters("SELECT a FROM t WHERE b IN (SELECT b FROM u Order By c)")


def test_the_labels_of_the_official_evaluator_on_one_schema() -> None:
    folder = Path(os.environ.get("TEXT2SQL_DATA", "")) / "spider_dev_open"
    if not folder.is_dir():
        pytest.skip("TEXT2SQL_DATA is unset or holds no spider_dev_open/")
    golds = {row["dev_idx"]: row["query"] for row in json.loads((folder / "questions.json").read_text())}
    path = folder / "database/flight_2/flight_2.sqlite"
    connection = load("sqlite").open_database(Database("sqlite", path=str(path)))
    rows = [json.loads(line) for line in (folder / "predictions_labeled.jsonl").open() if '"flight_2"' in line]
    assert len(rows) > 500
    for row in rows:
        gold = as_evaluated(golds[row["dev_idx"]], prediction=False)
        one, other = (
            connection.execute(sql.rstrip("; \n"), 30.0, 100_000) for sql in (gold, as_evaluated(row["pred"], True))
        )
        found = other.status == "ok" and equal(one.rows, other.rows, order_matters(gold))
        assert found == bool(row["ex"]), row
    connection.close()
