"""What a search found, in sentences: the winner, whether it is apart from the second, and the edges it lies at."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import optuna
from optuna.trial import FrozenTrial

from policy import yaml_file
from policy.searching.plan import Plan
from policy.searching.studies import COMPLETE, FAIL, PRUNED, ranked, trials_of
from rewards.paired import Difference, paired_difference


@dataclass(frozen=True, slots=True)
class Winner:
    """The best trial of the last stage that has one, and the keys that it was trained with."""

    stage: int
    trial: FrozenTrial
    values: dict[str, Any]


def winner(plan: Plan, studies: Sequence[optuna.Study]) -> Winner | None:
    """None before any trial came to its end."""
    for stage in reversed(range(len(studies))):
        if best := ranked(studies[stage]):
            return Winner(stage, best[0], plan.values(best[0].params))
    return None


def apart(first: FrozenTrial, second: FrozenTrial) -> Difference | None:
    """First minus second, question by question; None where they did not answer the same ones."""
    one, other = first.user_attrs.get("scores", ""), second.user_attrs.get("scores", "")
    if not one or len(one) != len(other):
        return None
    before, after = ([None if mark == "-" else float(mark) for mark in marks] for marks in (other, one))
    return paired_difference(before, after)


def sentences(plan: Plan, studies: Sequence[optuna.Study]) -> list[str]:
    """One paragraph each."""
    found = winner(plan, studies)
    if found is None:
        return ["No trial has come to its end yet."]
    shown = ", ".join(f"{key} {yaml_file.write(value)}" for key, value in found.values.items())
    told = [f"Chosen: {shown} (trial {found.trial.number + 1} of stage {found.stage + 1})."]
    if found.trial.user_attrs.get("stand_in"):
        told.append("It is the stand-in's, and says nothing about the model that the config names.")
    told.append(_beside_the_second(plan, ranked(studies[found.stage])))
    told_of = [one for one in plan.parameters if len(one.choices) != 2 or len(plan.parameters) == 1]  # of two both are
    edges = [one.key for one in told_of if one.at_edge(found.values[one.key])]
    if edges:
        told.append(f"At the edge of what was tried: {', '.join(edges)}. Try further out.")
    counts = [sum(one.state == state for s in studies for one in trials_of(s)) for state in (COMPLETE, PRUNED, FAIL)]
    told.append(
        f"{counts[0]} trials came to their end, {counts[1]} were pruned, {counts[2]} failed. The best of several is "
        "chosen on the very questions that it is shown with, so its own number is too good by some luck; measure it on "
        "the test split, once."
    )
    return told


def _beside_the_second(plan: Plan, best: Sequence[FrozenTrial]) -> str:
    if len(best) < 2:
        return "No other trial of its stage came to its end, so nothing says how near the next would have been."
    if plan.falls:
        gap = (best[1].value or 0.0) - (best[0].value or 0.0)
        return f"Its loss is {gap:.4f} below that of the second; a loss of one run has no interval here."
    between = apart(best[0], best[1])
    if between is None:
        return "The second did not answer the same questions, so the two cannot be compared."
    words = f"{100 * between.mean:+.1f} points [{100 * between.low:+.1f}, {100 * between.high:+.1f}]"
    words += f" on {between.pairs} validation questions, p {between.p:.2g}"
    if between.low > 0:
        return f"It is apart from the second: {words}."
    near = sum(1 for one in best[1:] if (found := apart(best[0], one)) and found.low <= 0)
    return f"It is not apart from the second: {words}. As good by these questions: {near} of {len(best) - 1} others."
