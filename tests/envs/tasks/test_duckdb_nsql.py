import json
import os
from pathlib import Path

import duckdb
import pytest

from envs.sql_env import SqlEnv
from envs.tasks.duckdb_nsql import load

ROW = {
    "db_id": "shop",
    "query": "SELECT a FROM t",
    "setup_sql": ";",
    "validation_sql": "SELECT 1;",
    "question": "Which?",
    "category": "easy",
}


@pytest.fixture
def folder(tmp_path) -> Path:
    for name, script in (("shop", "CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1), (2)"), ("none", "")):
        (tmp_path / "databases" / name).mkdir(parents=True)
        with duckdb.connect(str(tmp_path / "databases" / name / f"{name}.duckdb")) as connection:
            connection.execute(script)
    (tmp_path / "tables.json").write_text("[]")
    return tmp_path


def write(folder: Path, *rows: dict[str, str]) -> str:
    (folder / "dev.json").write_text(json.dumps([ROW | row for row in rows]))
    return str(folder)


def test_every_row_is_an_example_of_the_test_split(folder):
    first, second = load("test", write(folder, {}, {"query": "INSERT INTO t VALUES (3)", "db_id": "gone"}))
    assert (first.id, first.question, first.category) == ("duckdb_nsql-1", "Which?", "easy")
    assert (first.dialect, first.database.engine, first.schema) == ("duckdb", "duckdb", "CREATE TABLE t (a INTEGER);")
    assert first.database.path == str(folder.resolve() / "databases" / "shop" / "shop.duckdb")
    assert second.schema == "" and second.gold_sql == "INSERT INTO t VALUES (3)"


def test_a_question_that_needs_its_set_up_first_stays_and_admission_says_why(folder):
    copied = {"setup_sql": "COPY t TO 'a''b.csv';", "query": "SELECT * FROM 'a''b.csv'"}
    built = {"setup_sql": "CREATE TABLE u AS SELECT 1 AS a;", "query": "SELECT a FROM u", "db_id": "none"}
    written = {"query": "UPDATE t SET a = 0"}
    examples = load("test", write(folder, {}, copied, built, written))
    assert examples[1].schema == "CREATE TABLE t (a INTEGER);"
    with SqlEnv(examples, workers=1) as env:
        admission = env.admit()
    assert [e.id for e in admission.kept] == ["duckdb_nsql-1", "duckdb_nsql-3", "duckdb_nsql-4"]
    ((name, why),) = admission.quarantined
    assert name == "duckdb_nsql-2" and "needs its setup_sql run on shop.duckdb first: COPY t TO 'a''b.csv';" in why


@pytest.mark.parametrize(
    ("row", "sentence"),
    [({"db_id": "../shop"}, "row 2: db_id '../shop' is not the name"), ({"query": ""}, "row 2: it needs query")],
)
def test_what_is_wrong_with_a_row_is_said_with_its_place(folder, row, sentence):
    with pytest.raises(ValueError, match=f"dev.json, {sentence}"):
        load("test", write(folder, {}, row))


def test_a_bad_path_or_split_is_said_in_a_sentence(folder):
    with pytest.raises(ValueError, match="needs task_path"):
        load("test")
    with pytest.raises(FileNotFoundError, match="gone does not exist"):
        load("test", str(folder / "gone"))
    with pytest.raises(FileNotFoundError, match=r"no file at .*dev.json"):
        load("test", str(folder))
    with pytest.raises(ValueError, match="all of it test; it has no validation split"):
        load("validation", write(folder, {}))


@pytest.mark.skipif("TEXT2SQL_DATA" not in os.environ, reason="TEXT2SQL_DATA names no folder with duckdb_nsql/ in it")
def test_all_of_duckdb_nsql_loads():
    examples = load("test", str(Path(os.environ["TEXT2SQL_DATA"]) / "duckdb_nsql"))
    assert len(examples) == 75 and len({e.schema_id for e in examples}) == 12
    assert {e.schema_id for e in examples if not e.schema} == {"none"}
    assert sum(e.database.script is not None for e in examples) == 7  # those with a setup_sql that does something
