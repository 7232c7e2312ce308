from collections.abc import Sequence

import pytest

from envs.execution import Value
from envs.overlap import overlap


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("a", 1), ("b", 2.5)], 1.0),
        ([(2.5, "b"), (1.0, "a")], 1.0),
        ([("a", 1)], 0.5 * 2 * 2 / 6),
        ([("a", 1, "a"), ("b", 2.5, "b")], 2 * 4 / 10),
        ([("a", "1"), ("b", 2.5)], 0.75),
        ([("a", 1), ("b", 2)], 0.75),
        ([("a", 1)] * 2, 0.5),
        ([], 0.0),
        ([(None, 0), ("", -1)], 0.0),
    ],
)
def test_overlap_is_the_f1_of_cells_times_the_ratio_of_row_counts(
    rows: Sequence[tuple[Value, ...]], expected: float
) -> None:
    gold = [("a", 1), ("b", 2.5)]
    assert overlap(gold, rows) == pytest.approx(expected)
    assert overlap(rows, gold) == pytest.approx(expected)


def test_overlap_of_wrong_numbers_that_are_close_is_not_whole() -> None:
    assert overlap([(1000000,)], [(1000000.4,)]) == 0.0
    assert overlap([(0.1 + 0.2,)], [(0.3,)]) == 1.0
    assert overlap([(9007199254740993,)], [(9007199254740992.0,)]) == 0.0
    assert overlap([], []) == 1.0
