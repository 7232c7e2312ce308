"""What a reward model is good for, in a sentence: telling corruptions apart is not agreeing with execution."""

from collections.abc import Mapping

from rewards.paired import Interval
from rl.reward_modelling.agreement import Agreement

ENOUGH = 0.90
"""Pair accuracy on held-out databases that a reward model of this lab should reach."""

CHANCE = 0.5
WEAK = 0.75
"""AUC within questions under which a reward hardly orders what a policy writes."""


def verdict(whole: Interval, kinds: Mapping[str, Interval], agreed: Agreement | None) -> str:
    """`kinds` is the pair accuracy of each corruption or source."""
    told = f"It prefers the right query in {whole.mean:.1%} of the held-out pairs"
    weak = [f"{name} {one.mean:.0%}" for name, one in kinds.items() if one.mean < ENOUGH]
    told += f"; under {ENOUGH:.0%}: {', '.join(weak)}." if weak else f", and in {ENOUGH:.0%} of each kind."
    if agreed is None:
        return told + " Whether it agrees with execution on a policy's own samples was not measured."
    if agreed.within is None:
        return told + " No question has both right and wrong samples, so there is nothing for it to order."
    found = agreed.within
    order = f"the right one of a policy's own samples comes first in {found.value:.1%} of the mixed pairs of a question"
    if found.low <= CHANCE:
        word = "but" if whole.mean >= ENOUGH else "and"
        return f"{told} On samples it says nothing that chance does not: {word} {order}. Do not train on it."
    if found.value < WEAK:
        return f"{told} WEAK WHERE IT COUNTS: {order}. It has learned what corruptions look like, not what is right."
    return f"{told} On fresh samples it agrees with execution: {order}."
