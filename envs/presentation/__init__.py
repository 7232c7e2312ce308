"""How a question is presented to a policy beyond its words: the style of its schema, which part of it, notes, shots.

Supervised fine-tuning, reinforcement learning and evaluation present alike, from the same few keys
(`policy.task_fields`); by default nothing is added, and no byte of a prompt changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, Self, get_args

from envs import schema_styles
from envs.example import Example
from envs.presentation.schema_part import Part, part_of
from envs.presentation.shots import Shots

Notes = Literal["none", "profile", "summaries"]
Choice = Literal["similar", "fixed"]
NOTES, CHOICES = get_args(Notes), get_args(Choice)


@dataclass(frozen=True, slots=True)
class Presentation:
    """`schema_tokens` is a budget in fours of characters, None without one: it must hold where there is no tokenizer,
    behind an endpoint, and cut alike for every policy. `shot_path` is where the task lies whose train split gives the
    shots, None for the asked task's own."""

    schema_style: str = schema_styles.DEFAULT
    schema_tokens: int | None = None
    schema_notes: str = "none"
    shots: int = 0
    shot_choice: str = "similar"
    shot_path: str | None = None

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """From a run's config or a line of samples; what came after they were written is as it was then."""
        return cls(**{one.name: values[one.name] for one in fields(cls) if one.name in values})

    def changed(self) -> dict[str, Any]:
        """What is not as it is by default."""
        return {one.name: value for one in fields(self) if (value := getattr(self, one.name)) != one.default}


@dataclass(frozen=True, slots=True)
class Presented:
    """`cut` counts examples whose schema was cut, `read` the golds that can be read, `kept` those of them all of whose
    tables the cut left."""

    examples: list[Example]
    cut: int = 0
    read: int = 0
    kept: int = 0


def presented(
    examples: Sequence[Example], how: Presentation, shots: Shots | None = None, keep_gold: bool = False
) -> Presented:
    """The examples with `shown` and `shots` set, in their order; `schema` stays what everything else reads.

    `keep_gold` leaves what a gold reads in its schema, for what is only taught. Databases are opened read-only, in this
    process. Raises ValueError where summaries are asked for that nobody has written.
    """
    found = list(examples)
    cut = read = kept = 0
    if how.schema_tokens is None and how.schema_notes == "none":
        found = schema_styles.shown_in(found, how.schema_style)
    else:
        for i in sorted(range(len(found)), key=lambda i: found[i].schema_id):  # one database after another is held
            part: Part = part_of(found[i], how.schema_style, how.schema_tokens, how.schema_notes, keep_gold)
            found[i] = replace(found[i], shown=part.text)
            cut, read, kept = cut + part.cut, read + (part.whole is not None), kept + (part.whole is True)
    if shots is not None and how.shots:
        found = [replace(one, shots=shots(one, how.shots)) for one in found]
    return Presented(found, cut, read, kept)
