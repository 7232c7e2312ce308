"""BIRD (Li et al., 2023, arXiv:2305.03111): questions with evidence about 80 large databases, in SQLite.

`task_path` is any of

- what https://bird-bench.github.io has, unzipped: the train folder (train.json, train_databases/), the dev folder
  (dev.json, dev_databases/), mini-dev (mini_dev_sqlite.json, MINIDEV/dev_databases/), or a folder that holds several;
- a file of questions (JSON, JSONL, CSV, Parquet), or a folder with one, the databases beside it or one folder up: so
  does birdsql/bird23-train-filtered, 6,601 of the 9,428 training questions, stand beside train_databases/;
- a folder with train_databases/ and no questions: bird23-train-filtered is then fetched from the hub;
- a table with `schema`, the CREATE TABLE text, for databases that are not there. The database is then a script that
  makes empty tables: a gold compiles or does not, but answers cannot be told apart, and admission notes of nearly all
  that they prove nothing. It serves supervised fine-tuning; do not reward with it.

dev, and mini-dev where there is no dev, is test, whole: it is what BIRD is reported on. The training questions are
divided by database, about 80/10/10, by the hash of its name; where dev is there, the last tenth is trained on too, and
validation stays what it was. Splits share no database. A file alone is test when its name says dev, test or validation,
and is divided otherwise.

Without `task_path` nothing can be asked: the hub has the questions only, and without a database there is neither a
schema to show nor an answer to compare. A split none of whose databases is there is therefore an error. Where
only some are missing their questions stay, with an empty schema: admission (`python -m rewards.validate`) names them.
What a schema shows is said in `envs.annotated_schema`.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from envs import bird_files, database_files, hub
from envs.annotated_schema import annotated_schema
from envs.column_meanings import FOLDER
from envs.example import Database, Example
from envs.listed_keys import Key, listed_in
from envs.rows import Row, read
from envs.schema import DEFINES, schema_of, statements
from envs.splits import divide
from envs.tasks import Split

HUB_DATASET = "birdsql/bird23-train-filtered"
KEYS = ("train_tables.json", "dev_tables.json", "tables.json")
HOW = (
    "download train.zip (and dev.zip) from https://bird-bench.github.io, unzip it and the train_databases.zip in it, "
    "and give the folder that holds train_databases/ as task_path"
)

ONLY_WITH_PATH = f"task bird needs task_path: the hub has BIRD's questions and not its databases; {HOW}"


def load(split: Split, path: str | None = None) -> list[Example]:
    """The examples of one split, in the order of the file. Errors name the row."""
    if path is None:
        raise ValueError(ONLY_WITH_PATH)
    given = Path(path)
    if not given.exists():
        raise FileNotFoundError(f"task_path {path} does not exist")
    train, test = _questions(given)
    if test is not None and split == "test":
        return _examples(read(test), test.stem, bird_files.database_folders(given, test))
    if train is None and test is not None:
        raise ValueError(f"{test} is a benchmark, all of it test; for {split} give a folder that holds train.json too")
    rows = read(train) if train else hub.rows_of(HUB_DATASET, "train")
    splits = divide(database_files.name_of(row) for row in rows)
    if test is not None:
        splits = {name: "train" if of == "test" else of for name, of in splits.items()}
        if shared := sorted(splits.keys() & {database_files.name_of(row) for row in read(test)}):
            raise ValueError(f"{train} and {test.name} are both about {', '.join(shared)}; splits share no database")
    wanted = {name for name, of in splits.items() if of == split}
    if not wanted:
        raise ValueError(f"{train} is about {len(splits)} database(s), too few for a {split} split of their own")
    stem = train.stem if train else HUB_DATASET.rpartition("/")[2]
    return _examples(rows, stem, bird_files.database_folders(given, train), wanted)


def _questions(given: Path) -> tuple[Path | None, Path | None]:
    """The file that is divided, and the one that is test; (None, None) where the hub has the questions."""
    if given.is_file():
        return (None, given) if bird_files.is_benchmark(given) else (given, None)
    found = bird_files.questions_in(given)
    if not found and not any(folder.is_relative_to(given) for folder in bird_files.database_folders(given)):
        raise FileNotFoundError(f"{given} holds neither train.json, dev.json nor mini_dev_sqlite.json; {HOW}")
    return found.get("train"), found.get("dev") or found.get("mini_dev")


def _examples(rows: list[Row], stem: str, folders: Sequence[Path], wanted: set[str] | None = None) -> list[Example]:
    """The rows as examples, all of them or those about the databases in `wanted`."""
    databases: dict[tuple[str, str], tuple[Database, str]] = {}
    examples: dict[str, Example] = {}
    for number, row in enumerate(rows, 1):
        name, question, gold = database_files.name_of(row), row.need("question"), row.need("SQL", "query")
        if wanted is not None and name not in wanted:
            continue
        which = name, row.text("schema")
        if which not in databases:
            databases[which] = _database(*which, folders)
        database, schema = databases[which]
        id = f"{stem}-{row.text('question_id') or number}"
        if id in examples:
            raise ValueError(f"{row.at}: question_id {row.text('question_id')} was used before")
        examples[id] = Example(
            id=id,
            question=question,
            database=database,
            schema=schema,
            schema_id=name,
            gold_sql=gold,
            dialect=database.engine,
            evidence=row.text("evidence").strip(),
            difficulty=row.text("difficulty"),
        )
    if not any(schema for _, schema in databases.values()):
        names = sorted({name for name, _ in databases})
        told = ", ".join([*names[:3], "..."] if len(names) > 3 else names)
        raise FileNotFoundError(f"none of the databases that the questions are about ({told}) is there; {HOW}")
    return list(examples.values())


def _database(name: str, ddl: str, folders: Sequence[Path]) -> tuple[Database, str]:
    """A database and its schema: the file, else the script of its tables, else where the file would be and ""."""
    found = database_files.find(folders, name)
    if found is not None and found.path is not None:
        return found, annotated_schema(found, _keys(name, folders), Path(found.path).parent / FOLDER)
    if script := _script(ddl):
        database = Database("sqlite", script=script)
        try:
            return database, annotated_schema(database)
        except ValueError:  # it does not run: admission says why
            return database, schema_of(database)
    folder = folders[0] if folders else Path("train_databases")
    return Database("sqlite", path=str((folder / name / f"{name}.sqlite").resolve())), ""


@lru_cache(maxsize=256)
def _script(ddl: str) -> str:
    """The statements that define something, without the table that SQLite keeps for itself."""
    kept = [text for text in statements(ddl) if DEFINES.match(text) and "sqlite_sequence" not in text[:40]]
    return "".join(f"{text};\n" for text in kept)


def _keys(name: str, folders: Sequence[Path]) -> tuple[Key, ...]:
    """What the nearest list of tables says of a database: it stands beside the folder of databases."""
    files = (folder.parent / file for folder in folders for file in KEYS)
    listed = (listed_in(file.resolve()) for file in files if file.is_file())
    return next((keys[name] for keys in listed if name in keys), ())
