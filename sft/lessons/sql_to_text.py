"""Schema and gold -> the question that it answers."""

from collections.abc import Iterator, Sequence

from envs.example import Example
from envs.prompt import answer
from sft.lesson import Given, Lesson, asked

ASKED = "Write the question that this {dialect} query answers and nothing else."


def sql_to_text(examples: Sequence[Example], given: Given) -> Iterator[Lesson]:
    for example in examples:
        question = example.question.strip()
        if question:
            gold = answer(example)[0]["content"]
            yield Lesson(example.id, asked(ASKED, example, gold), question)
