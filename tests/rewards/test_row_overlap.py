import pytest

from envs.execution import Status
from rewards.row_overlap import ROWS, RUNS, row_overlap


def test_a_proven_answer_is_worth_one_whatever_else_is_known(make_rollout):
    assert row_overlap(make_rollout()) == 1.0
    assert row_overlap(make_rollout(overlap=0.3, twins=True)) == 1.0
    assert row_overlap(make_rollout(strict=None, state=True)) == 1.0


@pytest.mark.parametrize("overlap", [0.0, 0.25, 1.0])
def test_a_wrong_answer_earns_for_running_and_for_the_rows_it_shares(make_rollout, overlap):
    assert row_overlap(make_rollout(strict=False, overlap=overlap)) == pytest.approx(RUNS + ROWS * overlap)


def test_no_wrong_answer_reaches_more_than_half(make_rollout):
    assert row_overlap(make_rollout(strict=False, overlap=1.0)) == RUNS + ROWS == 0.5


@pytest.mark.parametrize("said", [{"vacuous": True}, {"constant": True}])
def test_an_equality_that_proves_nothing_earns_what_any_query_earns_that_runs(make_rollout, said):
    assert row_overlap(make_rollout(overlap=1.0, **said)) == RUNS


def test_right_here_and_wrong_on_a_twin_is_a_wrong_answer_that_shares_every_row(make_rollout):
    assert row_overlap(make_rollout(overlap=1.0, twins=False)) == RUNS + ROWS


def test_the_text_is_worth_nothing(make_rollout):
    assert row_overlap(make_rollout("SELECT 1", strict=False)) == row_overlap(make_rollout(strict=False)) == RUNS


def test_a_write_that_leaves_another_state_earns_for_running(make_rollout):
    assert row_overlap(make_rollout(strict=None, state=False)) == RUNS


@pytest.mark.parametrize("status", [Status.SYNTAX, Status.MISSING_COLUMN, Status.TIMEOUT, Status.FORBIDDEN])
def test_what_does_not_run_earns_nothing(make_rollout, status):
    assert row_overlap(make_rollout(strict=False, status=status)) == 0.0


def test_what_the_gate_refused_and_saying_nothing_earn_nothing(make_rollout):
    assert row_overlap(make_rollout(strict=False, gate="two statements")) == 0.0
    assert row_overlap(make_rollout("", strict=False)) == 0.0


def test_no_ruler_is_unscored_and_not_zero(make_rollout):
    assert row_overlap(make_rollout(strict=None, overlap=None)) is None
