"""Sentences about columns, asked of a real server: once each, within a budget, and into prompts."""

import sqlite3

import pytest

from envs.example import Database, Example
from envs.presentation import Presentation, presented
from envs.profile.summaries import read, summaries_file
from policy.config_error import ConfigError
from policy.endpoint import asker
from policy.endpoint.ask import sent_beside
from serve.column_summaries import main, summary_of

from ..endpoint_proxy import MODEL, lines


@pytest.fixture
def database(tmp_path, monkeypatch):
    monkeypatch.setattr(asker, "FIRST_BACK_OFF", 0.05)
    monkeypatch.setenv("TEXT2SQL_CACHE", str(tmp_path / "cache"))
    file = tmp_path / "shop.sqlite"
    connection = sqlite3.connect(file)
    connection.executescript("CREATE TABLE boats (id INTEGER PRIMARY KEY, name TEXT); CREATE VIEW v AS SELECT 1 AS x;")
    connection.close()
    return Database("sqlite", path=str(file))


def typed(proxy, database, *more):
    told = ["--database", database.path, "--policy", MODEL, "--server_url", proxy.url, "--key_env", ""]
    return [*told, "--max_new_tokens", "12", "--at_once", "1", *more]


def test_every_column_is_asked_for_once_and_goes_on_after_a_budget(proxy, database):
    example = Example("1", "q", database, "CREATE TABLE boats (id INTEGER PRIMARY KEY, name TEXT);", "d", "", "sqlite")
    with pytest.raises(ValueError, match="nobody has summarised the columns"):
        presented([example], Presentation(schema_notes="summaries"))
    assert main(typed(proxy, database, "--most_requests", "1")) == 0
    file = summaries_file(database)
    assert [(row["table"], row["column"]) for row in lines(file)] == [("boats", "id")]
    first = file.read_text()
    assert main(typed(proxy, database)) == 0
    assert [row["column"] for row in lines(file)] == ["id", "name"] and file.read_text().startswith(first)
    assert main(typed(proxy, database)) == 0 and len(lines(file)) == 2 and not sent_beside(file).exists()
    file.write_text(file.read_text() + '{"table": "BOATS", "column": "Name", "summary": "What is painted on it"}\n')
    assert read(database)["boats", "name"] == "What is painted on it"
    assert main(typed(proxy, database)) == 0, "what a person wrote cost nothing"
    (shown,) = presented([example], Presentation(schema_notes="summaries")).examples
    assert "-- What is painted on it" in shown.shown


def test_a_summary_is_one_short_line():
    assert summary_of("\n The name,  e.g. Ann \nand more") == "The name, such as Ann"
    assert len(summary_of("word " * 100)) <= 160


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "a.txt").write_text("")
    with pytest.raises(ConfigError, match=r"ends in none of \.sqlite"):
        main(["--database", str(tmp_path / "a.txt"), "--policy", "m", "--server_url", "http://127.0.0.1:9/v1"])
