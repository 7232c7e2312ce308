"""`reward_model`: the opinion of a learned model, as a number between 0 and 1."""

from dataclasses import replace

from rewards import score


def test_it_is_the_logit_through_a_sigmoid_and_none_where_nobody_asked(make_rollout):
    right = make_rollout()
    assert score("reward_model", right) is None
    assert score("reward_model", replace(right, learned=0.0)) == 0.5
    assert score("reward_model", replace(right, learned=1e9)) == 1.0
    assert score("reward_model", replace(make_rollout(gate="two statements"), learned=1e9)) == 0.0
    assert 0 <= score("reward_model", replace(right, learned=-float("inf"))) < 1e-20
