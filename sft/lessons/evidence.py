"""Schema and question -> the evidence: what a question takes for granted, and the schema does not say.

The gold is not shown: it is not there either when a policy is asked.
"""

from collections.abc import Iterator, Sequence

from envs.example import Example
from sft.lesson import Given, Lesson, asked

ASKED = "Write what one has to know to answer this in {dialect} and nothing else."


def evidence(examples: Sequence[Example], given: Given) -> Iterator[Lesson]:
    for example in examples:
        known = example.evidence.strip()
        if known:
            yield Lesson(example.id, asked(ASKED, example, example.question), known)
