from rewards.parseable import parseable


def test_sql_that_the_gate_let_through_is_parseable(make_rollout):
    assert parseable(make_rollout(strict=False)) == 1.0


def test_saying_nothing_is_not_parseable(make_rollout):
    assert parseable(make_rollout("", strict=False)) == 0.0


def test_sql_that_the_gate_refused_is_not_parseable(make_rollout):
    assert parseable(make_rollout("SELECT 1; SELECT 2", strict=False, gate="two statements")) == 0.0


def test_a_broken_gold_does_not_hide_what_the_gate_said(make_rollout):
    assert parseable(make_rollout(strict=None)) == 1.0
