"""Who voted for what: the results that were returned, the heaviest first, and which policies returned them."""

from collections import Counter
from collections.abc import Sequence
from math import fsum

from policy import vote
from serve.answer import Candidate


def ballot(candidates: Sequence[Candidate]) -> list[str]:
    """A line a result and one for what failed; none where one policy voted and no reward model was asked."""
    asked = [one for one in candidates if not one.repaired]
    if len(asked) < 2 or not any(one.policy or one.opinion is not None for one in asked):
        return []
    together: dict[str, list[Candidate]] = {}
    for one in asked:
        together.setdefault(one.result, []).append(one)
    failed = together.pop("", [])
    lines = [
        f"{len(some)} of {len(asked)} votes{_by(some)}: {_query(some)}"
        for some in sorted(together.values(), key=_merit, reverse=True)
    ]
    return [*lines, f"{len(failed)} of {len(asked)} returned nothing to vote for{_by(failed)}"] if failed else lines


def _merit(some: Sequence[Candidate]) -> tuple[float, int]:
    return fsum(one.opinion or 0.0 for one in some), len(some)


def _query(some: Sequence[Candidate]) -> str:
    return some[vote.spokesman([one.opinion or 0.0 for one in some], [one.sql for one in some])].sql


def _by(some: Sequence[Candidate]) -> str:
    parts = [f"{name} {count}" for name, count in Counter(one.policy for one in some if one.policy).items()]
    if known := [one.opinion for one in some if one.opinion is not None and one.result]:
        parts.append(f"mean opinion {fsum(known) / len(known):.2f}")
    return f" ({'; '.join(parts)})" if parts else ""
