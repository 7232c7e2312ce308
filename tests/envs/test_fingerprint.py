"""The name of a result: the same for the same rows in any order, wherever it is made."""

import os
import random
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs.compare import same_rows
from envs.example import Database
from envs.execution import Limits, Value
from envs.fingerprint import fingerprint
from envs.sandbox import Job, Sandbox
from envs.sandbox.pool import Pool
from envs.sandbox.shared import Guest, Host
from envs.sandbox.side_by_side import SideBySide
from envs.values import Row

SCRIPT = "CREATE TABLE t (a DOUBLE, b VARCHAR); INSERT INTO t VALUES (1, 'x'), (2.5, 'y'), (NULL, 'z'), (1, 'x');"
GOLD = "SELECT a, b FROM t"


def name(*rows: Row) -> str:
    return fingerprint(len(rows[0]), rows)


def test_order_of_rows_is_nothing_and_how_often_they_come_is_something():
    rows: list[Row] = [(1, "x"), (None, "y"), (1, "x"), (2.5, b"z")]
    assert name(*rows) == name(*reversed(rows))
    assert name(*rows) != name(*rows[1:])
    assert name((1, "x")) != name(("x", 1)), "the order of columns counts"
    assert fingerprint(1, []) != fingerprint(2, []), "an empty answer has columns"
    assert fingerprint(0, []) == "", "a statement that writes returns nothing to name"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (4, 4.0), (-0.0, 0), (0.1 + 0.2, 0.3), (0.1 + 0.2 - 0.3, 0), (4, 3.9999999999999996), (float("nan"),) * 2,
        (12345678.000000002, 12345678), (33.33333333, 33.333333334), (2**60, float(2**60)), (float("inf"),) * 2,
    ],
)  # fmt: skip
def test_numbers_that_compare_holds_equal_have_one_name(one: Value, other: Value):
    assert same_rows([(one,)], [(other,)])
    assert name((one,)) == name((other,))


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, "1"), (None, ""), (None, 0), ("a", b"a"), (2**53, 2**53 + 1), (1.5, 1.50001), ("a\nb", "a")],
)
def test_what_compare_tells_apart_has_two(one: Value, other: Value):
    assert not same_rows([(one,)], [(other,)])
    assert name((one,)) != name((other,))


def test_a_number_too_long_to_print_has_a_name():
    assert name((10**5000,)) == name((10**5000,)) != name((10**5000 + 1,))


VALUES = st.one_of(st.none(), st.integers(-3, 3), st.sampled_from([0.5, 1.0, 2.0]), st.sampled_from(["", "1", "a'\n"]))


@given(st.lists(st.tuples(VALUES, VALUES), max_size=6), st.lists(st.tuples(VALUES, VALUES), max_size=6))
def test_without_near_floats_it_is_what_compare_says(some: Sequence[Row], others: Sequence[Row]):
    assert (fingerprint(2, some) == fingerprint(2, others)) == same_rows(some, others)
    assert fingerprint(2, random.Random(0).sample(some, len(some))) == fingerprint(2, some)


def test_another_process_says_the_same():
    asked = (
        "from envs.fingerprint import fingerprint; print(fingerprint(2, [('a', 1), (None, 2.5), ('ü\\ud800', b'x')]))"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", asked], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert told == {fingerprint(2, [("ü\ud800", b"x"), ("a", 1), (None, 2.5)])}


@pytest.mark.parametrize("engine", ["sqlite", "duckdb"])
def test_the_sandbox_names_what_ran_where_it_is_asked_to(engine):
    same = [GOLD, "SELECT a * 1.0, b FROM t ORDER BY b DESC", "SELECT  a,  b FROM t", "SELECT a, b FROM t WHERE 1 = 1"]
    other, failed = "SELECT DISTINCT a, b FROM t", "SELECT nothing FROM t"
    job = Job(Database(engine, script=SCRIPT), GOLD, engine, [*same, other, failed], fingerprints=True)
    with Sandbox(workers=1) as sandbox:
        (found,) = sandbox.judge([job])
        (unasked,) = sandbox.judge([replace(job, fingerprints=False)])
    names = [one.execution.fingerprint for one in found]
    assert set(names[:4]) == {fingerprint(2, [(1, "x"), (2.5, "y"), (None, "z"), (1, "x")])}
    assert names[4] == fingerprint(2, [(1, "x"), (2.5, "y"), (None, "z")]) and names[5] == ""
    assert {one.execution.fingerprint for one in unasked} == {""}
    also = {"soft_f1": None, "as_lists": None}
    assert [one.verdict for one in unasked] == [replace(one.verdict, **also) for one in found]


def test_a_guest_of_a_shared_sandbox_is_told_too():
    pool = SideBySide(Pool(1, Limits()))
    host = Host(pool, 1)
    try:
        with Sandbox(pool=Guest(host.path)) as sandbox:
            job = Job(Database("sqlite", script=SCRIPT), GOLD, "sqlite", [GOLD], fingerprints=True)
            assert len(sandbox.judge([job])[0][0].execution.fingerprint) == 16
    finally:
        host.close()
        pool.close()
