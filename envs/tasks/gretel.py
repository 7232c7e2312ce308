"""gretel's synthetic text-to-SQL (Meyer et al., 2024): 105,851 questions, each with a script that builds its tables.

Without `task_path` it comes from the hub, divided as the seed project did: 97,500 train and 2,500 validation (a random
2.5% of the hub's train), 5,851 test. About one in ten golds writes. The split is by question, as published: a few
scripts stand on both sides.

With `task_path`, a Parquet, CSV, JSON or JSONL file of the same columns, or a folder with a train and a test file. A
folder with both is divided as the hub's; one file alone is divided by schema, about 80/10/10.
"""

import hashlib
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from envs.example import Database, Engine, Example
from envs.hub import rows_of
from envs.rows import SUFFIXES, Row, read
from envs.schema import schema_of
from envs.splits import divide
from envs.tasks import Split

HUB_DATASET = "gretelai/synthetic_text_to_sql"
DIALECT: Engine = "sqlite"
"""The set names no dialect; most of it is what SQLite and the others share, and the rest is found at admission."""

VALIDATION_SHARE = 0.025
SEED = 42


def load(split: Split, path: str | None = None) -> list[Example]:
    """The examples of one split, in a fixed order."""
    if path is None:
        rows = rows_of(HUB_DATASET, "test" if split == "test" else "train")
        return [_example(row) for row in (rows if split == "test" else _seeds_part(rows, split))]
    given = Path(path)
    if not given.exists():
        raise FileNotFoundError(f"task_path {path} does not exist; leave it out to read {HUB_DATASET} from the hub")
    train, test = (given, None) if given.is_file() else (_file(given, "train"), _file(given, "test"))
    if train is None:
        raise FileNotFoundError(f"{path} holds no file called train* that ends in {', '.join(SUFFIXES)}")
    if test is not None:
        return [_example(row) for row in (read(test) if split == "test" else _seeds_part(read(train), split))]
    examples = [_example(row) for row in read(train)]
    splits = divide(example.schema_id for example in examples)
    found = [example for example in examples if splits[example.schema_id] == split]
    if not found:
        raise ValueError(f"{train} has {len(splits)} schema(s), too few for a {split} split of their own")
    return found


def _example(row: Row) -> Example:
    database = Database(DIALECT, script=row.text("sql_context"))
    schema = schema_of(database)
    return Example(
        id=f"gretel-{row.need('id')}",
        question=row.need("sql_prompt"),
        database=database,
        schema=schema,
        schema_id=hashlib.sha256(schema.encode()).hexdigest()[:16],
        gold_sql=row.need("sql"),
        dialect=DIALECT,
        difficulty=row.text("sql_complexity"),
        category=row.text("sql_task_type"),
    )


def _seeds_part(rows: Sequence[Row], split: Split) -> list[Row]:
    """Train or validation of the hub's train: the rows that `datasets` takes in train_test_split(0.025, seed=42)."""
    order = np.random.default_rng(SEED).permutation(len(rows))
    held_out = math.ceil(VALIDATION_SHARE * len(rows))
    taken = order[:held_out] if split == "validation" else order[held_out:]
    return [rows[int(i)] for i in taken]


def _file(folder: Path, start: str) -> Path | None:
    found = sorted(f for f in folder.glob(f"{start}*") if f.suffix in SUFFIXES)
    if len(found) > 1:
        raise ValueError(f"{folder} holds several {start} files, {', '.join(f.name for f in found)}; keep one")
    return found[0] if found else None
