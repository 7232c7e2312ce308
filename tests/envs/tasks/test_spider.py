import json
import os
import sqlite3
from pathlib import Path

import duckdb
import pytest

from envs.tasks.spider import load

TRAIN = [{"db_id": f"db{i}", "question": f"How many in {i}?", "query": "SELECT count(*) FROM t"} for i in range(10)]


def make_database(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path)
    connection.executescript("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1);")
    connection.close()


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "train_spider.json").write_text(json.dumps(TRAIN))
    for i in range(9):  # db9 has no file
        make_database(tmp_path / "database" / f"db{i}" / f"db{i}.sqlite")
    return tmp_path


def test_one_file_is_divided_by_database(folder):
    splits = [load(split, str(folder)) for split in ("train", "validation", "test")]
    assert [len(s) for s in splits] == [8, 1, 1]
    databases = [example.schema_id for split in splits for example in split]
    assert sorted(databases) == sorted({row["db_id"] for row in TRAIN})


def test_an_example_holds_the_question_the_gold_and_a_schema_read_from_the_file(folder):
    example = next(e for e in load("train", str(folder / "train_spider.json")) if e.schema_id == "db0")
    assert (example.id, example.question) == ("train_spider-1", "How many in 0?")
    assert (example.gold_sql, example.dialect) == ("SELECT count(*) FROM t", "sqlite")
    assert example.schema == "CREATE TABLE t (a INTEGER);"
    assert Path(example.database.path).is_absolute() and Path(example.database.path).is_file()


def test_a_missing_database_leaves_the_example_without_a_schema(folder):
    example = next(e for e in load("train", str(folder / "train_spider.json")) if e.schema_id == "db9")
    assert example.schema == "" and example.database.path.endswith("database/db9/db9.sqlite")


def test_published_files_are_the_splits(folder):
    (folder / "dev.json").write_text(json.dumps([{**TRAIN[0], "db_id": "dev_db"}]))
    assert [len(load(split, str(folder))) for split in ("train", "validation")] == [10, 1]
    with pytest.raises(ValueError, match=r"no file for test; it has train \(train_spider.json\), validation"):
        load("test", str(folder))


def test_a_file_is_taken_whole(folder):
    assert len(load("train", str(folder / "train_spider.json"))) == 10
    with pytest.raises(ValueError, match="all of it train; for test give the folder"):
        load("test", str(folder / "train_spider.json"))


def test_other_sets_of_this_shape_load_by_the_names_they_use(tmp_path):
    bird = {"db_id": "a", "question": "Who?", "SQL": "SELECT 1", "evidence": "x is y", "difficulty": "simple"}
    archer = {"db_id": "b", "SpiderQuestion": "Which?", "query": "SELECT 2", "commonsense_knowledge": "z"}
    duck = {"db_id": "c", "question": "What?", "gold": "SELECT 3", "category": "hard"}
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "mini.json").write_text(json.dumps([bird, archer, duck]))
    (tmp_path / "sub" / "tables.json").write_text("[]")
    make_database(tmp_path / "dev_databases" / "a" / "a.sqlite")
    (tmp_path / "sub" / "databases" / "c").mkdir(parents=True)
    duckdb.connect(str(tmp_path / "sub" / "databases" / "c" / "c.duckdb")).execute("CREATE TABLE t (a INTEGER)").close()
    first, second, third = load("test", str(tmp_path / "sub" / "mini.json"))
    assert (first.evidence, first.difficulty, first.schema) == ("x is y", "simple", "CREATE TABLE t (a INTEGER);")
    assert (second.question, second.evidence) == ("Which?", "z")
    assert (third.database.engine, third.dialect, third.category) == ("duckdb", "duckdb", "hard")
    assert third.schema == "CREATE TABLE t (a INTEGER);"
    assert len(load("train", str(tmp_path / "sub"))) == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[{]", "train_spider.json is not valid JSON"),
        ('{"db_id": "a"}', "holds a JSON dict"),
        ('[{"db_id": "a", "question": "q", "query": "s"}, {"db_id": "a", "query": "s"}]', "row 2: it needs question"),
        ('[{"db_id": "a", "question": "q"}]', "row 1: it needs query or SQL or gold, and has: db_id, question"),
        ('[{"db_id": "../a", "question": "q", "query": "s"}]', "row 1: db_id '../a' is not the name of a database"),
    ],
)
def test_a_bad_list_of_questions_is_said_in_a_sentence(tmp_path, text, sentence):
    (tmp_path / "train_spider.json").write_text(text)
    with pytest.raises(ValueError, match=sentence):
        load("train", str(tmp_path / "train_spider.json"))


def test_a_bad_path_is_said_in_a_sentence(tmp_path):
    with pytest.raises(ValueError, match="needs task_path"):
        load("train")
    with pytest.raises(FileNotFoundError, match="gone does not exist"):
        load("train", str(tmp_path / "gone"))
    with pytest.raises(FileNotFoundError, match=r"holds no list of questions: no train_spider.json"):
        load("train", str(tmp_path))
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text(json.dumps(TRAIN))
    with pytest.raises(ValueError, match=r"holds a.json, b.json; give the one you mean"):
        load("train", str(tmp_path))


def test_a_database_that_is_not_one_is_named(folder):
    (folder / "database" / "db3" / "db3.sqlite").write_text("not a database" * 100)
    with pytest.raises(ValueError, match=r"db3.sqlite is not a database"):
        load("train", str(folder / "train_spider.json"))


def test_one_database_is_too_few_to_divide(folder):
    (folder / "train_spider.json").write_text(json.dumps(TRAIN[:1]))
    with pytest.raises(ValueError, match="about 1 database"):
        load("test", str(folder))


@pytest.mark.skipif("TEXT2SQL_DATA" not in os.environ, reason="TEXT2SQL_DATA names no folder with spider_train/ in it")
def test_spiders_train_set_loads_whole():
    examples = load("train", str(Path(os.environ["TEXT2SQL_DATA"]) / "spider_train" / "train_spider.json"))
    assert len(examples) == 7000
    assert sum(example.schema == "" for example in examples) <= 96  # two databases are not in every copy
