"""What pass rates say of a set of questions, as tables for the console. Imports no torch."""

from collections import Counter
from collections.abc import Callable, Sequence

from rewards.paired import accuracy
from rl.curriculum.pass_rates import Rate

BARS = 40
"""Characters of the longest bar."""
DATABASES = 12
"""How many databases are shown, those with the most questions."""


def told(rates: Sequence[Rate], kept: Callable[[Rate], bool]) -> str:
    """The histogram, the shares, both tables. `kept` says which questions a run would be left with."""
    scored = [rate for rate in rates if rate.pass_rate is not None]
    if not scored:
        return f"{len(rates):,} questions measured, and none of their completions could be scored."
    samples = max(rate.samples for rate in rates)
    mean = sum(rate.pass_rate or 0.0 for rate in scored) / len(scored)
    lines = [f"{len(scored):,} questions, {samples} completions each; mean pass rate {100 * mean:.1f}%"]
    if unscored := len(rates) - len(scored):
        lines.append(f"{unscored:,} more have no scored completion")
    lines += ["", *histogram(scored), ""]
    for name, is_so in (("never solved", _never), ("always solved", _always), ("mixed groups", _mixed)):
        lines.append(f"{name:<14} {share(scored, is_so)}")
    lines.append(f"\n{sum(map(kept, rates)):,} of {len(rates):,} questions would be kept\n")
    lines += _by("difficulty", rates, lambda rate: rate.difficulty, kept, None)
    lines += ["", *_by("database", rates, lambda rate: rate.database, kept, DATABASES)]
    return "\n".join(lines)


def histogram(rates: Sequence[Rate]) -> list[str]:
    """One line a number of right completions, of the questions with every completion scored."""
    whole = [rate for rate in rates if not rate.unscored]
    counts = Counter(rate.right for rate in whole)
    most = max(counts.values(), default=1)
    top = max((rate.samples for rate in whole), default=0)
    return [
        f"{right:>3} of {top} right  {counts[right]:>6,}  {'#' * round(BARS * counts[right] / most)}".rstrip()
        for right in range(top + 1)
    ]


def share(rates: Sequence[Rate], is_so: Callable[[Rate], bool]) -> str:
    """A share of questions with Wilson's 95% interval."""
    found = accuracy([float(is_so(rate)) for rate in rates])
    return f"{100 * found.mean:5.1f}%  [{100 * found.low:.1f}, {100 * found.high:.1f}]"


def _never(rate: Rate) -> bool:
    return rate.pass_rate == 0


def _always(rate: Rate) -> bool:
    return rate.pass_rate == 1


def _mixed(rate: Rate) -> bool:
    return rate.pass_rate is not None and 0 < rate.pass_rate < 1


def _by(
    name: str, rates: Sequence[Rate], key: Callable[[Rate], str], kept: Callable[[Rate], bool], most: int | None
) -> list[str]:
    """A row a value of `key`, the most frequent first; those past `most` in a last line."""
    groups: dict[str, list[Rate]] = {}
    for rate in rates:
        groups.setdefault(key(rate) or "(none)", []).append(rate)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    lines = [f"| {name} | questions | pass rate | never | always | kept |", "|---|---:|---:|---:|---:|---:|"]
    for value, group in ordered[:most]:
        scored = [rate.pass_rate for rate in group if rate.pass_rate is not None]
        mean = f"{100 * sum(scored) / len(scored):.1f}%" if scored else "unscored"
        counts = (sum(map(is_so, group)) for is_so in (_never, _always, kept))
        lines.append(f"| {value} | {len(group):,} | {mean} | {' | '.join(f'{count:,}' for count in counts)} |")
    if most is not None and len(ordered) > most:
        rest = sum(len(group) for _, group in ordered[most:])
        lines.append(f"\nand {rest:,} questions over {len(ordered) - most:,} more")
    return lines
