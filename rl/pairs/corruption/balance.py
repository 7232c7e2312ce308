"""Which corruptions become pairs: a few a question, so that the kinds are as equal in number as they can be."""

from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random


def balanced(
    kept: Mapping[str, Sequence[tuple[str, str]]], lengths: Mapping[str, int], each: int, seed: int
) -> dict[str, list[tuple[str, str]]]:
    """At most `each` (text, kind) of every id, no kind twice for one id where it can be helped.

    In each round every id takes of the kind that was taken least, and of that kind what is longer than its gold
    (`lengths`, in characters) as often as what is shorter; ids with few kinds go first. The same for the same set,
    whatever its order.
    """
    taken: dict[str, list[tuple[str, str]]] = {name: [] for name in kept}
    counts: Counter[str] = Counter()
    sizes: Counter[tuple[str, int]] = Counter()
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
            longer = {text: (len(text) > lengths[name]) - (len(text) < lengths[name]) for text, _ in left}
            best = min(left, key=lambda one: (one[1] in own, counts[one[1]], sizes[one[1], longer[one[0]]]))
            taken[name].append(best)
            counts[best[1]] += 1
            sizes[best[1], longer[best[0]]] += 1
    return taken
