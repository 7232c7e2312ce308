import numpy as np
import pytest

from rewards.paired import accuracy, bootstrap, exact_p, paired_difference


def test_wilson_gives_the_published_interval():
    interval = accuracy([1.0] * 15 + [0.0] * 133)  # Newcombe (1998), table I: 15 of 148, method 3
    assert interval.mean == pytest.approx(15 / 148)
    assert (interval.low, interval.high) == pytest.approx((0.0624, 0.1605), abs=5e-5)


@pytest.mark.parametrize("score", [0.0, 1.0])
def test_an_interval_stays_between_none_and_all_right(score):
    interval = accuracy([score] * 20)
    assert 0.0 <= interval.low <= interval.mean <= interval.high <= 1.0
    assert interval.high - interval.low > 0.1


def test_unscored_answers_leave_the_denominator_and_are_counted():
    interval = accuracy([1.0, None, 0.0, None])
    assert (interval.mean, interval.scored, interval.unscored) == (0.5, 2, 2)


def test_scores_between_zero_and_one_get_a_normal_interval():
    interval = accuracy([0.2, 0.4, 0.6])
    assert interval.mean == pytest.approx(0.4)
    assert interval.high - interval.mean == pytest.approx(1.96 * 0.2 / 3**0.5, rel=1e-3)


def test_nothing_scored_is_said_and_not_invented():
    with pytest.raises(ValueError, match="none of the 2 answers was scored"):
        accuracy([None, None])
    with pytest.raises(ValueError, match="none of the 1 questions is scored in both"):
        paired_difference([None], [1.0])


def test_two_lists_of_different_questions_are_refused():
    with pytest.raises(ValueError, match="same questions"):
        paired_difference([1.0], [1.0, 0.0])


def test_gains_and_losses_are_counted_question_by_question():
    result = paired_difference([0, 0, 0, 1, 1, None, 0], [1, 1, 0, 0, 1, 1, None])
    assert (result.gained, result.lost, result.pairs, result.unscored) == (2, 1, 5, 2)
    assert result.mean == pytest.approx(1 / 5)
    assert result.low <= result.mean <= result.high


def test_mcnemar_is_exact():
    assert exact_p(0, 0) == 1.0
    assert exact_p(5, 0) == pytest.approx(2 / 32)
    assert exact_p(3, 1) == pytest.approx(2 * (1 + 4) / 16)
    assert exact_p(1, 3) == exact_p(3, 1)
    assert 0.0 <= exact_p(3000, 2000) < 1e-40


def test_the_same_seed_gives_the_same_interval():
    before, after = [0.0] * 50 + [1.0] * 50, [0.0] * 30 + [1.0] * 70
    assert paired_difference(before, after, seed=1) == paired_difference(before, after, seed=1)


def test_counting_draws_is_the_bootstrap():
    random = np.random.default_rng(0)
    values = random.choice([-1.0, 0.0, 0.3, 1.0], size=200)
    drawn = values[random.integers(0, 200, size=(10_000, 200))].mean(axis=1)
    assert bootstrap(values, 0, 10_000) == pytest.approx(tuple(np.percentile(drawn, (2.5, 97.5))), abs=0.01)


def test_five_thousand_distinct_scores_stay_within_memory_and_seconds():
    random = np.random.default_rng(0)
    result = paired_difference(list(random.random(5851)), list(random.random(5851)), resamples=1000)
    assert result.low < result.mean < result.high
