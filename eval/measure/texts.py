"""What `eval.metrics` says of answers: each different answer to a question once, whoever wrote it, over processes."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from envs.example import Example
from eval import metrics
from eval.measure.question import Measure, Said, each

Pair = tuple[str, str]
"""Example and query."""
CHUNK = 256
"""Pairs given to a process at a time, those of one schema together: what was read of it stays in memory."""


def measures() -> list[Measure]:
    """One for each file of `eval/metrics/`."""
    return [_measure(metrics.load(name)) for name in metrics.NAMES]


def _measure(metric: metrics.Metric) -> Measure:
    what = metric.what[:1].lower() + metric.what[1:]
    return Measure(metric.name, what, each(lambda _, answer: answer.texts[metric.name]), metric.unit, metric.better)


def said(
    pairs: Iterable[Pair], examples: Mapping[str, Example], names: Sequence[str], workers: int
) -> dict[Pair, dict[str, Said]]:
    """Every named metric of every pair."""
    asked = sorted(set(pairs), key=lambda pair: (examples[pair[0]].schema_id, pair))
    if not asked or not names:
        return {pair: {} for pair in asked}
    chunks = [asked[start : start + CHUNK] for start in range(0, len(asked), CHUNK)]
    jobs = [([(examples[example], sql) for example, sql in some], names) for some in chunks]
    if workers == 1 or len(jobs) == 1:
        found = [_measured(*job) for job in jobs]
    else:
        with ProcessPoolExecutor(min(workers, len(jobs)), get_context("spawn")) as pool:
            found = list(pool.map(_measured, *zip(*jobs, strict=True)))
    return {pair: one for some, told in zip(chunks, found, strict=True) for pair, one in zip(some, told, strict=True)}


def _measured(asked: Sequence[tuple[Example, str]], names: Sequence[str]) -> list[dict[str, Said]]:
    loaded = [metrics.load(name) for name in names]
    return [{one.name: _said(one, sql, example) for one in loaded} for example, sql in asked]


def _said(metric: metrics.Metric, sql: str, example: Example) -> Said:
    found = metric.measure(sql, example)
    if found is not None:
        return found
    return (
        "the gold cannot be read" if metric.measure(example.gold_sql, example) is None else "the answer cannot be read"
    )
