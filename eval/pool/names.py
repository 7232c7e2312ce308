"""What the members of a pool are called: the shortest name that no other member has."""

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from policy.presenting import LATER_KEYS

MORE = ("prompt", *LATER_KEYS, "quantised", "temperature", "backend", "seed")
"""Told, in this order, where the policies alone do not tell members apart."""


def names(facts: Sequence[Mapping[str, Any]]) -> list[str]:
    """`runs/sft_1/policy` is `sft_1`; two members of one policy are told apart by what was asked otherwise, and by
    their place where nothing was."""
    found = [_last(str(one.get("policy"))) for one in facts]
    if len({one.get("policy") for one in facts}) > len(set(found)):
        found = [str(one.get("policy")) for one in facts]
    for key in MORE:
        if len(set(found)) == len(facts):
            break
        values = [one.get(key) for one in facts]
        if len(set(map(str, values))) > 1:
            found = [f"{name}, {key} {value}" for name, value in zip(found, values, strict=True)]
    if len(set(found)) < len(facts):
        found = [f"{name}, {place}" for place, name in enumerate(found, 1)]
    return found


def _last(policy: str) -> str:
    path = PurePath(policy)
    return (path.parent.name if path.name == "policy" else path.name) or policy
