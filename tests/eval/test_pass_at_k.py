"""pass@k is the share of the ways to draw k samples in which one is right."""

from itertools import combinations

import pytest

from eval.pass_at_k import pass_at_k


@pytest.mark.parametrize("samples", range(1, 7))
def test_it_is_what_drawing_every_set_of_samples_gives(samples):
    for right in range(samples + 1):
        for k in range(1, samples + 1):
            draws = list(combinations([i < right for i in range(samples)], k))
            assert pass_at_k(samples, right, k) == pytest.approx(sum(map(any, draws)) / len(draws), abs=1e-12)


def test_five_samples_two_right_three_drawn_by_hand():
    assert pass_at_k(5, 2, 3) == pytest.approx(0.9)


def test_many_samples_do_not_overflow_and_too_few_say_nothing():
    assert pass_at_k(10_000, 1, 100) == pytest.approx(0.01)
    assert pass_at_k(3, 3, 4) is None
    with pytest.raises(ValueError, match="4 right of 3"):
        pass_at_k(3, 4, 1)
