import csv
import os
import sqlite3
from pathlib import Path

import pytest

from envs.tasks.defog import choices, golds, load, split_statements

COLUMNS = ("db_name", "db_type", "query_category", "query", "question", "instructions")
ROW = ("shop", "sqlite", "ratio", "SELECT a FROM t;", "Which?", "")


def write(path: Path, rows: list[tuple[str, ...]], columns: tuple[str, ...] = COLUMNS) -> str:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    return str(path)


@pytest.fixture
def folder(tmp_path) -> Path:
    connection = sqlite3.connect(tmp_path / "shop.sqlite")
    connection.executescript("CREATE TABLE t (a INTEGER);")
    connection.close()
    (tmp_path / "shop.postgres.sql").write_text("CREATE TABLE public.t (a SERIAL); INSERT INTO t VALUES (1);")
    write(tmp_path / "questions_gen_sqlite.csv", [ROW, ("shop", "sqlite", "x", "SELECT 1;SELECT 2;", "How?", "a is b")])
    write(tmp_path / "instruct_basic_sqlite.csv", [ROW[:5]], COLUMNS[:5])
    write(
        tmp_path / "questions_gen_postgres.csv",
        [("Which?", "SELECT {a, b} FROM t", "shop")],
        ("question", "query", "db_name"),
    )
    return tmp_path


def test_a_folder_is_all_its_sqlite_questions_file_by_file(folder):
    first, second, third = load("test", str(folder))
    assert [e.id for e in (first, second, third)] == [
        "instruct_basic_sqlite-1",
        "questions_gen_sqlite-1",
        "questions_gen_sqlite-2",
    ]
    assert (first.difficulty, first.category, second.difficulty) == ("basic", "ratio", "")
    assert (first.schema, first.schema_id, first.dialect) == ("CREATE TABLE t (a INTEGER);", "shop", "sqlite")
    assert (third.gold_sql, third.other_golds, third.evidence) == ("SELECT 1", ("SELECT 2",), "a is b")


def test_the_postgres_questions_are_read_when_their_file_is_named(folder):
    (example,) = load("test", str(folder / "questions_gen_postgres.csv"))
    assert (example.dialect, example.database.engine) == ("postgres", "duckdb")
    assert (example.gold_sql, example.other_golds) == ("SELECT a FROM t", ("SELECT b FROM t", "SELECT a, b FROM t"))
    assert example.schema == "CREATE TABLE public.t (a SERIAL);"


@pytest.mark.parametrize(
    ("query", "statements"),
    [
        ("SELECT ';' ; SELECT \";\"", ["SELECT ';'", 'SELECT ";"']),
        ("SELECT 1 -- a;b\n;;", ["SELECT 1 -- a;b"]),
        ("SELECT 1; -- done", ["SELECT 1"]),
        (" ; ", []),
    ],
)
def test_golds_are_split_at_semicolons_that_are_not_inside_something(query, statements):
    assert split_statements(query) == statements


def test_braces_are_every_non_empty_choice_and_empty_ones_the_same_choice_again():
    assert choices("SELECT {t.a, b}, n FROM t GROUP BY {}", "here") == [
        "SELECT t.a, n FROM t GROUP BY t.a",
        "SELECT b, n FROM t GROUP BY b",
        "SELECT t.a, b, n FROM t GROUP BY t.a, b",
    ]
    assert len(choices("SELECT {a, b} FROM (SELECT {c, d} FROM t)", "here")) == 9
    assert choices("SELECT '{a, b}'", "here") == ["SELECT '{a, b}'"]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("SELECT {a,b,c,d,e,f,g}", "more than 64 golds"),
        ("SELECT {a,b,c,d}, {e,f,g}", "more than 64 golds"),
        ("SELECT {a, b", "a brace is open at the end"),
        ("SELECT {}, {a, b}", "has {} before the columns"),
        ("-- nothing", "holds no statement"),
    ],
)
def test_a_query_that_stands_for_too_much_or_nothing_is_said_with_its_line(query, sentence):
    with pytest.raises(ValueError, match=f"^line 2: .*{sentence}"):
        golds(query, "line 2")


def test_the_same_gold_twice_is_one():
    assert golds("SELECT 1;SELECT 2;SELECT 1;", "here") == ["SELECT 1", "SELECT 2"]


def test_a_missing_database_leaves_the_example_without_a_schema(tmp_path):
    write(tmp_path / "a_sqlite.csv", [ROW])
    (example,) = load("test", str(tmp_path))
    assert example.schema == "" and example.database.path == str(tmp_path.resolve() / "shop.sqlite")


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (("../shop", *ROW[1:]), "line 2: db_name '../shop' is not the name of a database"),
        (("shop", "mysql", *ROW[2:]), "line 2: db_type 'mysql' is neither sqlite nor postgres"),
        ((*ROW[:4], "", ""), "line 2: it needs question"),
    ],
)
def test_what_is_wrong_with_a_row_is_said_with_its_line(tmp_path, row, sentence):
    with pytest.raises(ValueError, match=f"a_sqlite.csv, {sentence}"):
        load("test", write(tmp_path / "a_sqlite.csv", [row]))


def test_a_bad_path_or_split_is_said_in_a_sentence(folder, tmp_path_factory):
    with pytest.raises(ValueError, match="needs task_path"):
        load("test")
    with pytest.raises(FileNotFoundError, match="gone does not exist"):
        load("test", str(folder / "gone"))
    with pytest.raises(FileNotFoundError, match=r"no file that ends in _sqlite\.csv"):
        load("test", str(tmp_path_factory.mktemp("empty")))
    with pytest.raises(ValueError, match="all of it test; it has no train split"):
        load("train", str(folder))


@pytest.mark.skipif("TEXT2SQL_DATA" not in os.environ, reason="TEXT2SQL_DATA names no folder with defog/ in it")
def test_all_of_defog_loads():
    root = Path(os.environ["TEXT2SQL_DATA"]) / "defog"
    examples = load("test", str(root))
    assert (len(examples), sum(1 + len(e.other_golds) for e in examples)) == (117, 149)
    assert all(e.schema for e in examples) and len({e.schema_id for e in examples}) == 4
    postgres = load("test", str(root / "questions_gen_postgres.csv"))
    assert len(postgres) == 65 and not [e for e in postgres if "{" in e.gold_sql]
