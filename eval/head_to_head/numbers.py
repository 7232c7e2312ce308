"""Numbers as a person reads them, the same on the page, in Markdown and in the verdict."""

from rewards.paired import Interval
from rewards.paired_seeds import PooledDifference


def percent(share: float) -> str:
    return f"{100 * share:.1f}"


def signed(share: float) -> str:
    """In points; what rounds to nothing has no sign."""
    told = f"{100 * share:+.1f}"
    return "0.0" if told in ("+0.0", "-0.0") else told


def accuracy_told(one: Interval) -> str:
    return f"{percent(one.mean)} [{percent(one.low)}, {percent(one.high)}]"


def difference_told(one: PooledDifference) -> str:
    return f"{signed(one.mean)} [{signed(one.low)}, {signed(one.high)}]"


def sees(change: PooledDifference) -> str:
    """What a test of this size could tell."""
    if change.detectable > 0.95:
        return "it has too few questions to see any difference"
    return f"it can see differences above {percent(change.detectable)} points"


def chance(p: float) -> str:
    return "p < 0.0001" if p < 0.0001 else f"p = {p:.2g}"


def rarity(p: float) -> str:
    """What a p says, in words."""
    if p >= 0.5:
        return "as often as not"
    if p < 0.0001:
        return "less than once in 10,000 such tests"
    return f"about once in {round(1 / p):,} such tests"


def counted(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")
