import json
import sqlite3
from pathlib import Path

import pytest

from envs.annotated_schema import TABLE, annotated_schema
from envs.column_meanings import LENGTH, meanings_in
from envs.example import Database
from envs.listed_keys import Key, listed_in
from envs.schema import schema_of
from envs.table_line import TableLine


def made(folder: Path, script: str) -> Database:
    connection = sqlite3.connect(folder / "a.sqlite")
    connection.executescript(script)
    connection.close()
    return Database("sqlite", path=str(folder / "a.sqlite"))


DECLARED = """
CREATE TABLE schools (CDSCode TEXT PRIMARY KEY, "County (2)" varchar(20) NOT NULL, n DECIMAL(10, 2));
CREATE TABLE frpm (CDSCode TEXT, year INT, FOREIGN KEY (CDSCode) REFERENCES schools (CDSCode), PRIMARY KEY (CDSCode, year));
CREATE VIEW v AS SELECT year FROM frpm;
INSERT INTO schools VALUES ('01', 'Alameda; -- x', 2), ('02', 'Fresno', 3);
"""  # noqa: E501


def test_values_stand_in_comments_keys_are_kept_and_the_text_is_still_sql(tmp_path):
    schema = annotated_schema(made(tmp_path, DECLARED))
    assert schema == (
        "CREATE TABLE schools (CDSCode TEXT PRIMARY KEY, -- e.g. '01'\n"
        "\"County (2)\" VARCHAR(20), -- e.g. 'Alameda; -- x', 'Fresno'\n"
        "n DECIMAL(10, 2));\n"
        "CREATE TABLE frpm (CDSCode TEXT REFERENCES schools(CDSCode), year INT, PRIMARY KEY (CDSCode, year));\n"
        "CREATE VIEW v (year);"
    )
    sqlite3.connect(":memory:").executescript(schema.replace("CREATE VIEW v (year);", ""))


def test_without_a_word_to_say_it_is_the_plain_schema(tmp_path):
    database = made(tmp_path, DECLARED.partition("INSERT")[0])
    assert annotated_schema(database) == schema_of(database)


@pytest.mark.parametrize(
    "line", ["CREATE TABLE t (a INT, PRIMARY KEY (a, b))", 'CREATE TABLE "a(b,""c" ("d,(" X(1, 2))']
)
def test_a_line_taken_apart_is_the_same_line_again(line):
    assert TableLine.of(line).written() == f"{line};"


def test_listed_keys_are_written_where_the_database_declares_none(tmp_path):
    database = made(tmp_path, "CREATE TABLE Schools (CDSCode TEXT); CREATE TABLE frpm (cds TEXT, c TEXT);")
    keys = (Key("frpm", "CDS", "schools", "cdscode"), Key("frpm", "gone", "schools", "CDSCode"))
    assert annotated_schema(database, keys).splitlines() == [
        "CREATE TABLE Schools (CDSCode TEXT);",
        "CREATE TABLE frpm (cds TEXT REFERENCES Schools(CDSCode), c TEXT);",
    ]


def test_listed_keys_do_not_touch_a_database_that_declares_its_own(tmp_path):
    database = made(tmp_path, DECLARED)
    assert annotated_schema(database, (Key("frpm", "year", "schools", "n"),)) == annotated_schema(database)


def test_keys_are_listed_by_the_names_in_the_database_and_not_by_the_natural_ones(tmp_path):
    listed = {
        "db_id": "a",
        "table_names": ["free meals", "schools"],
        "table_names_original": ["frpm", "schools"],
        "column_names": [[-1, "*"], [0, "code"], [1, "code"]],
        "column_names_original": [[-1, "*"], [0, "CDSCode"], [1, "CDSCode"]],
        "foreign_keys": [[1, 2], [1, 9], [0, 2], [1, None]],
    }
    (tmp_path / "train_tables.json").write_text(json.dumps([listed]))
    assert listed_in(tmp_path / "train_tables.json") == {"a": (Key("frpm", "CDSCode", "schools", "CDSCode"),)}


def test_a_list_of_something_else_is_said_in_a_sentence(tmp_path):
    (tmp_path / "tables.json").write_text('[{"db_id": "a"}]')
    with pytest.raises(ValueError, match=r"tables.json, row 1: it needs table_names_original, a list"):
        listed_in(tmp_path / "tables.json")


