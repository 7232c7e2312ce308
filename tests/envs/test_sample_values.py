import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from envs.engines.sqlite import open_database
from envs.example import Database
from envs.sample_values import ROWS, sample_values
from envs.table_line import TableLine


def samples(folder: Path, declared: str, values: Sequence[Any], type_of: str = "?") -> tuple[str, ...]:
    """What the first column of a table with these values shows."""
    with sqlite3.connect(folder / "a.sqlite") as connection:
        connection.execute(f"CREATE TABLE t ({declared})")
        connection.executemany(f"INSERT INTO t VALUES ({type_of})", [(value,) for value in values])
    connection.close()
    opened = open_database(Database("sqlite", path=str(folder / "a.sqlite")))
    try:
        return sample_values(opened, TableLine.of(opened.schema().splitlines()[0]))[0]
    finally:
        opened.close()


@pytest.mark.parametrize(
    ("declared", "values", "shown"),
    [
        ("city TEXT", ["Ulm", "Bonn", "Ulm", "Kiel", "Aalen"], ("'Ulm'", "'Aalen'", "'Bonn'")),
        ("name TEXT", ["O'Hara", "two\r\nlines", "x\tx"], ("'O''Hara'", "'two lines'", "'x x'")),
        ("name TEXT", ["", "  ", None, "A"], ("'A'",)),
        ("note TEXT", ["x" * 41, "y" * 40], (f"'{'x' * 37}...'",)),
        ("note TEXT", ["x" * 40, "y"], (f"'{'x' * 40}'", "'y'")),
        ("day DATE", ["2014-01-01", "2015-01-01", "2016-01-01", "2017-01-01"], ("'2014-01-01'",)),
        ("code TEXT", ["1", "2", "1"], ("'1'", "'2'")),
        ("flag INTEGER", [0, 1] * 5, ("0", "1")),
        ("flag INTEGER", [0, 1] * 4, ()),
        ("amount REAL", [1.5, 2.5, 3.5, 4.5] * 5, ()),
        ("paid INTEGER", [0, 1] * 5, ("0", "1")),
        ("shopId INTEGER", [0, 1] * 5, ()),
        ('"shop id" INTEGER', [0, 1] * 5, ()),
        ("id TEXT", ["TR1", "TR2"], ("'TR1'",)),
        ("code TEXT PRIMARY KEY", ["USA", "UK"], ("'UK'",)),
        ("code TEXT REFERENCES countries(code)", ["USA", "UK"], ()),
        ("uuid TEXT", ["6fa459ea-ee8a-3ca4-894e-db77e160355e"], ()),
        ("photo BLOB", [b"PNG"] * 10, ()),
        ("mixed", ["a", "b", 1, 2, 3], ()),
        ("empty TEXT", [None], ()),
        ("empty TEXT", [], ()),
    ],
)
def test_a_column_shows_what_the_rule_says(tmp_path, declared, values, shown):
    assert samples(tmp_path, declared, values) == shown


def test_text_that_is_not_utf8_is_shown_as_far_as_it_is(tmp_path):
    assert samples(tmp_path, "name TEXT", [b"Z\xfcrich"] * 2, "CAST(? AS TEXT)") == ("'Z rich'",)


def test_no_more_than_the_first_rows_of_a_table_are_read(tmp_path):
    values = ["first"] * (ROWS - 1) + ["last"] + ["later"] * ROWS
    assert samples(tmp_path, "name TEXT", values) == ("'first'", "'last'")


def test_a_table_that_cannot_be_read_shows_nothing():
    opened = open_database(Database("sqlite", script="CREATE TABLE t (a TEXT)"))
    assert sample_values(opened, TableLine("gone", ("a TEXT", "b TEXT"))) == [(), ()]
    opened.close()
