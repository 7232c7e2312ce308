"""An answer that was executed, and a question with all of its answers: what pairs are selected from."""

from collections.abc import Sequence
from dataclasses import dataclass

from envs.completion import find_sql
from envs.example import Example
from envs.lexical import unstyled
from envs.prompt import Style, answer
from envs.verdict import CONTRACT, Mode
from rl.pairs.error import error_of
from rl.pairs.pair import Pair, Source, Verified

GOLD = "gold"


@dataclass(frozen=True, slots=True)
class Answer:
    """`text` is the whole completion, `sql` the query in it, `status` how it ended (`envs.execution.Status`).

    `right` is proven to be right, `wrong` is known to be wrong; neither is what execution cannot say: an unscored
    answer, or an equality that proves nothing. `lucky` ones are wrong too: right on the database, refuted by a twin of
    it. `logprob` is the sum over its tokens in nats, None where nobody knows it.
    """

    text: str
    sql: str
    right: bool
    wrong: bool
    lucky: bool
    status: str
    source: str
    truncated: bool = False
    logprob: float | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """A question whose gold was admitted, and its answers in the order in which they were written."""

    example: Example
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """How all answers were judged, and to which prompt they were written."""

    task: str
    split: str
    prompt: Style
    comparison: Mode
    twins: bool


def judgement(correct: bool | None, proven: bool | None, twins: bool | None) -> tuple[bool, bool, bool]:
    """`right`, `wrong` and `lucky` of an answer, from a verdict or a score."""
    lucky = bool(correct) and twins is False
    return proven is True, correct is False or lucky, lucky


def gold_of(example: Example, style: Style) -> Answer:
    text = answer(example, style)[0]["content"]
    return Answer(text, find_sql(text), True, False, False, "ok", GOLD)


def key(sql: str, engine: str) -> str:
    """Equal for queries that differ in style and blanks only."""
    return " ".join(unstyled(sql, engine).split()).rstrip("; ")


def distinct(answers: Sequence[Answer], engine: str) -> list[Answer]:
    """The first of each query, and whole ones before those that were cut."""
    found: dict[str, int] = {}
    for at in sorted(range(len(answers)), key=lambda at: answers[at].truncated):
        found.setdefault(key(answers[at].sql, engine), at)
    return [answers[at] for at in sorted(found.values())]


def pair_of(example: Example, chosen: Answer, rejected: Answer, how: Judged, source: Source, kind: str = "") -> Pair:
    return Pair(
        example=example.id,
        task=how.task,
        split=how.split,
        question=example.question,
        evidence=example.evidence,
        schema=example.schema,
        schema_id=example.schema_id,
        engine=example.database.engine,
        dialect=example.dialect,
        gold_sql=example.gold_sql,
        prompt=how.prompt,
        chosen=chosen.text,
        rejected=rejected.text,
        chosen_sql=chosen.sql,
        rejected_sql=rejected.sql,
        source=source,
        chosen_source=chosen.source,
        error=error_of(
            rejected.sql, example.gold_sql, example.dialect, rejected.status, rejected.lucky, rejected.truncated
        ),
        kind=kind,
        verified=Verified(CONTRACT, how.comparison, how.twins, chosen.right, rejected.wrong),
        difficulty=example.difficulty,
    )
