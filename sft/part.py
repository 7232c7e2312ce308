"""Lessons as token ids, without those that are too long or hold a special token, counted by kind."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sft.lesson import Lesson, taught_lesson
from sft.mixture import Mixed

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from policy.chat import Taught


@dataclass(frozen=True, slots=True)
class Part:
    """`kept` holds (kind, lesson, its ids) in order. By kind: `wanted` lessons were asked for, `made` came about, of
    these `too_long` are longer than max_length, and `marked` hold what a policy wrote and a chat template would not
    write again: a special token, a thought. `shortest` counts the tokens of the shortest that was made, 0 for none."""

    kept: "tuple[tuple[str, Lesson, Taught], ...]"
    wanted: Mapping[str, int]
    made: Counter[str]
    too_long: Counter[str]
    marked: Counter[str]
    shortest: int

    @property
    def ids(self) -> "tuple[Taught, ...]":
        return tuple(one for *_, one in self.kept)

    def of(self, kind: str) -> "tuple[Taught, ...]":
        """The ids of one kind."""
        return tuple(one for found, _, one in self.kept if found == kind)

    def table(self) -> str:
        """The kinds as a table: asked for, made, left out, taught, and the tokens that carry a loss."""
        lines = [
            "| lesson | asked for | made | left out | taught | tokens with a loss |",
            "|---|---:|---:|---:|---:|---:|",
        ]
        graded = {kind: sum(len(one.ids) - one.answer_at for one in self.of(kind)) for kind in self.wanted}
        every = sum(graded.values()) or 1
        for kind, wanted in self.wanted.items():
            left_out = self.too_long[kind] + self.marked[kind]
            lines.append(
                f"| {kind} | {wanted:,} | {self.made[kind]:,} | {left_out:,} | {len(self.of(kind)):,} | "
                f"{graded[kind]:,} ({graded[kind] / every:.0%}) |"
            )
        sources = Counter(one.source for _, one, _ in self.kept if one.source)
        told = ", ".join(f"{count:,} of a {source}" for source, count in sorted(sources.items()))
        return "\n".join([*lines, *([f"\nWrong queries: {told}."] if told else [])])


def part(
    mixed: Mixed,
    tokenizer: "PreTrainedTokenizerBase",
    template: Mapping[str, Any] | None,
    longest: int | None,
) -> Part:
    """Raises ValueError where the chat template cannot be taught."""
    from policy.chat import unmarked

    made, too_long, marked = Counter[str](), Counter[str](), Counter[str]()
    kept: list[tuple[str, Lesson, Taught]] = []
    shortest = 0
    for kind, lesson in mixed.found:
        made[kind] += 1
        if any(unmarked(tokenizer, said) != said for said, _ in lesson.turns):
            marked[kind] += 1
            continue
        try:
            one = taught_lesson(tokenizer, lesson, template)
        except ValueError:
            if lesson.source != "policy":
                raise
            marked[kind] += 1
            continue
        shortest = min(shortest or len(one.ids), len(one.ids))
        if longest is not None and len(one.ids) > longest:
            too_long[kind] += 1
        else:
            kept.append((kind, lesson, one))
    return Part(tuple(kept), mixed.wanted, made, too_long, marked, shortest)
