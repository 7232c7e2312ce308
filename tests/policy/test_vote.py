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


def test_of_queries_that_differ_in_the_order_of_their_rows_the_one_written_most_often_speaks():
    up, down = "SELECT x FROM t ORDER BY x", "SELECT x FROM t ORDER BY x DESC"
    sqls = [up, down, "SELECT y FROM t", "select x from  t order by x desc;"]
    assert heaviest(["a", "a", "b", "a"], [1.0] * 4, sqls=sqls) == 1
    assert heaviest(["a", "a", "b", "a"], [2.0, 1.0, 1.0, 1.0], sqls=sqls) == 0, "weight counts first"
    assert heaviest(["a", "a", "b", "a"], [1.0] * 4) == 0
