"""Which question of a task a row of somebody's file is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from envs.example import Example
from envs.explore.texts import gold_key, question_key
from envs.rows import Row

DATABASE = ("db_id", "schema_id", "database")
GOLDS = ("gold", "gold_sql", "query", "SQL")


@dataclass(frozen=True, slots=True)
class NamedQuestions:
    """The questions of a task by id, and by their database and words."""

    ids: Mapping[str, Example]
    worded: Mapping[tuple[str, str], Sequence[Example]]

    @classmethod
    def of(cls, examples: Sequence[Example]) -> Self:
        worded: dict[tuple[str, str], list[Example]] = {}
        for one in examples:
            worded.setdefault((one.schema_id.lower(), question_key(one.question)), []).append(one)
        return cls({one.id: one for one in examples}, worded)

    def named(self, row: Row) -> Example | None:
        """By `example` (an id of the task), else by `db_id` (or `database`, `schema_id`) and `question`, of several
        that are worded alike the one with the row's gold, else by `id`. None where the task has no such question.
        Raises ValueError where a column holds no text."""
        if one := self.ids.get(row.text("example", "example_id")):
            return one
        there = self.worded.get((row.text(*DATABASE).lower(), question_key(row.text("question"))), ())
        gold = gold_key(row.text(*GOLDS))
        same = [one for one in there if gold_key(one.gold_sql) == gold]
        return next(iter(same or there), None) or self.ids.get(row.text("id"))
