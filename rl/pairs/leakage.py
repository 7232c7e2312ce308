"""Whether pairs share databases or questions with what their task holds back."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import cast, get_args

from envs import tasks
from envs.example import Example
from envs.explore.texts import question_key
from envs.tasks import Split
from rl.pairs.pair import Pair


@dataclass(frozen=True, slots=True)
class Leak:
    """What pairs share with a `split` that is not theirs. `questions` are (database, question) with the same words
    about the same database; `worded` counts questions with the same words about any."""

    split: str
    databases: tuple[str, ...]
    questions: tuple[tuple[str, str], ...]
    worded: int


def held_back(task: str, path: str | None, split: str) -> dict[str, list[Example]]:
    """The other splits of a task; one that it has not is left out."""
    found: dict[str, list[Example]] = {}
    for other in get_args(Split):
        if other != split:
            with suppress(ValueError, OSError):
                found[other] = tasks.load(task, cast(Split, other), path)
    return found


def leaks(pairs: Sequence[Pair], others: Mapping[str, Sequence[Example]]) -> tuple[Leak, ...]:
    """One for each split; schemas are compared as the prompt shows them, for a database may have another name there."""
    schemas = {_squeezed(pair.schema): pair.schema_id for pair in pairs}
    names = {pair.schema_id for pair in pairs}
    there = {(_squeezed(pair.schema), question_key(pair.question)) for pair in pairs}
    worded = {question for _, question in there}

    def leak(split: str, examples: Sequence[Example]) -> Leak:
        shared = {one.schema_id for one in examples if one.schema_id in names or _squeezed(one.schema) in schemas}
        asked = _where(examples, lambda one: (_squeezed(one.schema), question_key(one.question)) in there)
        same = len({one.id for one in _where(examples, lambda one: question_key(one.question) in worded)})
        return Leak(split, tuple(sorted(shared)), tuple((one.schema_id, one.question) for one in asked), same)

    return tuple(leak(split, examples) for split, examples in others.items())


def _where(examples: Sequence[Example], holds: Callable[[Example], bool]) -> list[Example]:
    return [one for one in examples if holds(one)]


def _squeezed(schema: str) -> str:
    return " ".join(schema.split())
