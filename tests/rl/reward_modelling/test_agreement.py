"""Ranks against execution: what is counted, what a tie is worth, and when there is nothing to say."""

import numpy as np
import pytest

from rl.reward_modelling.agreement import Question, agreement


def question(said: list[float], right: list[bool]) -> Question:
    return Question(np.array(said, dtype=np.float64), np.array(right, dtype=bool))


def test_the_area_counts_pairs_of_a_right_and_a_wrong_sample_and_a_tie_half() -> None:
    found = agreement([question([2.0, 1.0, 1.0, 0.0], [True, True, False, False])])
    assert found.auc is not None and found.auc.value == pytest.approx(3.5 / 4)
    assert found.within is not None and found.within.value == pytest.approx(3.5 / 4)


def test_over_all_samples_an_easy_question_can_hide_what_is_confused_within_each() -> None:
    easy, hard = question([9.0, 8.0, 7.0], [True, True, False]), question([0.0, 1.0, 2.0], [True, False, False])
    found = agreement([easy, hard])
    assert found.within is not None and found.within.value == pytest.approx((1.0 + 0.0) / 2), (
        "each question counts once"
    )
    assert found.auc is not None and found.auc.value == pytest.approx(6 / 9)


def test_the_first_choice_among_equals_is_worth_the_share_of_them_that_are_right() -> None:
    found = agreement([question([1.0, 1.0, 0.0], [True, False, True]), question([3.0, 4.0], [True, False])])
    assert found.best.value == pytest.approx((0.5 + 0.0) / 2)
    assert found.mean.value == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert found.oracle.value == 1.0
    assert found.gain.value == pytest.approx(found.best.value - found.mean.value)


def test_a_sample_without_a_query_is_never_preferred_to_one_with() -> None:
    found = agreement([question([-np.inf, -7.0, -np.inf], [False, True, False])])
    assert found.best.value == 1.0 and found.within is not None and found.within.value == 1.0


def test_where_all_samples_are_right_there_is_nothing_to_rank() -> None:
    found = agreement([question([1.0, 2.0], [True, True])])
    assert found.auc is None and found.within is None and found.spearman is None
    assert found.best.value == 1.0
    with pytest.raises(ValueError, match="no question"):
        agreement([])


def test_the_interval_is_of_questions_and_holds_the_number() -> None:
    draw = np.random.default_rng(3)
    many = [question(list(draw.normal(size=4) + np.array([0, 0, 1, 1])), [False, False, True, True]) for _ in range(60)]
    found = agreement(many).within
    assert found is not None and found.low < found.value < found.high and found.count == 60
    doubled = agreement([question([*q.said, *q.said], [*q.right, *q.right]) for q in many]).within
    assert doubled is not None
    assert doubled.high - doubled.low == pytest.approx(found.high - found.low), "copies of a sample are no evidence"


def test_spearman_is_one_only_as_far_as_two_values_can_be() -> None:
    found = agreement([question([1.0, 2.0, 3.0, 4.0], [False, False, True, True])]).spearman
    assert found is not None and found.value == pytest.approx(2 / 5**0.5)
    upside_down = agreement([question([4.0, 3.0, 2.0, 1.0], [False, False, True, True])]).spearman
    assert upside_down is not None and upside_down.value == pytest.approx(-found.value)


def test_a_model_that_says_the_same_of_all_agrees_with_nothing() -> None:
    found = agreement([question([0.5, 0.5], [True, False]), question([0.5, 0.5], [True, True])])
    assert found.spearman and (found.spearman.value, found.spearman.low, found.spearman.high) == (0, 0, 0)
    assert found.auc and found.auc.value == 0.5
