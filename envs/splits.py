"""Which questions are for training: a stable division of a data set that comes in one piece."""

import hashlib
from collections.abc import Iterable

from envs.tasks import Split

HELD_OUT = 0.1
"""Share of the databases that goes to validation, and again to test."""


def divide(keys: Iterable[str]) -> dict[str, Split]:
    """Each distinct key (most often a `schema_id`) -> its split: about 80% train, 10% validation, 10% test.

    The order is that of a hash, so it depends on nothing but the keys: not on their order, a seed or the machine. From
    three keys on no split is empty; with two there is no validation, with one only train.
    """
    order = sorted(set(keys), key=lambda key: hashlib.sha256(key.encode()).digest())
    held_out = max(1, round(len(order) * HELD_OUT))
    test = held_out if len(order) > 1 else 0
    validation = held_out if len(order) > 2 else 0
    splits: dict[str, Split] = dict.fromkeys(order, "train")
    splits.update(dict.fromkeys(order[:test], "test"))
    splits.update(dict.fromkeys(order[test : test + validation], "validation"))
    return splits
