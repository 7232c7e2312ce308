"""A measure of two queries as a measure of an answer to a question that may have several golds."""

from collections.abc import Callable

from envs.example import Example


def golds(example: Example) -> tuple[str, ...]:
    """The gold that is shown, then the others that answer it too, each once."""
    return tuple(dict.fromkeys((example.gold_sql, *example.other_golds)))


def best(example: Example, measure: Callable[[str], float | None]) -> float | None:
    """The highest that `measure` gives for a gold; None where it gives None for all."""
    found = [value for gold in golds(example) if (value := measure(gold)) is not None]
    return max(found, default=None)
