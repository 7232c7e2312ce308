"""Which corruptions become pairs: a few a question, so that the kinds are as equal in number as they can be."""

from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random


def balanced(kept: Mapping[str, Sequence[tuple[str, str]]], each: int, seed: int) -> dict[str, list[tuple[str, str]]]:
    """At most `each` (text, kind) of every id, no kind twice for one id where it can be helped.

    In each round every id takes of the kind that was taken least; those with few kinds go first. The same for the same
    set, whatever its order.
    """
    taken: dict[str, list[tuple[str, str]]] = {name: [] for name in kept}
    counts: Counter[str] = Counter()
    places = {name: Random(f"{seed}:{name}").random() for name in kept}
    order = sorted(kept, key=lambda name: (len({kind for _, kind in kept[name]}), places[name], name))
    for _ in range(each):
        for name in order:
            own = {kind for _, kind in taken[name]}
            left = sorted(one for one in kept[name] if one not in taken[name])
            if not left:
                continue
            rng = Random(f"{seed}:{name}:{len(taken[name])}")
            rng.shuffle(left)
            best = min(left, key=lambda one: (one[1] in own, counts[one[1]]))
            taken[name].append(best)
            counts[best[1]] += 1
    return taken
