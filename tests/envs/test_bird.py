from envs.bird import equal


def test_order_and_repetition_count_for_nothing() -> None:
    assert equal([(1,), (2,), (2,)], [(2,), (1,)])
    assert equal([], [])


def test_values_types_and_the_order_of_columns_count() -> None:
    assert not equal([(1, 2)], [(2, 1)])
    assert not equal([("1",)], [(1,)])
    assert not equal([(0.1 + 0.2,)], [(0.3,)])
    assert not equal([(1,)], [])
