"""How wrong answers are wrong: each class of `eval.taxonomy` counted for each policy, with one example."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eval.measure.question import Question
from eval.taxonomy import CLASSES, classes


@dataclass(frozen=True, slots=True)
class Wrong:
    """The first answer of its class that was found."""

    policy: str
    example: str
    question: str
    gold: str
    sql: str
    message: str


@dataclass(frozen=True, slots=True)
class ErrorClass:
    """`first` counts the answers of which it is the most telling error, so that all classes together are all wrong
    answers; `any` those in which it is found at all. A number a policy."""

    name: str
    first: tuple[int, ...]
    any: tuple[int, ...]
    shown: Wrong


def errors(asked: Mapping[str, Sequence[Question]]) -> list[ErrorClass]:
    """Classes that occur, the most telling first. A class is shown where it is the most telling, if it ever is."""
    first = {policy: Counter[str]() for policy in asked}
    anywhere = {policy: Counter[str]() for policy in asked}
    shown: dict[tuple[str, bool], Wrong] = {}
    for policy, questions in asked.items():
        for question in questions:
            for answer in question.answers:
                example, score = question.example, answer.score
                found = classes(score.sql, example, score, answer.completion, answer.truncated)
                first[policy].update(found[:1])
                anywhere[policy].update(found)
                for place, name in enumerate(found):
                    wrong = Wrong(policy, example.id, example.question, example.gold_sql, score.sql, score.message)
                    shown.setdefault((name, place == 0), wrong)
    return [
        ErrorClass(
            name,
            tuple(first[policy][name] for policy in asked),
            tuple(anywhere[policy][name] for policy in asked),
            shown.get((name, True)) or shown[name, False],
        )
        for name in CLASSES
        if any(anywhere[policy][name] for policy in asked)
    ]
