"""What scoring found, a row a file of samples: every comparison's accuracy, over the same questions."""

from collections.abc import Mapping, Sequence

from policy.scores import Score, Scored
from rewards.paired import accuracy

COLUMNS = ("strict", "spider", "bird", "lenient", "state", "suite")


def table(found: Mapping[str, Sequence[Scored]]) -> str:
    """In Markdown, percent with its 95% interval where all questions were answered once; columns that nobody has are
    left out. Several completions a question count as their mean."""
    used = [name for name in COLUMNS if any(_values(some, name) for some in found.values())]
    lines = [f"| {' | '.join(['samples', 'questions', 'ran', *used])} |", f"|---|---:|---:|{'---:|' * len(used)}"]
    for name, some in found.items():
        scores = [score for one in some for score in one.scores]
        ran = sum(score.status == "ok" for score in scores) / len(scores) if scores else 0.0
        cells = [name, f"{len(some):,}", f"{100 * ran:.1f}", *(_told(_values(some, column)) for column in used)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _values(some: Sequence[Scored], name: str) -> list[float]:
    """Of each question that has a verdict: the share of its completions that are right."""
    found: list[float] = []
    for one in some:
        verdicts = [verdict(score, name) for score in one.scores]
        known = [verdict for verdict in verdicts if verdict is not None]
        if known:
            found.append(sum(known) / len(known))
    return found


def verdict(score: Score, name: str) -> bool | None:
    """Of one of `COLUMNS`."""
    return score.suite if name == "suite" else score.modes[name]


def _told(values: Sequence[float]) -> str:
    if not values:
        return ""
    one = accuracy(values)
    return f"{100 * one.mean:.1f} [{100 * one.low:.1f}, {100 * one.high:.1f}] of {one.scored:,}"
