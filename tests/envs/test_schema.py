import sqlite3

import pytest

from envs.example import Database
from envs.schema import schema_of, statements


def test_a_scripts_schema_is_what_it_creates_without_its_rows():
    script = """
        -- the shop; and more
        CREATE TABLE shop (id INTEGER PRIMARY KEY,
            name TEXT DEFAULT 'a;  b', -- who's; there
            "odd;name" REAL);
        INSERT INTO shop VALUES (1, 'CREATE TABLE fake (x);', 2.5);
        /* ; */ create view  cheap as select * from shop;
        CREATE INDEX i ON shop (name);
        ALTER TABLE shop ADD COLUMN city TEXT
    """
    assert schema_of(Database("sqlite", script=script)) == (
        "CREATE TABLE shop (id INTEGER PRIMARY KEY, name TEXT DEFAULT 'a;  b', -- who's; there\n"
        '"odd;name" REAL);\n'
        "create view cheap as select * from shop;\n"
        "ALTER TABLE shop ADD COLUMN city TEXT;"
    )


def test_the_schema_of_a_script_still_builds():
    script = "CREATE TABLE a (x INT, -- it's\n y TEXT);\nCREATE TABLE b(z INT /* ; */);INSERT INTO a VALUES (1, ';')"
    sqlite3.connect(":memory:").executescript(schema_of(Database("sqlite", script=script)))


@pytest.mark.parametrize("script", ["", ";;", "-- nothing", "SELECT 'open", "CREATE TABLE", "/*"])
def test_a_script_that_creates_nothing_has_an_empty_schema(script):
    assert schema_of(Database("sqlite", script=script)) == ""


def test_statements_end_at_semicolons_that_are_neither_text_nor_comment():
    assert list(statements("a ';' ; b /* ; */ c; -- ;\nd")) == ["a ';'", "b /* ; */ c", "d"]


def test_a_files_schema_is_one_line_a_table(tmp_path):
    path = tmp_path / "shop.sqlite"
    with sqlite3.connect(path) as connection:
        connection.executescript("CREATE TABLE shop (id integer primary key,\n  name varchar(20)); CREATE TABLE t (a)")
    connection.close()
    lines = schema_of(Database("sqlite", path=str(path))).splitlines()
    assert lines == ["CREATE TABLE shop (id INTEGER PRIMARY KEY, name VARCHAR(20));", "CREATE TABLE t (a);"]


def test_a_file_that_is_missing_or_no_database_is_said_in_a_sentence(tmp_path):
    (tmp_path / "notes.sqlite").write_text("these are notes, and not a database " * 20)
    with pytest.raises(FileNotFoundError, match=r"no database file at .*gone.sqlite"):
        schema_of(Database("sqlite", path=str(tmp_path / "gone.sqlite")))
    with pytest.raises(ValueError, match=r"notes.sqlite is not a database"):
        schema_of(Database("sqlite", path=str(tmp_path / "notes.sqlite")))
