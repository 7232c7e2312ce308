"""Soft-F1 as mini-dev's evaluation defines it, its peculiarities too, on what SQLite returns."""

import sqlite3
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs.example import Database
from envs.execution import Limits
from envs.sandbox import Job, Sandbox
from envs.soft_f1 import soft_f1

SCRIPT = "CREATE TABLE t (a INTEGER, b INTEGER, c INTEGER); INSERT INTO t VALUES (1, 2, 3);"
LONG = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900) SELECT i FROM n"
CASES = [
    ("the gold itself", "SELECT a, b FROM t", "SELECT a, b FROM t", 1.0),
    ("the same rows in another order", "VALUES (1), (2)", "SELECT 2 FROM t UNION ALL SELECT 1", 0.0),
    ("one right value three times", "SELECT a, b, c FROM t", "SELECT a, a, a FROM t", 0.75),
    ("five columns for one", "SELECT a FROM t", "SELECT a, 7, 8, 9, 10 FROM t", 1 / 3),
    ("columns in another order", "SELECT a, b FROM t", "SELECT b, a FROM t", 1.0),
    ("rows that repeat", "SELECT a FROM t", "SELECT a FROM t UNION ALL SELECT a FROM t", 1.0),
    ("1 and 1.0", "SELECT a FROM t", "SELECT a * 1.0 FROM t", 1.0),
    ("one row too few", "VALUES (1), (2)", "SELECT a FROM t", 2 / 3),
    ("nothing beside something", "SELECT a FROM t", "SELECT a FROM t WHERE a > 5", 0.0),
    ("nothing beside nothing", "SELECT a FROM t WHERE a > 5", "SELECT b, c FROM t WHERE a > 6", 1.0),
    ("what does not run", "SELECT a FROM t", "SELECT z FROM t", 0.0),
    ("what the gate refuses", "SELECT a FROM t", "DROP TABLE t", 0.0),
    ("what takes too long", "SELECT a FROM t", LONG.replace("900", "900000000"), 0.0),
    ("a gold whose LIMIT cuts through a tie", "SELECT c FROM t, (VALUES (1), (2)) ORDER BY a LIMIT 1", "SELECT 3", 1.0),
]


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(1, Limits(seconds=0.3)) as opened:
        yield opened


@pytest.mark.parametrize(("gold", "answer", "worth"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_sandbox_says_what_the_official_rule_says(gold, answer, worth, sandbox):
    job = Job(Database("sqlite", script=SCRIPT), gold, "sqlite", [answer], fingerprints=True)
    assert sandbox.judge([job])[0][0].verdict.soft_f1 == pytest.approx(worth, abs=1e-12)


def test_a_gold_that_does_not_run_or_writes_leaves_it_unscored(sandbox):
    for gold in ("SELECT z FROM t", "DELETE FROM t"):
        job = Job(Database("sqlite", script=SCRIPT), gold, "sqlite", ["SELECT a FROM t", gold], fingerprints=True)
        assert [one.verdict.soft_f1 for one in sandbox.judge([job])[0]] == [None, None]


ROWS = st.lists(st.tuples(*[st.sampled_from([None, 0, 1, 1.0, "1", "x", b"x"])] * 2), max_size=5)
WIDER = st.lists(st.tuples(*[st.sampled_from([None, 0, 1, 1.0, "1", "x", b"x"])] * 3), max_size=5)


@given(ROWS, ROWS | WIDER)
def test_it_is_the_f1_of_cells_counted_one_by_one(gold, found):
    """By whole cells in exact fractions, over rows that SQLite gave back."""
    gold, found = through_sqlite(gold), through_sqlite(found)
    if not gold and not found:
        assert soft_f1(gold, found) == 1.0
        return
    rows = [list(dict.fromkeys(some)) for some in (gold, found)]
    width = len(gold[0]) if gold else 1
    hits = surplus = lacking = Fraction(0)
    for place in range(max(map(len, rows))):
        wanted, given = (some[place] if place < len(some) else None for some in rows)
        if wanted is None or given is None:
            surplus, lacking = surplus + (wanted is None), lacking + (given is None)
            continue
        for cell in given:
            in_gold = any(cell == other for other in wanted)
            hits, surplus = hits + Fraction(in_gold, width), surplus + Fraction(not in_gold, width)
        lacking += Fraction(sum(all(cell != other for other in given) for cell in wanted), width)
    worth = 2 * hits / (2 * hits + surplus + lacking)
    assert soft_f1(gold, found) == pytest.approx(float(worth), abs=1e-12)


def through_sqlite(rows):
    database = sqlite3.connect(":memory:")
    return [database.execute(f"SELECT {', '.join('?' * len(row))}", row).fetchone() for row in rows]
