"""Schema and the beginning of a gold -> the whole of it: SQL over a schema without any question.

For a first stage of several, "SQL syntax first": `lessons: {syntax: 1.0}`, then another run that starts from its
policy. Where the query is cut follows from seed and id, between two tokens, after at least the first.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from random import Random

from sqlglot.errors import SqlglotError

from envs.corruption.tokens import tokens
from envs.example import Example
from envs.prompt import answer
from sft.lesson import Given, Lesson, asked

ASKED = "Complete this {dialect} query: write the whole of it and nothing else."


def syntax(examples: Sequence[Example], given: Given) -> Iterator[Lesson]:
    for example in examples:
        gold = answer(example)[0]["content"]
        with suppress(SqlglotError):
            found = tokens(gold, example.dialect)
            if len(found) < 3:
                continue
            kept = Random(f"{given.seed}:syntax:{given.around}:{example.id}").randrange(1, len(found) - 1)
            begun = "".join(f"{one.before}{one.raw}" for one in found[:kept]).strip()
            yield Lesson(example.id, asked(ASKED, example, begun), answer(example, given.style)[0]["content"])
