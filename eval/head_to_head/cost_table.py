"""What the policies cost, a row a measure: the mean of their seeds where several files tell it."""

from collections.abc import Callable, Sequence
from statistics import fmean

from eval.head_to_head.comparison import Comparison
from eval.head_to_head.policies import Cost
from eval.head_to_head.waits import comparable

UNKNOWN = "-"
_NUMBERS: tuple[tuple[str, Callable[[Cost], float | None], str], ...] = (
    ("training, minutes", lambda one: one.training_seconds and one.training_seconds / 60, ",.1f"),
    ("training steps", lambda one: one.steps, ",.0f"),
    ("tokens of training", lambda one: one.training_tokens, ",.0f"),
    ("peak memory of training, MiB", lambda one: one.peak_mib, ",.0f"),
    ("trained parameters", lambda one: one.trainable_parameters, ",.0f"),
    ("tokens an answer", lambda one: one.answer_tokens, ",.1f"),
    ("parameters", lambda one: one.parameters, ",.0f"),
)
_WAITS: tuple[tuple[str, Callable[[Cost], float | None], str], ...] = (
    ("latency of an answer, ms: mean", lambda one: one.latency and 1000 * one.latency, ",.0f"),
    ("latency, ms: P50", lambda one: one.latency_p50 and 1000 * one.latency_p50, ",.0f"),
    ("latency, ms: P95", lambda one: one.latency_p95 and 1000 * one.latency_p95, ",.0f"),
    ("answers a second, many at once", lambda one: one.answers_per_second, ",.3g"),
    ("peak memory of answering, MiB", lambda one: one.answering_mib, ",.0f"),
)
_WORDS: tuple[tuple[str, Callable[[Cost], str]], ...] = (
    ("latency measured on", lambda one: one.measured_on),
    ("hardware of training", lambda one: one.hardware),
    ("commit", lambda one: one.commit),
    ("command", lambda one: one.command),
    ("began from", lambda one: one.began_from),
)


def rows(found: Comparison) -> list[tuple[str, list[str]]]:
    """(measure, a cell a policy), only what is known of one of them at least."""
    note = "" if comparable(cost for one in found.policies for cost in one.costs) else " (not comparable, see below)"
    wanted = [*_NUMBERS, *((name + note, of, form) for name, of, form in _WAITS)]
    told = [(name, [_mean(one.costs, of, form) for one in found.policies]) for name, of, form in wanted]
    told += [(name, [_words(one.costs, of) for one in found.policies]) for name, of in _WORDS]
    return [row for row in told if any(cell != UNKNOWN for cell in row[1])]


def latency(costs: Sequence[Cost]) -> float | None:
    """Seconds an answer; None unless all seeds tell it."""
    known = [one.latency for one in costs if one.latency is not None]
    return fmean(known) if len(known) == len(costs) else None


def _mean(costs: Sequence[Cost], of: Callable[[Cost], float | None], form: str) -> str:
    known = [value for one in costs if (value := of(one)) is not None]
    return format(fmean(known), form) if len(known) == len(costs) else UNKNOWN


def _words(costs: Sequence[Cost], of: Callable[[Cost], str]) -> str:
    return "; ".join(dict.fromkeys(filter(None, map(of, costs)))) or UNKNOWN
