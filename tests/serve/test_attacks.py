"""What somebody or a policy may try on a database, and the files that are none."""

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from policy.config_error import ConfigError
from serve.asker import Asker
from serve.database_file import database_at

from .conftest import shop_at

ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"
ATTACKS = {
    "DELETE FROM customers": "would change the database (delete)",
    "DROP TABLE orders": "would change the database (drop)",
    "INSERT INTO orders VALUES (9, 9, 9)": "would change the database (insert)",
    "WITH x AS (SELECT 1) INSERT INTO orders SELECT 9, 9, 9": "would change the database (insert)",
    "CREATE TABLE mine AS SELECT 1": "would change the database (create)",
    "ATTACH 'other.db' AS other": "reaches for other files (attach)",
    "PRAGMA writable_schema = 1": "a command to the database itself (pragma)",
    "SELECT 1; DROP TABLE orders": "2 statements",
    "EXPLAIN SELECT 1": "never allowed",
    "VACUUM INTO 'stolen.db'": "never allowed",
    ENDLESS: "stopped after 1 seconds",
    "SELECT load_extension('x')": "",
    "SELECT * FROM read_text('/etc/passwd')": "",
    "SELECT writefile('x', 'y')": "",
    "": "no query",
    "SELECT \0 1": "",
    "SELECT " + "(" * 5_000 + "1" + ")" * 5_000: "nests",
    "SELECT '" + "x" * 30_000 + "'": "longer than",
}


@pytest.mark.parametrize("sql", ATTACKS, ids=lambda sql: sql[:30] or "nothing")
def test_an_attack_ends_in_a_sentence_and_an_unchanged_file(asker: Asker, sql: str):
    path = Path(asker.database.path or "")
    before = path.read_bytes()
    answer = asker.run(sql)
    assert answer.error is not None and not answer.rows
    assert ATTACKS[sql] in answer.error and answer.error.endswith((".", "?)."))
    assert path.read_bytes() == before and sorted(os.listdir(path.parent)) == [path.name]


def test_a_huge_result_is_cut_and_says_so(asker: Asker):
    answer = asker.run("SELECT a.id FROM " + ", ".join(f"customers {alias}" for alias in "abcdefgh"))
    assert answer.error is None and answer.count is None and answer.capped
    assert len(answer.rows) == 100 and answer.columns == ("id",)
    assert "7 joins" in answer.checks


def test_a_long_value_is_cut(asker: Asker):
    value = "repeat('x', 9000)" if asker.database.engine == "duckdb" else "printf('%09000d', 1)"
    (row,) = asker.run(f"SELECT {value}").rows
    assert len(row[0]) < 3_000 and row[0].endswith("characters)")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "is not there"),
        (b"", "is empty"),
        (b"id,name\n1,Ann\n", "neither a SQLite nor a DuckDB file"),
    ],
)
def test_a_file_that_is_none_is_refused_before_a_policy_is_loaded(tmp_path: Path, content: bytes | None, why: str):
    path = tmp_path / "shop.sqlite"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=why):
        Asker("policy/no_such_policy", path)


def test_what_is_no_file_is_no_database(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    for path, why in (
        (tmp_path, "is a folder"),
        (tmp_path / "pipe", "is a pipe or a device"),
        ("x" * 5_000, "cannot be read: File name too long"),
        ("~nobody-of-that-name/x.sqlite", "nobody of that name"),
    ):
        with pytest.raises(ConfigError, match=why):
            database_at(path)


def test_a_damaged_file_is_refused(shop: Path):
    whole = shop.read_bytes()
    shop.write_bytes(whole[:16] + b"\xff" * 4_000)
    with pytest.raises(ConfigError, match="cannot be read"):
        Asker("policy/seedling", shop)


def test_a_database_without_tables_is_refused(tmp_path: Path):
    path = tmp_path / "empty.sqlite"
    with sqlite3.connect(path) as empty:
        empty.execute("PRAGMA user_version = 1")
    with pytest.raises(ConfigError, match="holds no table"):
        Asker("policy/seedling", path)


def test_a_locked_file_is_read_as_it_stands(tmp_path: Path):
    path = shop_at(tmp_path / "shop.sqlite")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with Asker("policy/seedling", path) as asker:
        assert asker.run("SELECT count(*) FROM customers").rows == ((5,),)
    other.close()


def test_a_duckdb_file_that_another_process_writes_to_is_told(tmp_path: Path):
    path = shop_at(tmp_path / "shop.duckdb")
    held = f"import duckdb, sys; c = duckdb.connect({str(path)!r}); print('open', flush=True); sys.stdin.read()"
    other = subprocess.Popen([sys.executable, "-c", held], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert other.stdout is not None and other.stdout.readline() == b"open\n"
        with pytest.raises(ConfigError, match=r"another program has .* open and writes to it"):
            Asker("policy/seedling", path)
    finally:
        other.communicate(b"")


def test_a_file_that_goes_away_is_told_and_found_again(tmp_path: Path):
    path = shop_at(tmp_path / "shop.sqlite")
    with Asker("policy/seedling", path) as asker:
        path.unlink()
        assert "no database file" in (asker.run("SELECT 1").error or "")
        with pytest.raises(ConfigError, match="no database file"):
            asker.ask("How many customers are there?")
        shop_at(path)
        assert asker.ask("How many customers are there?").rows == ((5,),)


def test_a_file_in_the_middle_of_a_change_is_not_read(tmp_path: Path):
    path = shop_at(tmp_path / "shop.sqlite")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA cache_size = 1")
    other.execute("BEGIN EXCLUSIVE")
    other.execute("WITH RECURSIVE c(x) AS (SELECT 9 UNION ALL SELECT x + 1 FROM c LIMIT 20000) "
                  "INSERT INTO orders SELECT x, x, x FROM c")  # fmt: skip
    with pytest.raises(ConfigError, match="in the middle of a change"):
        database_at(path)
    other.execute("ROLLBACK")
    database_at(path)
    other.close()


def test_a_log_that_was_not_written_back_is_told(tmp_path: Path):
    path = shop_at(tmp_path / "shop.sqlite")
    other = sqlite3.connect(path)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("DELETE FROM orders")
    other.commit()
    shutil.copy(path, tmp_path / "copy.sqlite")
    with pytest.raises(ConfigError, match="wal_checkpoint"):
        Asker("policy/seedling", path)
    other.close()
