"""What other evaluators say is said where it is asked for, and moves no verdict."""

from dataclasses import replace

import pytest

from envs.example import Database
from envs.sandbox import Job, Sandbox

SCRIPT = "CREATE TABLE t (a INTEGER, b INTEGER, c INTEGER); INSERT INTO t VALUES (1, 2, 3);"


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(1) as opened:
        yield opened


@pytest.mark.parametrize("engine", ["sqlite", "duckdb"])
def test_beside_a_gold_that_writes_whatever_returns_no_row_is_the_same_list(engine, sandbox):
    answers = ["DELETE FROM t", "SELECT 1 WHERE false", "", "SELECT a FROM t", "SELECT 7", "DELETE FROM z"]
    job = Job(Database(engine, script=SCRIPT), "DELETE FROM t WHERE a = 1", engine, answers, fingerprints=True)
    found = [one.verdict.as_lists for one in sandbox.judge([job])[0]]
    assert found == [True, True, True, True, False, False], "the gold runs first, and leaves no row"


def test_no_verdict_is_another_for_it(sandbox):
    golds = ("SELECT a FROM t", "SELECT a FROM t WHERE a > 5", "SELECT z FROM t", "DELETE FROM t WHERE a = 1")
    answers = ["SELECT a FROM t", "SELECT b FROM t", "DELETE FROM t", "DROP TABLE t", "", "SELECT", "SELECT z FROM t"]
    for gold in golds:
        job = Job(Database("sqlite", script=SCRIPT), gold, "sqlite", answers, fingerprints=True)
        (asked,), (unasked,) = sandbox.judge([job]), sandbox.judge([replace(job, fingerprints=False)])
        also = {"soft_f1": None, "as_lists": None}
        assert [one.verdict for one in unasked] == [replace(one.verdict, **also) for one in asked]
        assert [one.verdict.as_lists for one in unasked] == [None] * len(answers)
