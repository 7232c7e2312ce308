import pytest

from envs.execution import Status
from rewards.executes import executes


def test_a_query_that_ran_counts_even_when_it_is_wrong(make_rollout):
    assert executes(make_rollout(strict=False)) == 1.0


@pytest.mark.parametrize("status", [s for s in Status if s not in {Status.OK, Status.CRASH, Status.NO_DATABASE}])
def test_any_other_known_ending_is_zero(make_rollout, status):
    assert executes(make_rollout(strict=False, status=status)) == 0.0


@pytest.mark.parametrize("status", [Status.CRASH, Status.NO_DATABASE])
def test_an_ending_that_says_nothing_of_the_query_is_unscored(make_rollout, status):
    assert executes(make_rollout(strict=None, status=status)) is None