def test_meanings_are_read_whatever_their_encoding_and_left_out_where_they_say_nothing(tmp_path):
    head = "original_column_name,column_name,column_description,data_format\n"
    (tmp_path / "City.csv").write_bytes(f"\ufeff{head}Zip,,Caf\u00e9s here,text\nCity,city,city,text\n".encode())
    (tmp_path / "frpm.csv").write_bytes(f'{head}Zip,," caf\u00e9s\n there ",text\nn,head count,,\n'.encode("latin-1"))
    (tmp_path / "cut.csv").write_bytes((f"{head}a,,{'long word ' * 20},\n" + 'b,,"open').encode())
    (tmp_path / "._City.csv").write_bytes(b"\x00\x05\x16\x07")
    found = dict(meanings_in(tmp_path))
    assert len(found["cut", "a"]) <= LENGTH and found.pop(("cut", "a")).endswith("long...")
    assert found.pop(("cut", "b")) == "open"
    assert found == {
        ("city", "zip"): "Caf\u00e9s here",
        ("frpm", "zip"): "caf\u00e9s there",
        ("frpm", "n"): "head count",
    }
    assert meanings_in(tmp_path / "gone") == {}


def test_a_meaning_stands_before_the_values(tmp_path):
    (tmp_path / "t.csv").write_text("original_column_name,column_description\nc,county of the school\n")
    database = made(tmp_path, "CREATE TABLE t (c TEXT); INSERT INTO t VALUES ('Alameda');")
    assert (
        annotated_schema(database, (), tmp_path) == "CREATE TABLE t (c TEXT -- county of the school; e.g. 'Alameda'\n);"
    )


A, B, C = (f"'{letter * 14}'" for letter in "xyz")


@pytest.mark.parametrize(
    ("columns", "comment"),
    [(4, f"said; e.g. {A}, {B}, {C}"), (33, f"e.g. {A}, {B}, {C}"), (60, f"e.g. {A}"), (200, "")],
)
def test_comments_of_a_wide_table_are_bounded(tmp_path, columns, comment):
    names = [f"c{i}" for i in range(columns)]
    (tmp_path / "t.csv").write_text("original_column_name,column_description\n" + "\n".join(f"{n},said" for n in names))
    script = f"CREATE TABLE t ({', '.join(f'{name} TEXT' for name in names)});"
    script += "".join(f"INSERT INTO t VALUES ({', '.join([value] * columns)});" for value in (A, B, C))
    schema = annotated_schema(made(tmp_path, script), (), tmp_path)
    comments = [line.partition(" -- ")[2] for line in schema.splitlines()]
    assert comments[0] == comment and sum(map(len, comments)) <= TABLE


def test_a_database_is_read_once_and_not_changed(tmp_path):
    database = made(tmp_path, DECLARED)
    before = Path(database.path).read_bytes()
    schema = annotated_schema(database)
    assert Path(database.path).read_bytes() == before and [file.name for file in tmp_path.iterdir()] == ["a.sqlite"]
    Path(database.path).unlink()
    assert annotated_schema(database) == schema


def test_what_is_no_database_is_said_in_a_sentence(tmp_path):
    (tmp_path / "notes.sqlite").write_text("these are notes " * 50)
    with pytest.raises(ValueError, match=r"notes.sqlite is not a database"):
        annotated_schema(Database("sqlite", path=str(tmp_path / "notes.sqlite")))


def test_names_and_types_that_hold_a_line_break_or_a_comment_leave_the_text_sql(tmp_path):
    script = """CREATE TABLE "a\nb" ("c\u2028d" TEXT, e "var\nchar", f [x -- y], g "it's"); CREATE TABLE t (a TEXT);"""
    schema = annotated_schema(made(tmp_path, script))
    assert schema == (
        'CREATE TABLE "a\nb" ("c\u2028d" TEXT, e VAR CHAR, f "X -- Y", g "IT\'S");\nCREATE TABLE t (a TEXT);'
    )
    assert schema_of(Database("sqlite", path=str(tmp_path / "a.sqlite"))) == schema
    sqlite3.connect(":memory:").executescript(schema)


def test_a_database_with_changes_in_a_log_beside_it_is_refused(tmp_path):
    connection = sqlite3.connect(tmp_path / "a.sqlite")
    connection.executescript("PRAGMA journal_mode = WAL; CREATE TABLE t (a TEXT);")
    with pytest.raises(ValueError, match=r"is not whole: a\.sqlite-wal"):
        annotated_schema(Database("sqlite", path=str(tmp_path / "a.sqlite")))
    connection.close()
    assert annotated_schema(Database("sqlite", path=str(tmp_path / "a.sqlite"))) == "CREATE TABLE t (a TEXT);"


def test_a_description_that_cannot_be_opened_is_passed_over(tmp_path):
    (tmp_path / "t.csv").mkdir()
    assert meanings_in(tmp_path) == {}
