"""How much of what the golds of a task need would the schema filter keep, and at what cost?

    python -m envs.filtering --task spider --task_path data/spider --split train --share 0.25
    python -m envs.filtering --task bird --task_path data/bird --question "How many schools are in Alameda?"

Each question is asked of its own database. A schema of few tables gains little: see `benchmarks.schema_recall` for one
of hundreds. With `--question` the part of each database's schema that it would keep is printed instead.
"""

import sys
from collections.abc import Sequence
from typing import get_args

from envs import gate, schema_styles, tasks
from envs.catalogue_text import catalogue_of
from envs.example import Example
from envs.explore.shown import shown, used
from envs.filtering import SchemaFilter
from envs.filtering.held_values import held_values
from envs.sentence_parser import SentenceParser


def main(arguments: Sequence[str] | None = None) -> int:
    parser = SentenceParser(prog="python -m envs.filtering", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--task", required=True, help=f"one of {', '.join(tasks.NAMES)}")
    parser.add_argument("--task_path")
    parser.add_argument("--split", choices=get_args(tasks.Split), default="validation")
    parser.add_argument("--share", type=float, default=0.25, help="of the tokens of a schema (default 0.25)")
    parser.add_argument("--columns", type=int, help="columns beside the keys that a table may show (default: all)")
    parser.add_argument("--style", choices=schema_styles.NAMES, default=schema_styles.DEFAULT)
    parser.add_argument("--question", help="print what is kept for it")
    parser.add_argument("--database", help="ask of this one only, by its schema_id")
    given = parser.parse_args(arguments)
    if not 0 < given.share <= 1:
        parser.error(f"--share is {given.share:g}; it must be above 0 and at most 1")
    try:
        examples = tasks.load(given.task, given.split, given.task_path)
    except (ValueError, OSError) as error:
        print(f"task {given.task} cannot be loaded: {error}", file=sys.stderr)
        return 2
    filters: dict[str, SchemaFilter] = {}
    tables = kept_tables = columns = kept_columns = whole = asked = 0
    for example in examples:
        if not example.schema or given.database not in (None, example.schema_id):
            continue
        if example.schema_id not in filters:
            filters[example.schema_id] = _filter(example, given.columns)
            if given.question:
                part = filters[example.schema_id](given.question, share=given.share)
                print(f"-- {example.schema_id}\n{schema_styles.written(part, given.style)}")
        if given.question:
            continue
        root = gate.parse(example.gold_sql, example.dialect)
        if isinstance(root, str):
            continue
        part = filters[example.schema_id](f"{example.question} {example.evidence}", share=given.share)
        named = {table.plain: {column.plain for column in table.columns} for table in part.tables}
        needed, read = used(root, shown(example.schema, example.dialect))
        lost = len(needed - named.keys())
        tables, kept_tables = tables + len(needed), kept_tables + len(needed) - lost
        columns += len(read)
        kept_columns += sum(column in named.get(table, ()) for table, column in read)
        whole, asked = whole + (not lost), asked + 1
    if asked:
        print(
            f"{asked:,} questions of {len(filters)} databases, {100 * given.share:g}% of the tokens of each: "
            f"{100 * kept_tables / max(1, tables):.1f}% of the gold tables are kept, {100 * whole / asked:.1f}% of the "
            f"questions lose none, {100 * kept_columns / max(1, columns):.1f}% of the gold columns are kept"
        )
    elif not given.question:
        print("no question whose database is there has a gold that can be read", file=sys.stderr)
        return 1
    return 0


def _filter(example: Example, columns: int | None) -> SchemaFilter:
    catalogue = catalogue_of(example.schema)
    try:
        values = held_values(example.database, catalogue)
    except ValueError:  # a script that does not run: names alone
        values = None
    return SchemaFilter(catalogue, values, columns=columns)


if __name__ == "__main__":
    raise SystemExit(main())
