import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from envs.sql_env import SqlEnv
from envs.tasks import bird
from envs.tasks.bird import load

SPLITS = ("train", "validation", "test")
TRAIN = [f"db{i}" for i in range(10)]
SCHEMA = "CREATE TABLE frpm (id INTEGER PRIMARY KEY, \"Academic Year\" TEXT -- e.g. '2014-2015'\n);"
DDL = "CREATE TABLE a\n(\n    id INTEGER primary key autoincrement\n);\nCREATE TABLE sqlite_sequence(name,seq);"


def row(db: str, **more: Any) -> dict[str, Any]:
    question = {"db_id": db, "question": f"How many in {db}?", "evidence": " all means count(*)\n"}
    return question | {"SQL": "SELECT count(*) FROM frpm"} | more


def put(folder: Path, databases: list[str]) -> None:
    for name in databases:
        (folder / name).mkdir(parents=True)
        connection = sqlite3.connect(folder / name / f"{name}.sqlite")
        connection.executescript(
            'CREATE TABLE frpm (id INTEGER PRIMARY KEY, "Academic Year" TEXT); '
            "INSERT INTO frpm VALUES (1, '2014-2015')"
        )
        connection.close()


def write(file: Path, rows: list[dict[str, Any]]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join(map(json.dumps, rows)) if file.suffix == ".jsonl" else json.dumps(rows)
    file.write_text(text)
    return file


def databases(path: Path) -> list[set[str]]:
    return [{example.schema_id for example in load(split, str(path))} for split in SPLITS]


@pytest.fixture
def train(tmp_path: Path) -> Path:
    """The train folder as it unzips, with what macOS and BIRD put beside the questions."""
    folder = tmp_path / "bird" / "train"
    write(folder / "train.json", [row(name) for name in TRAIN for _ in range(2)])
    write(folder / "train_tables.json", [])
    write(tmp_path / "bird" / "__MACOSX" / "train.json", [])
    write(folder / ".ipynb_checkpoints" / "dev.json", [])
    put(folder / "train_databases", TRAIN)
    write(folder / "train_databases" / "db0" / "database_description" / "dev.json", [])
    (folder / "train_databases" / "db0" / "._db0.sqlite").write_bytes(b"\x00\x05\x16\x07")
    return folder


@pytest.fixture
def dev(tmp_path: Path) -> Path:
    folder = tmp_path / "bird" / "dev_20240627"
    rows = [row("schools", question_id=i, difficulty="simple") for i in (7, 8)]
    write(folder / "dev.json", rows)
    write(folder / "dev_tied_append.json", rows[:1])
    write(folder / "mini_dev_sqlite.json", rows[:1])
    put(folder / "dev_databases", ["schools"])
    return folder


def test_an_example_has_the_evidence_the_difficulty_the_question_id_and_the_databases_own_names(dev):
    example = load("test", str(dev))[0]
    assert (example.id, example.schema_id, example.dialect) == ("dev-7", "schools", "sqlite")
    assert (example.evidence, example.difficulty) == ("all means count(*)", "simple")
    assert (example.gold_sql, example.schema) == ("SELECT count(*) FROM frpm", SCHEMA)
    assert Path(example.database.path).is_file()


def test_listed_keys_and_column_descriptions_come_from_the_files_beside_the_databases(dev):
    home = dev / "dev_databases" / "schools"
    with sqlite3.connect(home / "schools.sqlite") as connection:
        connection.execute("CREATE TABLE satscores (cds INTEGER)")
    connection.close()
    listed = {
        "db_id": "schools",
        "table_names_original": ["frpm", "satscores"],
        "column_names_original": [[-1, "*"], [0, "id"], [1, "cds"]],
        "foreign_keys": [[2, 1]],
    }
    write(dev / "dev_tables.json", [listed])
    (home / "database_description").mkdir()
    (home / "database_description" / "satscores.csv").write_text(
        "original_column_name,column_description\ncds,the school"
    )
    schema = load("test", str(dev))[0].schema
    assert schema == f"{SCHEMA}\nCREATE TABLE satscores (cds INTEGER REFERENCES frpm(id) -- the school\n);"


def test_the_train_folder_alone_is_divided_by_database(train):
    parts = databases(train)
    assert [len(part) for part in parts] == [8, 1, 1]
    assert set.union(*parts) == set(TRAIN)
    assert databases(train / "train.json") == parts


def test_with_dev_there_dev_is_test_and_validation_is_what_it_was(train, dev):
    alone = databases(train)
    assert databases(train.parent) == [alone[0] | alone[2], alone[1], {"schools"}]


def test_a_database_in_train_and_dev_is_an_error(train, dev):
    write(dev / "dev.json", [row("db3")])
    assert "db3" not in databases(train)[1]
    with pytest.raises(ValueError, match=r"train.json and dev.json are both about db3; splits share no database"):
        load("validation", str(train.parent))


def test_nobody_trains_on_a_benchmark(dev):
    for path in (dev, dev / "dev.json"):
        with pytest.raises(ValueError, match=r"dev.json is a benchmark, all of it test; for train give a folder"):
            load("train", str(path))


@pytest.mark.parametrize("name", ["mini_dev_sqlite.json", "mini_dev_sqlite.jsonl", "mini_dev_data.json"])
@pytest.mark.parametrize("inside", ["MINIDEV", "mini_dev_data/minidev/MINIDEV", "mini_dev_data"])
def test_mini_dev_is_found_wherever_it_was_unzipped_and_taken_in_sqlite(tmp_path, name, inside):
    file = write(tmp_path / inside / name, [row("schools", question_id=3)])
    write(file.with_name("mini_dev_mysql.json"), [row("schools", question_id=4)])
    put(file.parent / "dev_databases", ["schools"])
    for path in (tmp_path, file):
        assert [example.id for example in load("test", str(path))] == [f"{file.stem}-3"]


def test_questions_beside_the_folder_of_databases_find_it(tmp_path):
    put(tmp_path / "MINIDEV" / "dev_databases", ["schools"])
    write(tmp_path / "mini_dev_sqlite.jsonl", [row("schools")])
    assert load("test", str(tmp_path))[0].schema == SCHEMA


@pytest.mark.parametrize("name", ["mini_dev_mysql.json", "mini_dev_postgresql.json", "mini_dev_pg-00000-of-00001.json"])
def test_mini_dev_in_another_dialect_is_refused(tmp_path, name):
    file = write(tmp_path / name, [row("schools")])
    for path in (tmp_path, file):
        with pytest.raises(ValueError, match=rf"{name} is not written for SQLite; give mini_dev_sqlite.json"):
            load("test", str(path))


@pytest.mark.parametrize("at", ["bird23-train-filtered.jsonl", "bird23-train-filtered/data/train-00000-of-00001.jsonl"])
def test_filtered_questions_find_the_databases_beside_them_or_one_folder_up(train, at):
    file = write(train / at, [row(name) for name in TRAIN[:9]])
    write(train / "bird23-train-filtered" / "train_column_meaning.json", [])
    path = file if file.parent == train else train / "bird23-train-filtered"
    examples = [example for split in SPLITS for example in load(split, str(path))]
    assert len(examples) == 9 and {example.schema for example in examples} == {SCHEMA}


def test_a_parquet_of_questions_loads_as_the_same_jsonl_does(train):
    rows = [row(name) for name in TRAIN]
    table = pytest.importorskip("pyarrow").Table.from_pylist(rows)
    pytest.importorskip("pyarrow.parquet").write_table(table, train / "bird23-train-filtered.parquet")
    found = load("train", str(train / "bird23-train-filtered.parquet"))
    assert found == load("train", str(write(train / "bird23-train-filtered.jsonl", rows))) and len(found) == 8


def test_databases_without_questions_get_them_from_the_hub(train, tmp_path, monkeypatch):
    pytest.importorskip("datasets").config.HF_DATASETS_CACHE = tmp_path / "cache"
    monkeypatch.setattr(bird, "HUB_DATASET", str(tmp_path / "bird23-train-filtered"))
    write(tmp_path / "bird23-train-filtered" / "train.jsonl", [row(name) for name in TRAIN])
    (train / "train.json").unlink()
    found = load("train", str(train))
    assert len(found) == 8 and found[0].id.startswith("bird23-train-filtered-") and found[0].schema == SCHEMA


def test_without_a_database_a_schema_as_text_builds_empty_tables_on_which_answers_prove_nothing(tmp_path):
    rows = [row(name, schema=DDL, SQL="SELECT id FROM a") for name in TRAIN]
    (example, *_) = load("train", str(write(tmp_path / "train-00000-of-00001.json", rows)))
    assert "sqlite_sequence" not in example.database.script
    assert example.schema == "CREATE TABLE a (id INTEGER PRIMARY KEY);"
    with SqlEnv([example]) as env:
        assert "proves nothing" in " ".join(env.admit().notes[0][1])
        assert env.play(example.id, "SELECT id FROM a WHERE id > 3").verdict.proven is False


def test_a_database_that_is_there_is_taken_before_the_schema_as_text(train):
    write(train / "train.json", [row(name, schema=DDL) for name in TRAIN])
    assert {example.schema for example in load("train", str(train))} == {SCHEMA}


def test_a_schema_as_text_that_does_not_run_is_shown_as_it_is(tmp_path):
    rows = [row(name, schema="CREATE TABLE a (x); CREATE TABLE a (y)") for name in TRAIN]
    found = load("train", str(write(tmp_path / "train.json", rows)))
    assert found[0].schema == "CREATE TABLE a (x);\nCREATE TABLE a (y);"


def test_a_missing_database_leaves_its_questions_without_a_schema(train):
    gone = load("train", str(train))[0].schema_id
    (train / "train_databases" / gone / f"{gone}.sqlite").unlink()
    bare = [example for example in load("train", str(train)) if not example.schema]
    assert [example.schema_id for example in bare] == [gone, gone]
    assert bare[0].database.path.endswith(f"train_databases/{gone}/{gone}.sqlite")


def test_a_split_without_a_single_database_is_an_error(train):
    (gone,) = databases(train)[1]
    (train / "train_databases" / gone / f"{gone}.sqlite").unlink()
    with pytest.raises(FileNotFoundError, match=rf"questions are about \({gone}\) is there; download train.zip"):
        load("validation", str(train))


def test_what_cannot_be_used_is_said_with_the_way_out(tmp_path, train):
    with pytest.raises(ValueError, match=r"questions and not its databases; download train.zip .* as task_path"):
        load("train")
    with pytest.raises(FileNotFoundError, match="gone does not exist"):
        load("train", str(tmp_path / "gone"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match=r"neither train.json, dev.json nor mini_dev_sqlite.json; download"):
        load("train", str(tmp_path / "empty"))
    file = write(tmp_path / "far" / "away" / "bird23-train-filtered.jsonl", [row(name) for name in TRAIN])
    with pytest.raises(FileNotFoundError, match=r"none of the databases .* is there; download train.zip"):
        load("train", str(file))
    write(train / "train-00000-of-00001.json", [])
    with pytest.raises(ValueError, match=r"holds train-00000-of-00001.json, train.json; give the one you mean"):
        load("train", str(train))


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([{"db_id": "db0", "SQL": "SELECT 1"}], "row 1: it needs question"),
        ([row("../db0")], r"row 1: db_id '../db0' is not the name of a database"),
        ([row("db0", question_id=5)] * 2, "row 2: question_id 5 was used before"),
        ([row("db0")], "about 1 database"),
    ],
)
def test_a_bad_list_of_questions_is_said_with_its_place(train, rows, sentence):
    write(train / "train.json", rows)
    with pytest.raises(ValueError, match=sentence):
        load("validation" if "about" in sentence else "train", str(train))


@pytest.mark.skipif("TEXT2SQL_DATA" not in os.environ, reason="TEXT2SQL_DATA names no folder with bird_train_ddl_only/")
def test_all_of_birds_training_questions_load_from_their_schemas_as_text():
    splits = [load(split, str(Path(os.environ["TEXT2SQL_DATA"]) / "bird_train_ddl_only")) for split in SPLITS]
    assert sum(map(len, splits)) == 9428
    schemas = {example.schema_id: example.schema for split in splits for example in split}
    assert len(schemas) == 69 == sum(len({example.schema_id for example in split}) for split in splits)
    for schema in schemas.values():
        sqlite3.connect(":memory:").executescript(schema)
