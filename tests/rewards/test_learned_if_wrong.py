"""`learned_if_wrong`: right answers are alike, and a learned model orders the wrong ones below them."""

from dataclasses import replace

from envs.execution import Status
from rewards import score

LIKED, DISLIKED = 4.0, -4.0


def test_right_answers_are_alike_whatever_the_model_says_and_wrong_ones_are_ordered_below_a_half(make_rollout):
    right, wrong = make_rollout(), make_rollout(strict=False)
    assert score("learned_if_wrong", replace(right, learned=LIKED)) == 1.0
    assert score("learned_if_wrong", replace(right, learned=DISLIKED)) == 1.0
    liked, disliked = (score("learned_if_wrong", replace(wrong, learned=logit)) for logit in (LIKED, DISLIKED))
    assert 0.5 > liked > 0.49 and 0 < disliked < 0.01


def test_what_proves_nothing_is_ordered_with_the_wrong_and_what_may_not_run_earns_nothing(make_rollout):
    assert score("learned_if_wrong", replace(make_rollout(vacuous=True), learned=0.0)) == 0.25
    for refused in (
        make_rollout(strict=False, gate="two statements"),
        make_rollout(strict=False, status=Status.TIMEOUT),
        make_rollout(constant=True),
    ):
        assert score("learned_if_wrong", replace(refused, learned=LIKED)) == 0.0


def test_without_a_ruler_or_a_model_it_is_unscored(make_rollout):
    assert score("learned_if_wrong", replace(make_rollout(strict=None), learned=LIKED)) is None
    assert score("learned_if_wrong", make_rollout()) is None, "or a report would call it 1.0 of what was right alone"
