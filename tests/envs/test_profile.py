"""What a look at a database finds, in SQLite and DuckDB, and what it says it did not look at."""

import json
import sqlite3
from pathlib import Path

import duckdb
import pytest

from envs.example import Database
from envs.profile import Limits, profile
from envs.profile.__main__ import main
from envs.profile.cached import cached_profile
from envs.profile.enriched import enriched
from envs.profile.formats import format_of
from envs.schema_styles import written

SCRIPT = """CREATE TABLE singer (id INTEGER, name VARCHAR, email VARCHAR, born VARCHAR, note VARCHAR);
INSERT INTO singer VALUES (1, 'Ann', 'ann@b.org', '1990-01-05', NULL), (2, 'Bo', 'bo@b.org', '1985-12-31', 'x'),
(3, 'Ann', 'c@d.com', '2001-06-07', 'y');
CREATE TABLE concert (concert_id INTEGER PRIMARY KEY, singer_id INTEGER, stars REAL);
INSERT INTO concert VALUES (10, 1, 0.5), (11, 1, 4.5), (12, 3, 2.0), (13, 9, 1.0);
CREATE TABLE song (song_id INTEGER PRIMARY KEY, singer_id INTEGER REFERENCES singer(id));
CREATE TABLE prize (singer_id INTEGER, year INTEGER);
INSERT INTO prize VALUES (1, 1999), (2, 1999), (1, 2003);
"""


@pytest.fixture(params=["sqlite", "duckdb"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    file = tmp_path / f"d.{request.param}"
    script = SCRIPT.replace("REFERENCES singer(id)", "") if request.param == "duckdb" else SCRIPT
    connection = sqlite3.connect(file) if request.param == "sqlite" else duckdb.connect(str(file))
    connection.executescript(script) if request.param == "sqlite" else connection.execute(script)
    connection.close()
    return Database(request.param, path=str(file))


def test_types_counts_ranges_formats_and_keys_are_found(database):
    _, found = profile(database)
    singer, concert = (next(table for table in found.tables if table.name == name) for name in ("singer", "concert"))
    name, email, born, note = singer.columns[1:]
    assert (singer.rows, singer.looked_at, singer.sampled, found.notes) == (3, 3, False, ())
    assert (name.distinct, name.top, name.unique) == (2, (("Ann", 2), ("Bo", 1)), False)
    assert (email.format, born.format, born.low, born.high) == ("email", "date YYYY-MM-DD", "1985-12-31", "2001-06-07")
    assert (note.nulls, note.unique) == (1, False) and singer.unique == ("id", "email", "born")
    assert (concert.primary, concert.columns[2].types) == (("concert_id",), {"real": 1.0})
    assert (concert.columns[2].low, concert.columns[2].high) == (0.5, 4.5)


def test_joins_that_nobody_declared_come_with_the_share_of_values_that_are_there(database):
    catalogue, found = profile(database)
    joins = {(one.table, one.to_table): (one.column, one.to_column, one.share, one.values) for one in found.joins}
    assert joins == {("prize", "singer"): ("singer_id", "id", 1.0, 2)}, "2 of 3 singers of concerts are there: too few"
    text = written(enriched(catalogue, found, {("singer", "name"): "as on stage"}))
    assert "CREATE TABLE prize (singer_id INTEGER REFERENCES singer(id)," in text
    assert "-- as on stage; e.g. 'Ann', 'Bo'" in text and "-- email" in text and "-- 1999 to 2003" in text


def test_what_is_too_large_is_sampled_and_said_so(database):
    _, found = profile(database, Limits(rows=2))
    singer = next(table for table in found.tables if table.name == "singer")
    assert singer.sampled and (singer.rows, singer.looked_at, singer.columns[1].distinct) == (3, 2, 2)
    assert "singer: 3 rows; what is said of its columns is of the first 2 rows that the engine found" in found.notes


def test_a_view_that_never_ends_and_a_table_that_takes_too_long_do_not_hang_it(tmp_path):
    file = tmp_path / "slow.sqlite"
    connection = sqlite3.connect(file)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
    connection.executescript(f"{SCRIPT} CREATE VIEW endless AS {endless}; CREATE TABLE large (id INT);")
    connection.executescript(f"INSERT INTO large {endless} LIMIT 2000000;")
    connection.close()
    _, found = profile(Database("sqlite", path=str(file)), Limits(rows=2_000_000, seconds=0.05))
    large = next(table for table in found.tables if table.name == "large")
    assert large.columns[0].unread.startswith("timeout") and any("not read: " in note for note in found.notes)


def test_the_command_keeps_what_it_found_until_the_file_changes(database, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("TEXT2SQL_CACHE", str(tmp_path / "cache"))
    out = tmp_path / "profile.json"
    assert main(["--database", str(database.path), "--output", str(out)]) == 0
    _, found = profile(database)
    assert json.loads(out.read_text()) == json.loads(json.dumps(found.as_json()))
    (kept,) = (tmp_path / "cache" / "profiles").iterdir()
    told = json.loads(kept.read_text())
    told["notes"] = ["kept"]
    kept.write_text(json.dumps(told))
    assert cached_profile(database).notes == ("kept",) and cached_profile(database).tables == found.tables
    if database.engine == "sqlite":
        connection = sqlite3.connect(str(database.path))
        connection.execute("INSERT INTO prize VALUES (3, 2024)")
        connection.commit()
        connection.close()
        assert cached_profile(database).tables[-1].rows == 4
    assert main(["--database", str(tmp_path / "none.sqlite")]) == 2
    assert "there is no file at" in capsys.readouterr().err


def test_a_form_is_named_where_nearly_all_texts_have_it():
    assert format_of(["2020-01-02"] * 19 + ["never"]) == "date YYYY-MM-DD" and format_of(["2020-01-02", "never"]) == ""
    assert format_of(["AB-12", "ZX-9"]) == "code" and format_of(["Ann", "Bo"]) == "" and format_of([" "]) == ""
