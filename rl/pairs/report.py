"""What a file of pairs holds, and what a policy could learn from it that is not SQL."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import mean, median
from typing import Any

from rl.pairs.answers import GOLD
from rl.pairs.claims import Claims
from rl.pairs.distance import distance, words
from rl.pairs.leakage import Leak
from rl.pairs.pair import Pair


@dataclass(frozen=True, slots=True)
class Made:
    """How the pairs came about: `questions` that were asked, `unpaired` of them by reason, pairs left out because they
    were there already, contradicted another or were over a cap. `how` is the selection in words."""

    how: str
    questions: int
    unpaired: dict[str, int]
    repeated: int = 0
    contradictory: int = 0
    over_caps: int = 0
    claims: Claims | None = None
    notes: tuple[str, ...] = ()


def report(pairs: Sequence[Pair], made: Made, leaks: Sequence[Leak]) -> dict[str, Any]:
    """All figures, as they go into the file beside the pairs. Lengths are SQL tokens and characters."""
    databases = Counter(pair.schema_id for pair in pairs)
    return {
        "pairs": len(pairs),
        "questions": len({pair.example for pair in pairs}),
        "databases": len(databases),
        "task": sorted({f"{pair.task} {pair.split}" for pair in pairs}),
        "verified": sorted({f"{pair.verified.comparison}{' with twins' * pair.verified.twins}" for pair in pairs}),
        "counts": {name: _counted(pairs, of) for name, of in COUNTED.items()},
        "largest_database": _share(max(databases.values(), default=0), pairs),
        "lengths": {"tokens": _lengths(pairs, _tokens), "characters": _lengths(pairs, _characters)},
        "baselines": _baselines(pairs),
        "made": asdict(made),
        "leaks": [asdict(leak) for leak in leaks],
    }


COUNTED: dict[str, Callable[[Pair], str]] = {
    "source": lambda pair: pair.source,
    "chosen from": lambda pair: pair.chosen_source,
    "error": lambda pair: pair.error,
    "kind": lambda pair: pair.kind,
    "difficulty": lambda pair: pair.difficulty,
    "database": lambda pair: pair.schema_id,
}


def _counted(pairs: Sequence[Pair], of: Callable[[Pair], str]) -> dict[str, int]:
    return {name: count for name, count in Counter(map(of, pairs)).most_common() if name}


def _tokens(completion: str) -> int:
    return len(words(completion))


def _characters(completion: str) -> int:
    return len(completion)


def _lengths(pairs: Sequence[Pair], long: Callable[[str], int]) -> dict[str, float]:
    """Means and medians, and of chosen minus rejected; `shorter` is the share of pairs in which the chosen is."""
    if not pairs:
        return {}
    chosen, rejected = [long(pair.chosen) for pair in pairs], [long(pair.rejected) for pair in pairs]
    apart = [a - b for a, b in zip(chosen, rejected, strict=True)]
    return {
        "chosen_mean": round(mean(chosen), 2),
        "rejected_mean": round(mean(rejected), 2),
        "difference_mean": round(mean(apart), 2),
        "difference_median": median(apart),
        "shorter": _share(sum(one < 0 for one in apart), pairs),
        "as_long": _share(sum(one == 0 for one in apart), pairs),
        "longer": _share(sum(one > 0 for one in apart), pairs),
    }


def _baselines(pairs: Sequence[Pair]) -> dict[str, dict[str, float]]:
    """How often a rule that knows no SQL finds the chosen one, a tie counting half; the second also where the chosen is
    not the gold itself, for which it is always right."""
    shorter = [_half(_characters(pair.rejected) - _characters(pair.chosen)) for pair in pairs]
    others = [pair for pair in pairs if pair.chosen_source != GOLD]
    return {
        "shorter is better": _accuracy(shorter),
        "gold-like is better": _accuracy([_half(_from_gold(pair, False) - _from_gold(pair, True)) for pair in pairs]),
        "gold-like is better, gold not chosen": _accuracy(
            [_half(_from_gold(pair, False) - _from_gold(pair, True)) for pair in others]
        ),
    }


def _from_gold(pair: Pair, chosen: bool) -> int:
    return distance(pair.chosen_sql if chosen else pair.rejected_sql, pair.gold_sql)


def _half(ahead: int) -> float:
    return 1.0 if ahead > 0 else 0.0 if ahead < 0 else 0.5


def _accuracy(right: Sequence[float]) -> dict[str, float]:
    return {"pairs": len(right), "accuracy": round(mean(right), 4)} if right else {"pairs": 0}


def _share(count: int, pairs: Sequence[Pair]) -> float:
    return round(count / len(pairs), 4) if pairs else 0.0
