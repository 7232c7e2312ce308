"""What became of an answer, in a word or two: right, or how it is wrong, the most telling way first."""

from collections.abc import Callable, Mapping

from envs.example import Example
from eval.head_to_head.policies import Answer
from eval.taxonomy import classes

RIGHT = "right"

Outcome = Callable[[str, Answer], tuple[str, ...]]
"""From a question's id and an answer to it; the first name is the one that counts."""

_REASONS = (
    (" columns, expected", "other columns"),
    (" column, expected", "other columns"),
    (" rows, expected", "more or fewer rows"),
    (" row, expected", "more or fewer rows"),
    ("order", "other order"),
    ("hard-coded", "constant"),
    ("constant", "constant"),
    ("other rows", "other rows"),
)


def by_query(examples: Mapping[str, Example]) -> Outcome:
    """Names of `eval.taxonomy.CLASSES`, for questions whose gold and schema are known; each query is read once."""
    known: dict[tuple[str, str, str, str, bool], tuple[str, ...]] = {}

    def outcome(example: str, answer: Answer) -> tuple[str, ...]:
        if answer.correct:
            return (RIGHT,)
        text = "" if answer.sql.strip() else answer.completion
        key = (example, answer.sql, answer.status, text, answer.truncated)
        if key not in known:
            known[key] = classes(answer.sql, examples[example], answer, text, answer.truncated)
        return known[key]

    return outcome


def by_judge(_: str, answer: Answer) -> tuple[str, ...]:
    """How it ended where it did not run, else how its rows differ, as the judge's files tell it."""
    if answer.correct:
        return (RIGHT,)
    if answer.status == "rejected":
        return ("does not parse" if answer.gate.startswith("does not parse") else "rejected",)
    if answer.status != "ok":
        return (answer.status.replace("_", " "),)
    return (next((name for sign, name in _REASONS if sign in answer.reason), "wrong otherwise"),)
