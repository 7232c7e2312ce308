"""What each reward pays a right answer at least and a wrong one at most: how far apart a sum of them keeps the two.

Right is `Verdict.proven`. An equality that proves nothing, or that a twin refutes, is therefore wrong, and
`execution_match` pays it as much as a right answer; `twin_match` does not.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the most that an answer earns, a right one and a wrong one."""

    right: tuple[float, float]
    wrong: tuple[float, float]


BOUNDS = {
    "blended": Bounds((1.0, 1.0), (0.0, 0.7)),
    "brevity": Bounds((-1.0, 0.0), (-1.0, 0.0)),
    "executes": Bounds((1.0, 1.0), (0.0, 1.0)),
    "execution_match": Bounds((1.0, 1.0), (0.0, 1.0)),
    "learned_if_wrong": Bounds((1.0, 1.0), (0.0, 0.5)),
    "parseable": Bounds((1.0, 1.0), (0.0, 1.0)),
    "reward_model": Bounds((0.0, 1.0), (0.0, 1.0)),
    "rouge_l": Bounds((0.0, 1.0), (0.0, 1.0)),
    "row_overlap": Bounds((1.0, 1.0), (0.0, 0.5)),
    "twin_match": Bounds((1.0, 1.0), (0.0, 0.0)),
}


def gap(weights: Mapping[str, float]) -> float:
    """What the worst right answer earns beyond the best wrong one, in the units of the weights; negative where a wrong
    one may win. Raises KeyError for a reward whose bounds are not written here."""
    kept = 0.0
    for name, weight in weights.items():
        if weight:
            found = BOUNDS[name]
            kept += weight * (found.right[0] - found.wrong[1] if weight > 0 else found.right[1] - found.wrong[0])
    return kept
