"""Spider (Yu et al., 2018, arXiv:1809.08887) and the many sets shaped like it: BIRD, Archer, Spider-Syn, DuckDB-NSQL.

`task_path` is a folder that holds a list of questions in JSON and, beside it or one folder up,
`database/DB_ID/DB_ID.sqlite` (or .db, or .duckdb; `databases/` and BIRD's `train_databases/` will do).

- A folder with a train file and a dev or test file is used as it was published: train, dev = validation, test.
- A folder with one file is divided by database, about 80/10/10, the same on every machine.
- A path to a JSON file takes all of that file as one split: train where its name says train, else test.

A question whose database is missing stays, with an empty schema: admission (`python -m rewards.validate`) names it.
"""

from pathlib import Path

from envs import database_files
from envs.example import Database, Example
from envs.rows import Row, read
from envs.schema import schema_of
from envs.splits import divide
from envs.tasks import Split

FILES: dict[Split, tuple[str, ...]] = {
    "train": ("train_spider.json", "train.json"),
    "validation": ("dev.json", "validation.json"),
    "test": ("test.json",),
}
FOLDERS = ("database", "databases", "train_databases", "dev_databases", "test_database", "test_databases", "testsuite")
QUESTION = ("question", "SpiderQuestion", "text")
GOLD = ("query", "SQL", "gold")


def load(split: Split, path: str | None = None) -> list[Example]:
    """The examples of one split, in the order of the file."""
    if path is None:
        raise ValueError("task spider needs task_path: a folder with a list of questions in JSON and database/")
    given = Path(path)
    if not given.exists():
        raise FileNotFoundError(f"task_path {path} does not exist")
    if given.is_file():
        whole: Split = "train" if "train" in given.stem.lower() else "test"
        if split != whole:
            raise ValueError(
                f"{path} is one file, all of it {whole}; for {split} give the folder it is in as task_path"
            )
        return _examples(given, read(given))
    files = {name: found for name in FILES if (found := _first(given, FILES[name]))}
    if len(files) > 1:
        if split not in files:
            there = ", ".join(f"{name} ({file.name})" for name, file in files.items())
            raise ValueError(f"{path} has no file for {split}; it has {there}. Give a file as task_path to test on it")
        return _examples(files[split], read(files[split]))
    file = next(iter(files.values()), None) or _only_list(given)
    rows = read(file)
    splits = divide(row.need("db_id") for row in rows)
    if split not in splits.values():
        raise ValueError(f"{file} is about {len(splits)} database(s), too few for a {split} split of their own")
    return _examples(file, rows, {name for name, of in splits.items() if of == split})


def _examples(file: Path, rows: list[Row], wanted: set[str] | None = None) -> list[Example]:
    """The rows of a file as examples, all of them or those about the databases in `wanted`."""
    databases: dict[str, Database] = {}
    schemas: dict[str, str] = {}
    examples: list[Example] = []
    for number, row in enumerate(rows, 1):
        name = database_files.name_of(row)
        question, gold = row.need(*QUESTION), row.need(*GOLD)
        if wanted is not None and name not in wanted:
            continue
        if name not in databases:
            databases[name] = _database(file, name)
            schemas[name] = schema_of(databases[name]) if Path(databases[name].path or "").is_file() else ""
        examples.append(
            Example(
                id=f"{file.stem}-{number}",
                question=question,
                database=databases[name],
                schema=schemas[name],
                schema_id=name,
                gold_sql=gold,
                dialect=databases[name].engine,
                evidence=row.text("evidence", "commonsense_knowledge"),
                difficulty=row.text("difficulty", "hardness"),
                category=row.text("category", "reasoning_type"),
            )
        )
    return examples


def _database(file: Path, name: str) -> Database:
    """The file of a database, or where it would be if it were there."""
    folders = [root / folder for root in (file.parent, file.parent.parent) for folder in FOLDERS]
    missing = Database("sqlite", path=str((file.parent / "database" / name / f"{name}.sqlite").resolve()))
    return database_files.find(folders, name) or missing


def _first(folder: Path, names: tuple[str, ...]) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _only_list(folder: Path) -> Path:
    """The one JSON file of a folder that is a list of questions."""
    if (folder / "questions.json").is_file():
        return folder / "questions.json"
    others = [file for file in sorted(folder.glob("*.json")) if file.name != "tables.json"]
    found = others if len(others) == 1 else [file for file in others if _is_list(file)]
    if len(found) == 1:
        return found[0]
    if found:
        raise ValueError(f"{folder} holds {', '.join(f.name for f in found)}; give the one you mean as task_path")
    known = ", ".join(name for names in FILES.values() for name in names)
    raise FileNotFoundError(f"{folder} holds no list of questions: no {known}, and no other .json with db_id and query")


def _is_list(file: Path) -> bool:
    try:
        rows = read(file)
    except ValueError:
        return False  # some other JSON
    return bool(rows) and rows[0].text("db_id") != "" and rows[0].text(*GOLD) != ""
