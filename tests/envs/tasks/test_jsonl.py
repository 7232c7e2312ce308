import json
import sqlite3
from itertools import combinations
from pathlib import Path

import duckdb
import pytest

from envs.tasks.jsonl import load

SPLITS = ("train", "validation", "test")
SCRIPT = "CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1);"


def write(path: Path, rows: list[dict[str, object]]) -> str:
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return str(path)


def scripted(i: int, **more: object) -> dict[str, object]:
    return {"question": f"q{i}", "sql": "SELECT a FROM t", "script": SCRIPT, **more}


def test_a_database_file_is_found_beside_the_questions_whatever_the_folder_one_stands_in(tmp_path):
    (tmp_path / "data").mkdir()
    connection = sqlite3.connect(tmp_path / "data" / "shop.db")
    connection.executescript(SCRIPT)
    connection.close()
    duckdb.connect(str(tmp_path / "data" / "shop.duckdb")).execute("CREATE TABLE d (b DATE)").close()
    rows = [
        {"question": "q", "query": "SELECT 1", "database": "data/shop.db", "split": "test"},
        {
            "question": "q",
            "gold_sql": "SELECT 2",
            "database": "data/shop.duckdb",
            "dialect": "postgres",
            "split": "test",
        },
    ]
    first, second = load("test", write(tmp_path / "mine.jsonl", rows))
    assert (first.database.engine, first.dialect, first.schema) == ("sqlite", "sqlite", "CREATE TABLE t (a INTEGER);")
    assert (second.database.engine, second.dialect, second.schema) == ("duckdb", "postgres", "CREATE TABLE d (b DATE);")
    assert first.database.path == str((tmp_path / "data" / "shop.db").resolve())
    assert (first.gold_sql, second.gold_sql) == ("SELECT 1", "SELECT 2")


def test_a_script_builds_the_database_and_gives_the_schema(tmp_path):
    row = scripted(1, engine="duckdb", evidence="e", difficulty="hard", category="c", id="mine", split="train")
    (example,) = load("train", write(tmp_path / "mine.jsonl", [row]))
    assert (example.database.script, example.database.engine, example.dialect) == (SCRIPT, "duckdb", "duckdb")
    assert example.schema == "CREATE TABLE t (a INTEGER);"
    assert (example.id, example.evidence, example.difficulty, example.category) == ("mine", "e", "hard", "c")


def test_a_schema_written_by_hand_is_shown_as_it_is(tmp_path):
    (example,) = load("train", write(tmp_path / "mine.jsonl", [scripted(1, schema="t(a)", split="train")]))
    assert example.schema == "t(a)"


def test_csv_will_do(tmp_path):
    (tmp_path / "mine.csv").write_text(f'question,sql,script,split\nq,SELECT 1,"{SCRIPT}",train\n')
    assert load("train", str(tmp_path / "mine.csv"))[0].id == "mine.csv, line 2"


def test_many_databases_are_divided_by_database(tmp_path):
    rows = [scripted(i) | {"script": f"CREATE TABLE t{i % 10} (a)"} for i in range(40)]
    path = write(tmp_path / "mine.jsonl", rows)
    databases = [{example.schema_id for example in load(split, path)} for split in SPLITS]
    assert [len(d) for d in databases] == [8, 1, 1]
    assert all(not a & b for a, b in combinations(databases, 2))


def test_one_database_is_divided_by_question(tmp_path):
    rows = [scripted(i % 40) for i in range(80)]  # every question is asked twice
    path = write(tmp_path / "mine.jsonl", rows)
    questions = [{example.question for example in load(split, path)} for split in SPLITS]
    assert [len(q) for q in questions] == [32, 4, 4]
    assert all(not a & b for a, b in combinations(questions, 2))


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"sql": "SELECT 1", "script": SCRIPT}, "line 2: it needs question, and has: sql, script"),
        ({"question": "q", "script": SCRIPT}, "line 2: it needs sql or query or gold_sql"),
        ({"question": "q", "sql": "s"}, "line 2: it needs either database .* and has neither"),
        (scripted(2, database="a.db"), "line 2: it needs either database .* and has both"),
        (scripted(2, engine="oracle"), "line 2: engine 'oracle' is none of sqlite, duckdb"),
        (scripted(2, dialect="tsql"), "line 2: dialect 'tsql' is none of sqlite, duckdb, postgres"),
        (scripted(2, split="dev"), "line 2: split 'dev' is none of train, validation, test"),
        (scripted(2), "line 2: it has no split, and other rows have one"),
        (scripted(2, id="one"), "line 2: id 'one' was used before"),
        ({"question": "q", "sql": "s", "database": "notes.db"}, "line 2: .*notes.db is not a database"),
    ],
)
def test_what_is_wrong_with_a_row_is_said_with_its_line(tmp_path, row, sentence):
    (tmp_path / "notes.db").write_text("these are notes " * 50)
    path = write(tmp_path / "mine.jsonl", [scripted(1, id="one", split="train"), row])
    with pytest.raises(ValueError, match=f"mine.jsonl, {sentence}"):
        load("train", path)


def test_a_missing_database_is_named_with_its_line(tmp_path):
    path = write(tmp_path / "mine.jsonl", [{"question": "q", "sql": "s", "database": "gone.db"}])
    with pytest.raises(FileNotFoundError, match=r"line 1: there is no database file at .*gone.db"):
        load("train", path)


def test_a_split_that_is_empty_is_said_with_what_there_is(tmp_path):
    with pytest.raises(ValueError, match="has no test split: its 1 rows give train"):
        load("test", write(tmp_path / "mine.jsonl", [scripted(1, split="train")]))
    with pytest.raises(ValueError, match="needs task_path"):
        load("test")
