"""Lessons from real questions: only what may be read is read, and each lesson shows a query that its schema can run."""

import json
from itertools import islice
from random import Random

import apsw
import pyarrow
import pyarrow.parquet
import pytest

from envs.splits import divide
from policy.real_lessons import real_lessons, taught
from policy.real_questions import real_questions

PETS = "CREATE TABLE Pets (pet_id INTEGER PRIMARY KEY, Name TEXT, weight REAL)"
DDL = "CREATE TABLE orders (id INTEGER PRIMARY KEY, total REAL); CREATE TABLE sqlite_sequence (name, seq);"


def spider_row(db_id, question, query="select NAME from pets where weight > 3"):
    return {"db_id": db_id, "SpiderQuestion": question, "SpiderSynQuestion": f"{question} Say!", "query": query}


@pytest.fixture
def data(tmp_path):
    """Ten databases in Spider's layout, one question in BIRD's, and one question that is measured on."""
    names = [f"pets_{number}" for number in range(10)]
    for folder, databases in (("spider_train", names), ("spider_dev_open", ["dogs"])):
        for name in databases:
            (tmp_path / folder / "database" / name).mkdir(parents=True)
            apsw.Connection(str(tmp_path / folder / "database" / name / f"{name}.sqlite")).execute(PETS)
    rows = [spider_row(name, f"Which pets of {name} are heavy?") for name in names]
    rows += [spider_row(name, "Count the DOGS!", "SELECT count(*) FROM pets") for name in names]
    rows += [spider_row(name, "What is missing?", "SELECT colour FROM pets") for name in names]
    (tmp_path / "spider_train/train_spider.json").write_text(json.dumps(rows))
    measured = [{"db_id": "dogs", "question": "Count the dogs", "query": "SELECT count(*) FROM Pets"}]
    (tmp_path / "spider_dev_open/questions.json").write_text(json.dumps(measured))
    (tmp_path / "bird_train_ddl_only").mkdir()
    bird = {
        "db_id": "shop",
        "question": "Total?",
        "evidence": "total means SUM",
        "schema": DDL,
        "SQL": "SELECT sum(total) FROM orders",
    }
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist([bird]), tmp_path / "bird_train_ddl_only/train.parquet")
    return tmp_path


def test_only_the_databases_for_training_are_read_and_no_question_that_is_measured_on(data):
    found = taught(data)
    splits = divide(f"pets_{number}" for number in range(10))
    read = {one.schema_id for one in found["spider"].asked}
    assert read == {name for name, split in splits.items() if split == "train"} and len(read) == 8
    assert {one.sql for one in found["spider"].asked} == {"SELECT Name FROM Pets WHERE weight > 3"}
    assert found["spider"].left_out == {"does not compile": 8, "measured on": 8}
    assert [one.sql for one in found["bird"].asked] == ["SELECT SUM(total) FROM orders"]


def test_every_lesson_runs_on_its_own_schema_in_disguise_or_not(data):
    lessons = list(islice(real_lessons(taught(data), Random(1), disguised=0.5), 200))
    for lesson in lessons:
        connection = apsw.Connection(":memory:")
        connection.execute(lesson.schema)
        connection.execute(f"EXPLAIN {lesson.gold_sql}").fetchall()
    assert {lesson.evidence.split()[-1] for lesson in lessons if lesson.evidence} == {"SUM"}
    plain, strange = ([x for x in lessons if ("pet" in x.schema.lower()) is there] for there in (True, False))
    assert len(plain) > 60 and len(strange) > 40
    assert any(lesson.question.endswith("Say!") for lesson in lessons)


def test_a_folder_without_real_questions_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="spider_train, bird_train_ddl_only, synsql_1000_ddl_only"):
        real_questions(tmp_path)
