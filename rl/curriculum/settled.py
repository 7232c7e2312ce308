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
    """As many places as there are examples (their ids): each unsettled one's own, and at the place of a settled one an
    unsettled one drawn by seed and epoch, none twice as often as another before all were drawn.

    When all are settled all are asked: there is nothing to put in their place.
    """
    resting = settled(rows, epoch, last)
    awake = [place for place, example in enumerate(examples) if example not in resting]
    if not awake:
        return list(range(len(examples)))
    random, drawn = Random(f"{seed} {epoch}"), list[int]()
    chosen = list(range(len(examples)))
    for place, example in enumerate(examples):
        if example in resting:
            if not drawn:
                drawn = random.sample(awake, len(awake))
            chosen[place] = drawn.pop()
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
