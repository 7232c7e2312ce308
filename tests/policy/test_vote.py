"""Choosing by what answers return."""

from policy.vote import heaviest, votes


def test_what_failed_has_no_vote_however_many_failed():
    assert heaviest(["", "a", "", ""], [1.0] * 4) == 1
    assert votes(["", "a", "", "b", "a"]) == [0, 2, 0, 1, 2]
    assert heaviest(["", ""], [1.0] * 2) == 0


def test_ties_go_to_the_first_and_to_the_likelier_where_that_is_known():
    assert heaviest(["a", "b", "b", "a"], [1.0] * 4) == 0
    assert heaviest(["a", "b"], [1.0] * 2, [-3.0, -2.0]) == 1
    assert heaviest(["a", "b", "a"], [0.4, 0.9, 0.6]) == 2, "weights count, and the heaviest answer of a result speaks"
