"""Schema and question -> the gold, in the prompt that evaluation and reinforcement learning ask."""

from collections.abc import Iterator, Sequence

from envs.example import Example
from envs.prompt import answer, messages
from sft.lesson import Given, Lesson


def text_to_sql(examples: Sequence[Example], given: Given) -> Iterator[Lesson]:
    for example in examples:
        said = answer(example, given.style)[0]["content"]
        yield Lesson(example.id, tuple(messages(example, given.style)), said)
