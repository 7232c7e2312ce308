"""How much of what a question needs does the schema filter keep, where all databases of a task are one schema?

    python -m benchmarks.schema_recall [--data FOLDER] [--prefix number|name] [--synonyms] [--every N] [--only WAY ...]

Spider's training databases are joined into one schema. Tables of one name are kept apart by a number that stands for
their database (`--prefix number`, the default: it says nothing) or by its name (`--prefix name`: its words often stand
in the question too, as those of a warehouse's schemas may, so that it is the easier of the two).
Foreign keys are those that the files declare; they never lead from one file to another, which is most of what they
tell: `no join paths` does without. No way is told which tables came from one file.

A share of gold tables (columns) that are kept, over all questions whose gold can be read, and of questions that lose no
table. Databases are resampled for the 95% interval, as questions about one are alike. Weights were chosen on the half
`chosen`; the bar (95% of tables at a quarter of the tokens, characters / 4) is read off the interval's lower end on
`reported`, and the exit status is 1 where it is missed. Milliseconds are of CPU, for ranking and all budgets together.

`random`: tables in random order. `names`: BM25 over the names of a table and its columns. `no join paths`: all but what
follows foreign keys. `no values`: all but the values in the question. `4 columns`: the filter, showing keys and the
four best other columns of each table. `--synonyms` asks in the words of Spider-Syn (Gan et al., 2021), which avoid the
schema's own.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import numpy as np

from benchmarks._joined_schema import Asked, Joined, half_of, joined
from envs import tasks
from envs.example import Example
from envs.filtering import SchemaFilter, Weights
from envs.filtering.ranking import Ranked

SHARES = (0.02, 0.05, 0.1, 0.25)
BAR = 0.95
RESAMPLES = 2_000


@dataclass(frozen=True, slots=True)
class Hit:
    """One question at one budget: gold tables and columns, and how many of them are kept."""

    database: str
    tables: int
    kept: int
    columns: int
    columns_kept: int


def ways(data: Joined) -> dict[str, SchemaFilter]:
    plain = Weights(meaning=0.0, value=0.0, spread=0.0, alike=False)
    return {
        "random": SchemaFilter(data.catalogue, weights=plain, closure=False),
        "names": SchemaFilter(data.catalogue, weights=plain, closure=False),
        "no join paths": SchemaFilter(data.catalogue, data.values, Weights(spread=0.0), closure=False),
        "no values": SchemaFilter(data.catalogue),
        "filter": SchemaFilter(data.catalogue, data.values),
        "4 columns": SchemaFilter(data.catalogue, data.values, columns=4),
    }


def answered(name: str, way: SchemaFilter, asked: Sequence[Asked]) -> tuple[dict[float, list[Hit]], float]:
    """Share of tokens -> what was kept for each question; and the CPU milliseconds of a question."""
    random = Random(0)
    found: dict[float, list[Hit]] = {share: [] for share in SHARES}
    started = time.process_time()
    for one in asked:
        if name == "random":
            order = list(range(len(way.catalogue.tables)))
            random.shuffle(order)
            ranked = Ranked(tuple(order), {}, {})
        else:
            ranked = way.rank(one.text)
        for share in SHARES:
            kept = way.within(ranked, share * way.whole)
            columns = sum(j in kept.get(i, ()) for i, j in one.columns)
            hit = Hit(one.database, len(one.tables), len(one.tables & kept.keys()), len(one.columns), columns)
            found[share].append(hit)
    return found, (time.process_time() - started) / len(asked) * 1000


def interval(hits: Sequence[Hit]) -> tuple[float, float, float]:
    """Share of gold tables that are kept, and the ends of its 95% interval over databases."""
    names = sorted({hit.database for hit in hits})
    sums = np.zeros((len(names), 2))
    for hit in hits:
        sums[names.index(hit.database)] += (hit.kept, hit.tables)
    drawn = np.random.default_rng(0).integers(0, len(names), (RESAMPLES, len(names)))
    whole = sums[drawn].sum(axis=1)
    low, high = np.percentile(whole[:, 0] / whole[:, 1], (2.5, 97.5))
    return float(sums[:, 0].sum() / sums[:, 1].sum()), float(low), float(high)


def _row(name: str, half: str, share: float, hits: Sequence[Hit], milliseconds: float) -> str:
    recall, low, high = interval(hits)
    whole = sum(hit.kept == hit.tables for hit in hits) / len(hits)
    columns = sum(hit.columns_kept for hit in hits) / max(1, sum(hit.columns for hit in hits))
    return (
        f"| {name} | {half} | {100 * share:.0f}% | {100 * recall:.1f} ({100 * low:.1f} to {100 * high:.1f}) | "
        f"{100 * whole:.1f} | {100 * columns:.1f} | {milliseconds:.1f} |"
    )


def _synonyms(examples: Sequence[Example], file: Path) -> list[Example]:
    rows = json.loads(file.read_text(encoding="utf-8"))
    said = {f"{file.stem}-{number}": row["SpiderSynQuestion"] for number, row in enumerate(rows, 1)}
    return [replace(example, question=said[example.id]) for example in examples]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=os.environ.get("TEXT2SQL_DATA"))
    parser.add_argument("--prefix", choices=("number", "name"), default="number")
    parser.add_argument("--synonyms", action="store_true")
    parser.add_argument("--every", type=int, default=1, help="ask every n-th question only")
    parser.add_argument("--only", nargs="*", help="ways to measure (default: all)")
    given = parser.parse_args()
    if given.data is None:
        parser.error("no data: give --data or set TEXT2SQL_DATA to the folder that holds spider_train/")
    file = Path(given.data) / "spider_train" / "train_spider.json"
    examples = tasks.load("spider", "train", str(file))
    data = joined(_synonyms(examples, file) if given.synonyms else examples, given.prefix)
    asked = data.questions[:: given.every]
    tables = data.catalogue.tables
    print(
        f"{len(tables)} tables, {sum(len(table.columns) for table in tables):,} columns, {len(data.catalogue.edges)} "
        f"pairs of tables joined by keys; {len(asked):,} questions, {data.left_out} left out (no database, or a gold "
        "that does not parse)\n"
    )
    print("| way | half | tokens | gold tables kept, % | questions with all, % | columns, % | ms |")
    print("|---|---|---:|---:|---:|---:|---:|")
    met: bool | None = None
    for name, way in ways(data).items():
        if given.only and name not in given.only:
            continue
        found, milliseconds = answered(name, way, asked)
        for share, hits in found.items():
            for half in ("chosen", "reported", "both"):
                these = [hit for hit in hits if half in ("both", half_of(hit.database))]
                print(_row(name, half, share, these, milliseconds), flush=True)
                if (name, half, share) == ("filter", "reported", SHARES[-1]):
                    met = interval(these)[1] >= BAR
    if met is None:
        return 0
    print(f"\nThe bar, {100 * BAR:.0f}% of gold tables at {100 * SHARES[-1]:.0f}% of the tokens, is", end=" ")
    print("met" if met else "missed", "on the reported half")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
