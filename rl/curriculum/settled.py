"""Which questions an epoch asks, by what the epochs before it said: settled ones make room for others.

It follows from the rollouts on disk alone, so that a resumed run chooses as the undisturbed one did. Imports no torch.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from envs.verdict import Verdict
from policy.rollouts import read


def by_rollouts(
    folder: Path, examples: Sequence[str], seed: int, last: int, wait: Callable[[], None]
) -> Callable[[int], list[int] | None]:
    """`choose` for the rollouts of a run's folder, None for an epoch that asks every question once.

    All processes read all files: `wait` returns when each has written its own, and they lie where all can read them.
    """

    def choice(epoch: int) -> list[int] | None:
        if epoch < last:
            return None
        wait()
        return choose(read(folder), examples, epoch, seed, last)

    return choice


def choose(rows: Iterable[Mapping[str, Any]], examples: Sequence[str], epoch: int, seed: int, last: int) -> list[int]:
    """As many places as there are examples (their ids): each its own, but at those of settled ones an unsettled one
    drawn by seed and epoch.

    None is asked more than twice, lest a few questions fill an epoch and are learned by heart: where more are settled
    than not, some of the settled are asked as before.
    """
    resting = settled(rows, epoch, last)
    asleep = [place for place, example in enumerate(examples) if example in resting]
    awake = [place for place, example in enumerate(examples) if example not in resting]
    random, exchanged = Random(f"{seed} {epoch}"), min(len(asleep), len(awake))
    chosen = list(range(len(examples)))
    for place, drawn in zip(random.sample(asleep, exchanged), random.sample(awake, exchanged), strict=True):
        chosen[place] = drawn
    return chosen


def settled(rows: Iterable[Mapping[str, Any]], epoch: int, last: int) -> set[str]:
    """Ids whose every completion in the `last` epochs before this one was right, or every one wrong; unscored ones say
    nothing. Right is what a reward may pay for, as in a file of pass rates.

    A question that was not asked in any of those is not settled: it rests for `last` epochs and is looked at again.
    """
    seen: dict[str, set[bool]] = {}
    for row in rows:
        if epoch - last <= int(row["epoch"] or 0) < epoch:
            verdict = Verdict(row["correct"], vacuous=row["vacuous"], constant=row["constant"], twins=row["twins"])
            if verdict.proven is not None:
                seen.setdefault(row["example"], set()).add(verdict.proven)
    return {example for example, verdicts in seen.items() if len(verdicts) == 1}
