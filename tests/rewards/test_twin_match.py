from rewards.twin_match import twin_match


def test_right_on_every_twin_is_one_and_anything_less_is_zero(make_rollout):
    assert twin_match(make_rollout(twins=True)) == 1.0
    assert twin_match(make_rollout(twins=False)) == 0.0
    assert twin_match(make_rollout(strict=False)) == 0.0
    assert twin_match(make_rollout(constant=True)) == 0.0


def test_what_was_tried_on_no_twin_is_unscored(make_rollout):
    assert twin_match(make_rollout()) is None
    assert twin_match(make_rollout(strict=None)) is None
