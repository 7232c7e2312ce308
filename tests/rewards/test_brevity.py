import pytest

from rewards.brevity import BUFFER, FREE, brevity


@pytest.mark.parametrize(
    ("length", "penalty"), [(0, 0.0), (FREE, 0.0), (FREE + BUFFER // 2, -0.5), (FREE + BUFFER, -1.0), (100_000, -1.0)]
)
def test_the_penalty_falls_linearly_beyond_what_is_free(make_rollout, length, penalty):
    assert brevity(make_rollout(completion="x" * length)) == penalty


def test_it_weighs_the_whole_completion_and_not_only_the_sql(make_rollout):
    assert brevity(make_rollout("SELECT 1", completion="hm " * 1000 + "SELECT 1")) == -1.0


def test_right_and_wrong_answers_pay_alike(make_rollout):
    right, wrong = (make_rollout(completion="x" * 900, strict=strict) for strict in (True, False))
    assert brevity(right) == brevity(wrong)
