"""Which corruptions become pairs: a few a question, so that the kinds are as equal in number as they can be."""

from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random


def balanced(
    kept: Mapping[str, Sequence[tuple[str, str]]], lengths: Mapping[str, int], each: int, seed: int
) -> dict[str, list[tuple[str, str]]]:
    """At most `each` (text, kind) of every id, no kind twice for one id where it can be helped.

    In each round every id takes one. The kind that was taken least goes first, and takes it from an id whose other
    kinds can be had elsewhere; of its texts one that is longer than the gold (`lengths`, in characters) as often as one
    that is shorter. The same for the same set, whatever its order.
    """
    return _Choice(kept, lengths, seed).made(each)


class _Choice:
    """`left` are the texts of each id by kind, `queues` the ids of each kind in the order in which it asks them."""

    def __init__(self, kept: Mapping[str, Sequence[tuple[str, str]]], lengths: Mapping[str, int], seed: int) -> None:
        self.taken: dict[str, list[tuple[str, str]]] = {name: [] for name in kept}
        self.counts: Counter[str] = Counter()
        self._sizes: Counter[tuple[str, int]] = Counter()
        self._lengths = lengths
        self._left: dict[str, dict[str, list[str]]] = {}
        places: dict[str, float] = {}
        for name, some in kept.items():
            rng = Random(f"{seed}:{name}")
            places[name] = rng.random()
            shuffled = sorted(some)
            rng.shuffle(shuffled)
            self._left[name] = {}
            for text, kind in shuffled:
                self._left[name].setdefault(kind, []).append(text)
        offers = Counter(kind for found in self._left.values() for kind in found)

        def order(kind: str, name: str) -> tuple[int, float, str]:
            others = [offers[other] for other in self._left[name] if other != kind]
            return -min(others, default=len(kept)), places[name], name

        self._queues = {
            kind: sorted((n for n in kept if kind in self._left[n]), key=lambda name, kind=kind: order(kind, name))
            for kind in sorted(offers, key=lambda kind: (offers[kind], kind))
        }

    def made(self, each: int) -> dict[str, list[tuple[str, str]]]:
        for again in (False, True):
            for quota in range(1, each + 1):
                self._round(quota, again)
        return self.taken

    def _round(self, quota: int, again: bool) -> None:
        """Until every id has `quota` texts, or none that is left; `again`: of a kind that it has already too."""
        asked = {kind: iter(queue) for kind, queue in self._queues.items()}
        while asked:
            kind = min(asked, key=lambda kind: self.counts[kind])
            for name in asked[kind]:
                own = {other for _, other in self.taken[name]}
                if len(self.taken[name]) < quota and self._left[name][kind] and (again or kind not in own):
                    self._take(name, kind)
                    break
            else:
                del asked[kind]

    def _take(self, name: str, kind: str) -> None:
        texts = self._left[name][kind]
        best = min(texts, key=lambda text: self._sizes[kind, self._size(name, text)])
        texts.remove(best)
        self.taken[name].append((best, kind))
        self.counts[kind] += 1
        self._sizes[kind, self._size(name, best)] += 1

    def _size(self, name: str, text: str) -> int:
        return (len(text) > self._lengths[name]) - (len(text) < self._lengths[name])
