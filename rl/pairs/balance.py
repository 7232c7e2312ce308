"""Each pair once, none against another, and no database or error class more often than it may be."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from envs.explore.texts import question_key
from rl.pairs.answers import key
from rl.pairs.pair import Pair

EVEN = 2
"""With `even`, none may have more than so many times its even share."""


@dataclass(frozen=True, slots=True)
class Caps:
    """Most pairs of one database and of one error class, None for no limit; `even` limits both by their number."""

    database: int | None = None
    error: int | None = None
    even: bool = False


def once(pairs: Sequence[Pair]) -> tuple[list[Pair], int, int]:
    """The pairs without repeats and contradictions, and how many there were of each. A contradiction chooses what
    another pair about the same prompt rejects, as where two golds of one question differ: both are left out."""
    found: dict[tuple[str, str, str], Pair] = {}
    for pair in pairs:
        found.setdefault((_prompt(pair), *_queries(pair)), pair)
    against = {name for name in found if (name[0], name[2], name[1]) in found}
    kept = [pair for name, pair in found.items() if name not in against]
    return kept, len(pairs) - len(found), len(against)


def capped(pairs: Sequence[Pair], caps: Caps, seed: int) -> list[Pair]:
    """The pairs that may stay, drawn by the seed, in their order."""
    database, error = (
        _least(cap, _even(pairs, of) if caps.even else None)
        for cap, of in ((caps.database, lambda pair: pair.schema_id), (caps.error, lambda pair: pair.error))
    )
    order = list(range(len(pairs)))
    Random(f"{seed} caps").shuffle(order)
    databases: Counter[str] = Counter()
    errors: Counter[str] = Counter()
    kept: set[int] = set()
    for at in order:
        pair = pairs[at]
        if databases[pair.schema_id] < database and errors[pair.error] < error:
            databases[pair.schema_id] += 1
            errors[pair.error] += 1
            kept.add(at)
    return [pair for at, pair in enumerate(pairs) if at in kept]


def _prompt(pair: Pair) -> str:
    return "\0".join((pair.schema, question_key(pair.question), pair.evidence))


def _queries(pair: Pair) -> tuple[str, str]:
    return key(pair.chosen_sql, pair.engine), key(pair.rejected_sql, pair.engine)


def _even(pairs: Sequence[Pair], of: Callable[[Pair], str]) -> int:
    return -(-EVEN * len(pairs) // max(1, len({of(pair) for pair in pairs})))


def _least(*caps: int | None) -> float:
    return min((cap for cap in caps if cap is not None), default=float("inf"))
