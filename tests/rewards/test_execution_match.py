from rewards.execution_match import execution_match


def test_a_right_answer_is_worth_one_and_a_wrong_one_nothing(make_rollout):
    assert execution_match(make_rollout(strict=True)) == 1.0
    assert execution_match(make_rollout(strict=False)) == 0.0


def test_gold_that_writes_is_judged_by_the_state_it_leaves(make_rollout):
    assert execution_match(make_rollout(strict=None, state=True)) == 1.0
    assert execution_match(make_rollout(strict=None, state=False)) == 0.0


def test_no_ruler_is_unscored_and_not_zero(make_rollout):
    assert execution_match(make_rollout(strict=None)) is None


def test_a_vacuous_equality_counts_as_the_verdict_says(make_rollout):
    assert execution_match(make_rollout(strict=True, vacuous=True)) == 1.0
