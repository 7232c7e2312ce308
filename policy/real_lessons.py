"""Lessons made from real questions: each time another part of the schema is shown, in another order or in disguise.

    python -m policy.real_lessons --data DATA

prints what DATA gives, and what of it also stands in the sets that the seedling is measured on.
"""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random

from envs import tasks
from envs.example import Database, Example
from envs.sentence_parser import SentenceParser
from envs.tasks import Split
from policy.disguise import disguise, worn
from policy.real_questions import Asked, Found, real_questions
from policy.shown_schema import Table, named, tables, text, thinned

SHARES = {"spider": 0.72, "bird": 0.26, "synsql": 0.02}
MEASURED: tuple[tuple[str, str, tuple[Split, ...]], ...] = (
    ("spider", "spider_dev_open/questions.json", ("test",)),
    ("geoquery", "geoquery", ("train", "validation", "test")),
)
"""Task, folder and splits of what the seedling is measured on and never taught."""


def real_lessons(found: Mapping[str, Found], rng: Random, disguised: float) -> Iterator[Example]:
    """Endless examples, a source by its share and a question of it at random; `disguised` is a share of them."""
    sources = [name for name in found if found[name].asked]
    weights = [SHARES[name] for name in sources]
    while True:
        source = rng.choices(sources, weights)[0]
        yield variation(rng.choice(found[source].asked), rng, disguised)


def variation(asked: Asked, rng: Random, disguised: float) -> Example:
    """One lesson from a question: one of its wordings, what it needs of its schema and some of the rest."""
    shown = thinned(asked.tables, asked.sql, rng)
    wording, evidence, schema, sql = rng.choice(asked.wordings), asked.evidence, text(shown), asked.sql
    if rng.random() < disguised:
        words = disguise(*named(shown, sql), f"{wording} {evidence}", rng)
        wording, evidence, schema, sql = (worn(part, words) for part in (wording, evidence, schema, sql))
    database = Database("sqlite", script=schema)
    return Example("lesson", wording, database, schema, asked.schema_id, sql, "sqlite", evidence)


def normal(question: str) -> str:
    """A question without case, punctuation and blanks, to find it again."""
    return "".join(letter for letter in question.lower() if letter.isalnum())


def taught(data: str | Path) -> dict[str, Found]:
    """What the folder gives without any question that is measured on; what is measured on need not be there."""
    asked = {normal(example.question) for example in _measured(data)}
    found = real_questions(data)
    for name, source in found.items():
        kept = [one for one in source.asked if not asked.intersection(map(normal, one.wordings))]
        counts = source.left_out + Counter({"measured on": len(source.asked) - len(kept)})
        found[name] = Found(kept, counts)
    return found


def _measured(data: str | Path) -> list[Example]:
    found: list[Example] = []
    for task, folder, splits in MEASURED:
        path = Path(data) / folder
        if path.exists():
            found += [example for split in splits for example in tasks.load(task, split, str(path))]
    return found


def in_both(lessons: Sequence[Asked], measured: Sequence[Example]) -> tuple[list[str], list[tuple[str, str, float]]]:
    """Questions that stand in both, and schemas that are more than half the same: (taught, measured, likeness).

    Likeness is the number of (table, column) pairs in both by the number in either.
    """
    asked = {normal(example.question) for example in measured}
    questions = sorted({wording for one in lessons for wording in one.wordings if normal(wording) in asked})
    mine = {one.schema_id: _pairs(one.tables) for one in lessons}
    theirs = {example.schema_id: _pairs(tables(example.schema)) for example in measured}
    alike = [(a, b, len(x & y) / len(x | y)) for a, x in mine.items() for b, y in theirs.items() if x | y]
    return questions, [found for found in alike if found[2] > 0.5]


def _pairs(shown: Sequence[Table]) -> set[tuple[str, str]]:
    return {(t.name.strip('"').lower(), name.strip('"').lower()) for t in shown for name in t.names()[1:]}


def main() -> None:
    parser = SentenceParser(description="What real questions a folder gives, and what of it is measured on.")
    given = os.environ.get("TEXT2SQL_DATA")
    parser.add_argument("--data", type=Path, default=given, required=given is None)
    data = parser.parse_args().data
    found = taught(data)
    for name, source in found.items():
        schemas = len({one.schema_id for one in source.asked})
        wordings = sum(len(one.wordings) for one in source.asked)
        left = ", ".join(f"{count:,} {why}" for why, count in source.left_out.most_common()) or "none"
        print(f"{name}: {len(source.asked):,} questions, {wordings:,} wordings, {schemas:,} schemas; left out: {left}")
    measured = _measured(data)
    questions, schemas = in_both([one for source in found.values() for one in source.asked], measured)
    print(f"measured on: {len(measured):,} questions; taught too: {questions or 'none'}")
    print(f"schemas more than half alike: {schemas or 'none'}")


if __name__ == "__main__":
    main()
