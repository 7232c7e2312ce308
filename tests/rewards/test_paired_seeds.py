import itertools
import math
import os

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from rewards.paired import accuracy, exact_p
from rewards.paired_seeds import detectable, holm, pooled_accuracy, pooled_difference, sign_flip_p


def systems(seeds: int, questions: int = 400, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Two policies of several seeds that agree on most questions."""
    random = np.random.default_rng(seed)
    easy = random.random(questions) < 0.66
    moved = random.random((2, seeds, questions)) < np.array([0.06, 0.04]).reshape(2, 1, 1)
    right = np.where(moved, ~easy, easy).astype(np.int64)
    return right[0], right[1]


@pytest.mark.parametrize("seed", range(5))
def test_with_one_seed_p_is_mcnemars_as_scipy_computes_it(seed):
    before, after = systems(1, seed=seed)
    found = pooled_difference(before, after)
    assert found.p == pytest.approx(binomtest(found.gained, found.gained + found.lost).pvalue, rel=1e-9)


def test_with_several_seeds_p_counts_every_way_of_exchanging_two_policies():
    before, after = systems(3, questions=60, seed=4)
    changes = after.sum(axis=0) - before.sum(axis=0)
    moved = [int(one) for one in changes if one]
    assert 8 < len(moved) < 18 and len(set(map(abs, moved))) > 1
    sums = [abs(sum(map(math.prod, zip(signs, moved)))) for signs in itertools.product((1, -1), repeat=len(moved))]  # noqa: B905
    assert sign_flip_p(changes) == pytest.approx(np.mean(np.array(sums) >= abs(sum(moved))), rel=1e-9)


def test_the_interval_is_that_of_every_resample_there_is():
    changes = np.array([[1, 0, 0, 1, 0, 1, 0]]), np.array([[0, 1, 1, 1, 0, 1, 1]])
    found = pooled_difference(*changes)
    values = (changes[1] - changes[0])[0]
    sums = sorted(sum(drawn) for drawn in itertools.product(map(int, values), repeat=7))
    place = math.ceil(len(sums) * 0.025) - 1
    assert (found.low, found.high) == pytest.approx((sums[place] / 7, sums[-1 - place] / 7), abs=1e-12)


@pytest.mark.parametrize("seeds", [1, 3])
def test_the_interval_is_that_of_a_plain_bootstrap_over_questions(seeds):
    before, after = systems(seeds, seed=seeds)
    found = pooled_difference(before, after)
    values, random = (after - before).mean(axis=0), np.random.default_rng(1)
    means = np.sort([values[random.integers(0, 400, 400)].mean() for _ in range(40_000)])
    step = 1 / (400 * seeds)
    assert (found.low, found.high) == pytest.approx((means[1000 - 1], means[-1000]), abs=1.01 * step)


@pytest.mark.parametrize("seeds", [(1, 1), (3, 3), (2, 3), (5, 1)])
def test_swapping_two_policies_mirrors_everything_to_the_bit(seeds):
    for seed in range(20):
        before, after = systems(seeds[0], 97, seed)[0], systems(seeds[1], 97, seed + 100)[1]
        there, back = pooled_difference(before, after), pooled_difference(after, before)
        assert (there.mean, there.low, there.high) == (-back.mean, -back.high, -back.low)
        assert (there.p, there.gained, there.detectable) == (back.p, back.lost, back.detectable)
        assert there.approximate is (seeds[0] != seeds[1])


def test_three_seeds_of_one_question_are_not_three_questions():
    before, after = systems(1)
    one, three = (pooled_difference(np.repeat(before, n, axis=0), np.repeat(after, n, axis=0)) for n in (1, 3))
    assert one == three
    alone = pooled_accuracy(np.repeat(after, 3, axis=0))
    single = accuracy([float(value) for value in after[0]])
    assert alone.mean == single.mean and alone.high - alone.low == pytest.approx(single.high - single.low, rel=0.02)


def test_where_nothing_changed_the_interval_is_not_sure_of_it():
    same = systems(1)[0]
    found = pooled_difference(same, same)
    assert (found.mean, found.p, found.changed) == (0.0, 1.0, 0)
    assert found.low == -found.high and 0.005 < found.high < 0.01
    assert 0.015 < found.detectable < 0.025


@pytest.mark.parametrize("differing", [0.1, 0.25])
def test_what_it_says_it_can_see_the_exact_test_finds_about_four_times_of_five(differing):
    true = detectable(differing, 400)
    power = 0.0
    for moved in range(401):
        share = (differing + true) / (2 * differing)
        finds = [gained for gained in range(moved + 1) if exact_p(gained, moved - gained) < 0.05]
        power += binom.pmf(moved, 400, differing) * binom.pmf(finds, moved, share).sum()
        if moved > 400 * differing + 60:
            break
    assert 0.74 < power < 0.82


def test_fewer_and_smaller_changes_let_smaller_differences_be_seen():
    assert detectable(0.02, 400) < detectable(0.1, 400) and detectable(0.1, 1600) < detectable(0.1, 400) / 1.9
    assert detectable(0.006, 400, step=0.4) < detectable(0.006, 400), "thirds of a question change, and more of them"
    assert detectable(0.1, 400, alpha=0.05 / 3) > detectable(0.1, 400)


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.001, 0.6, 0.02]) == pytest.approx([1.0, 0.004, 1.0, 0.06])
    assert holm([0.2]) == [0.2] and holm([]) == []


def test_other_questions_are_refused():
    with pytest.raises(ValueError, match="400 questions before and 97 after"):
        pooled_difference(systems(1)[0], systems(1, 97)[1])


def test_ten_thousand_questions_take_no_time():
    before, after = systems(5, 10_000)
    began = os.times().user
    assert pooled_difference(before, after).changed > 2000
    assert os.times().user - began < 5
