"""Intervals, held against scipy."""

import numpy as np
import pytest
from scipy.stats import binomtest, bootstrap

from eval.measure.interval import mean


@pytest.mark.parametrize(("right", "of"), [(0, 5), (3, 7), (371, 466), (466, 466)])
def test_a_share_of_questions_has_wilsons_interval(right, of):
    found = mean([1.0] * right + [0.0] * (of - right))
    wanted = binomtest(right, of).proportion_ci(method="wilson")
    assert (found.low, found.high, found.by) == (*map(pytest.approx, wanted), "wilson")


@pytest.mark.parametrize("size", [7, 40, 466])
def test_any_other_mean_has_that_of_the_bootstrap(size):
    random = np.random.default_rng(size)
    for values in (random.random(size), random.integers(0, 5, size) / 4, random.integers(0, 9, size) + 0.0):
        found = mean(list(map(float, values)))
        drawn = bootstrap((values,), np.mean, n_resamples=20_000, method="percentile", random_state=random)
        width = found.high - found.low
        assert found.by == "bootstrap" and found.low < found.mean < found.high
        assert found.low == pytest.approx(drawn.confidence_interval.low, abs=0.04 * width)
        assert found.high == pytest.approx(drawn.confidence_interval.high, abs=0.04 * width)


def test_mirrored_values_have_the_mirrored_interval():
    values = [0.25, 0.5, 0.5, 1.0, 0.0, 0.75]
    one, other = mean(values), mean([1 - value for value in values])
    assert (other.low, other.high) == (pytest.approx(1 - one.high), pytest.approx(1 - one.low))


def test_of_nothing_there_is_no_mean_and_equal_shares_are_not_sure():
    with pytest.raises(ValueError, match="no question is scored"):
        mean([])
    wanted = binomtest(2, 4).proportion_ci(method="wilson")
    assert (mean([0.5] * 4).low, mean([0.5] * 4).high) == tuple(map(pytest.approx, wanted))
