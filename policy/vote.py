"""Choosing among several answers by what they return.

Self-consistency (Wang et al., 2022, arXiv:2203.11171) by execution result instead of text, as in MBR-exec (Shi et al.,
2022, arXiv:2204.11454): answers that return the same rows, in any order, add their weights. Imports no torch.
"""

from collections import Counter
from collections.abc import Sequence
from math import exp, fsum

from envs.lexical import unstyled


def heaviest(
    results: Sequence[str],
    weights: Sequence[float],
    logprobs: Sequence[float | None] | None = None,
    sqls: Sequence[str] | None = None,
) -> int:
    """The place of the answer that the heaviest result stands for; `results` name the rows (`envs.fingerprint`).

    What did not run ("") has no weight. Of equally heavy results the one with the higher mean log-probability of its
    answers wins where they are given, then the one that was first. Who answers for a result, `spokesman` says; without
    `sqls` its heaviest answer, the first of several alike. Where nothing ran, the first is.
    """
    together: dict[str, list[int]] = {}
    for place, result in enumerate(results):
        if result:
            together.setdefault(result, []).append(place)
    if not together:
        return 0

    def merit(places: list[int]) -> tuple[float, float, int]:
        likely = fsum((logprobs[place] or 0.0) if logprobs else 0.0 for place in places) / len(places)
        return fsum(weights[place] for place in places), likely, -places[0]

    best = max(together.values(), key=merit)
    return best[spokesman([weights[place] for place in best], [sqls[place] if sqls else "" for place in best])]


def spokesman(weights: Sequence[float], sqls: Sequence[str]) -> int:
    """The place of the answer that stands for a result, among those that returned it: the heaviest, of several alike
    the one written most often but for style, then the first. They may differ in the order of their rows."""
    texts = [unstyled(sql, "sqlite") for sql in sqls]
    written = Counter(texts)
    return max(range(len(sqls)), key=lambda place: (weights[place], written[texts[place]], -place))


def votes(results: Sequence[str]) -> list[int]:
    """How many answers return what each returns, itself counted; 0 for what did not run."""
    return [sum(other == result for other in results) if result else 0 for result in results]


def opinion(logit: float | None) -> float:
    """What a reward model's logit weighs as a vote: its sigmoid, in (0, 1); 0 for what the model could not read."""
    return 0.0 if logit is None else 1 / (1 + exp(-max(-60.0, min(60.0, logit))))
