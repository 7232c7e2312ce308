"""What the vote of each member of a pool weighs, from questions that it is not judged by, or from no gold at all."""

from collections.abc import Sequence
from math import fsum
from typing import Any

from eval.candidates import Answer
from eval.pool.members import Asked
from policy.config_error import ConfigError
from policy.presenting import LATER_KEYS
from policy.scores import Scored

SAME = ("weights", "prompt", "chat_template_kwargs", *LATER_KEYS, "temperature", "quantised")
"""What a member and the samples that it is weighed by must agree on."""


def fitted(
    named: Sequence[str], sampled: Sequence[Sequence[Scored]], others: Sequence[Sequence[Scored]]
) -> list[float]:
    """How often what each member wrote for other questions was right, where it ran: only what runs has a vote. Raises
    ConfigError where `others`, a list a member, are of another policy, of other questions than each other, or of one
    that the pool is judged by."""
    if len(others) != len(sampled):
        raise ConfigError(f"--fitted_on names {len(others)} files and --samples {len(sampled)}: one a member, in order")
    first = {one.example for one in others[0]}
    for name, theirs in zip(named, others, strict=True):
        if {one.example for one in theirs} != first:
            raise ConfigError(f"--fitted_on: {named[0]} and {name} answer other questions there, so no weight is fair")
    found: list[float] = []
    for name, ours, theirs in zip(named, sampled, others, strict=True):
        for key in SAME:
            if (one := facts_of(ours).get(key)) != (other := facts_of(theirs).get(key)):
                raise ConfigError(f"--fitted_on: {key} of {name} is {other!r} there and {one!r} in its samples")
        if seen := {one.example for one in ours} & {one.example for one in theirs}:
            raise ConfigError(
                f"--fitted_on answers {min(seen)} too, which the pool is judged by: weights would have seen the golds; "
                "name samples of another split"
            )
        votes = [score.correct for one in theirs for score in one.scores if score.result and score.correct is not None]
        if not votes:
            raise ConfigError(
                f"--fitted_on: nothing that {name} wrote there ran and can be graded, so it has no weight"
            )
        found.append(sum(votes) / len(votes))
    return found


def facts_of(sampled: Sequence[Scored]) -> dict[str, Any]:
    """With what older files do not say: they were asked as it is by default."""
    return {**LATER_KEYS, "quantised": "", **sampled[0].facts}


def agreements(asked: Sequence[Asked]) -> list[float]:
    """How often two samples that ran, one of the member and one of another, return the same: first the mean over the
    pairs of one question and one other member, then over these. 0 where nothing can be compared."""
    members = len(asked[0].answers)
    found: list[float] = []
    for one in range(members):
        shares = [
            _same(each.answers[one], each.answers[other]) for each in asked for other in range(members) if other != one
        ]
        known = [share for share in shares if share is not None]
        found.append(fsum(known) / len(known) if known else 0.0)
    return found


def _same(ours: Sequence[Answer], theirs: Sequence[Answer]) -> float | None:
    pairs = [one.result == other.result for one in ours for other in theirs if one.result and other.result]
    return sum(pairs) / len(pairs) if pairs else None
