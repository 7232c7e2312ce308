"""The head-to-head in one plain sentence that a sceptic accepts."""

from collections.abc import Sequence

from eval.head_to_head.comparison import Comparison, Pair, Standing
from eval.head_to_head.numbers import chance, counted, percent, sees, signed

WORDS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five"}


Parts = tuple[str, str]
"""What to read first, and the rest of the sentence."""


def verdict(found: Comparison) -> str:
    """Who is better, by how much, how sure, on what data; or that this set cannot tell, and what it could."""
    return "".join(parts(found))


def parts(found: Comparison) -> Parts:
    """The verdict as a headline and the rest of it."""
    first, rest = _two(found, found.pairs[0]) if len(found.pairs) == 1 else _several(found)
    return first, f"{rest}, on {on_what(found)}."


def on_what(found: Comparison) -> str:
    data, seeds = found.data, {len(one.paths) for one in found.policies}
    told = f"{counted(found.questions, str(data['split']) + ' question')} of {data['task']}"
    if len(seeds) > 1:
        return f"{told}, several seeds"
    each = seeds.pop()
    return f"{told}, {WORDS.get(each, str(each))} seed{'' if each == 1 else 's'} each"


def _two(found: Comparison, pair: Pair) -> Parts:
    if pair.sure:
        return _better(found, pair)
    change = pair.difference
    both = " against ".join(f"{percent(_of(found, name).accuracy.mean)}%" for name in (pair.after, pair.before))
    return (
        f"This test cannot tell {pair.after} from {pair.before}",
        f" ({both}): {signed(change.mean)} points, 95% interval "
        f"[{signed(change.low)}, {signed(change.high)}], {chance(pair.p_holm)}; {sees(change)}",
    )


def _several(found: Comparison) -> Parts:
    """The policy with the highest accuracy against each of the others, and who else is told apart."""
    best = max(found.policies, key=lambda one: one.accuracy.mean)
    against = [pair for pair in found.pairs if best.name in (pair.before, pair.after)]
    unclear = [pair.after if pair.before == best.name else pair.before for pair in against if not pair.sure]
    if beaten := [pair for pair in against if pair.sure]:
        rest = f"; it cannot be told from {_and(unclear)}" if unclear else ""
        first, more = _better(found, beaten[0]) if len(beaten) == 1 else _better_than_all(best, beaten)
        return first, f"{more}{rest}"
    highest = f"{best.name}, highest with {percent(best.accuracy.mean)}%, cannot be told from {_and(unclear)}"
    if others := [pair for pair in found.pairs if pair.sure]:
        told = f"{len(others)} of {len(found.pairs)} pairs are told apart"
        apart = "".join(_better(found, others[0])) if len(others) == 1 else told
        return "No single best", f": {apart}; {highest}"
    widest = max((pair.difference for pair in found.pairs), key=lambda one: one.detectable)
    return "This test cannot tell any of them apart", f": {highest}; {sees(widest)}"


def _better(found: Comparison, pair: Pair) -> Parts:
    change, names = pair.difference, (pair.after, pair.before)
    better, worse = (_of(found, name) for name in (names if change.mean > 0 else reversed(names)))
    ends = sorted((abs(change.low), abs(change.high)))
    return (
        f"{better.name} is better than {worse.name} by {percent(abs(change.mean))} points",
        f" ({percent(better.accuracy.mean)}% against {percent(worse.accuracy.mean)}%), 95% interval "
        f"[{percent(ends[0])}, {percent(ends[1])}], {chance(pair.p_holm)}",
    )


def _better_than_all(best: Standing, beaten: Sequence[Pair]) -> Parts:
    """Shortly, as there are several; their intervals stand below."""
    each: list[str] = []
    for pair in sorted(beaten, key=lambda one: -abs(one.difference.mean)):
        other = pair.after if pair.before == best.name else pair.before
        each.append(f"{other} by {percent(abs(pair.difference.mean))}")
    worst = chance(max(pair.p_holm for pair in beaten))
    most = f"all {worst}" if "<" in worst else f"all p at most {worst.removeprefix('p = ')}"
    return f"{best.name}, with {percent(best.accuracy.mean)}%, is better than {_and(each)} points", f", {most}"


def _of(found: Comparison, name: str) -> Standing:
    return next(one for one in found.policies if one.name == name)


def _and(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
