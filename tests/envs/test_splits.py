from collections import Counter

import pytest

from envs.splits import divide


def test_four_of_five_databases_are_for_training():
    assert Counter(divide(f"db{i}" for i in range(140)).values()) == {"train": 112, "validation": 14, "test": 14}


def test_the_division_depends_on_the_names_alone():
    assert divide(["a", "b", "c", "a"]) == divide(["c", "b", "a"])
    assert divide(["concert_singer", "pets_1", "car_1", "flight_2"]) == {
        "car_1": "train",
        "concert_singer": "test",
        "flight_2": "train",
        "pets_1": "validation",
    }


@pytest.mark.parametrize(("count", "splits"), [(0, set()), (1, {"train"}), (2, {"train", "test"})])
def test_too_few_databases_leave_splits_empty(count, splits):
    assert set(divide(map(str, range(count))).values()) == splits


@pytest.mark.parametrize("count", [3, 9, 12])
def test_from_three_databases_on_no_split_is_empty(count):
    assert set(divide(map(str, range(count))).values()) == {"train", "validation", "test"}
