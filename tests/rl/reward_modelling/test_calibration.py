"""How sure it is against how often it is right."""

import numpy as np
import pytest

from rl.reward_modelling.calibration import calibration


def test_a_model_that_knows_nothing_and_says_so_is_calibrated() -> None:
    found = calibration([1e-9, -1e-9] * 100)
    assert found.ece == pytest.approx(0, abs=1e-6) and found.brier == pytest.approx(0.25)


def test_one_that_is_sure_and_wrong_in_half_the_pairs_is_off_by_a_half() -> None:
    found = calibration([20.0, -20.0] * 100)
    assert found.ece == pytest.approx(0.5, abs=1e-6) and found.brier == pytest.approx(0.5)


def test_margins_that_come_true_as_often_as_they_say_are_calibrated_and_halved_they_are_not() -> None:
    draw = np.random.default_rng(0)
    sizes = draw.uniform(0, 4, 40_000)
    margins = np.where(draw.uniform(size=sizes.size) < 1 / (1 + np.exp(-sizes)), sizes, -sizes)
    assert calibration(margins.tolist()).ece < 0.01
    assert calibration((margins / 4).tolist()).ece > 0.1, "too little sure"


def test_every_pair_is_in_one_bin_and_no_pair_is_an_error() -> None:
    found = calibration([0.1, 0.5, -0.2])
    assert sum(one.count for one in found.bins) == 3 and all(one.confidence >= 0.5 for one in found.bins)
    with pytest.raises(ValueError, match="no pair"):
        calibration([])
