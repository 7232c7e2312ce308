import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from envs.tasks.geoquery import filled, load

SPLITS = ("train", "validation", "test")


def asked(text: str, split: str = "train", **values: str) -> dict[str, Any]:
    return {"text": text, "question-split": split, "variables": values}


def query(split: str, *sqls: str, sentences: list[dict[str, Any]], **variables: str) -> dict[str, Any]:
    declared = [{"name": name, "example": example, "location": "both"} for name, example in variables.items()]
    return {"query-split": split, "sql": list(sqls), "sentences": sentences, "variables": declared}


RIVERS = query(
    "train",
    'SELECT r FROM t WHERE s = "state_name0" ;',
    'SELECT r FROM t WHERE "state_name0" = s ;',
    sentences=[asked("what's in state_name0 , not state_name01", state_name0="utah"), asked("and", "test")],
    state_name0="ohio",
)
HELD = [query(split, f"SELECT {i}", sentences=[asked(f"q{i}")]) for i, split in enumerate(("dev", "test", "test"))]


def write(folder: Path, rows: list[dict[str, Any]]) -> str:
    (folder / "geography.json").write_text(json.dumps(rows))
    return str(folder)


@pytest.fixture
def folder(tmp_path) -> str:
    connection = sqlite3.connect(tmp_path / "geography-db.sqlite")
    connection.executescript("CREATE TABLE t (r TEXT, s TEXT);")
    connection.close()
    return write(tmp_path, [RIVERS, *HELD])


def test_variables_are_filled_in_the_question_and_in_every_gold(folder):
    first, _ = load("train", folder)
    assert (first.id, first.question) == ("geoquery-1-1", "what's in utah , not state_name01")
    assert first.gold_sql == 'SELECT r FROM t WHERE s = "utah" ;'
    assert first.other_golds == ('SELECT r FROM t WHERE "utah" = s ;',)
    assert (first.schema, first.schema_id) == ("CREATE TABLE t (r TEXT, s TEXT);", "geography")


def test_a_variable_without_a_value_takes_the_example_given_with_it(folder):
    assert load("train", folder)[1].gold_sql == 'SELECT r FROM t WHERE s = "ohio" ;'


@pytest.mark.parametrize(
    ("sql", "sql_filled"),
    [('a = "x"', 'a = "O""Hare\'s"'), ("a = 'x'", "a = 'O\"Hare''s'"), ("a = 'x' AND x1", "a = 'O\"Hare''s' AND x1")],
)
def test_a_quote_in_a_value_does_not_end_the_text_it_stands_in(sql, sql_filled):
    assert filled(sql, {"x": "O\"Hare's"}) == sql_filled


def test_the_published_query_split_decides_and_the_question_split_is_only_told(folder):
    assert [[e.id for e in load(split, folder)] for split in SPLITS] == [
        ["geoquery-1-1", "geoquery-1-2"],
        ["geoquery-2-1"],
        ["geoquery-3-1", "geoquery-4-1"],
    ]
    assert [e.category for e in load("train", folder)] == ["question split train", "question split test"]


def test_a_missing_database_leaves_the_examples_without_a_schema(tmp_path):
    example = load("train", write(tmp_path, [RIVERS]))[0]
    assert example.schema == "" and example.database.path.endswith("geography-db.sqlite")


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (RIVERS | {"query-split": "exclude"}, "row 1: query-split 'exclude' is none of train, dev, test"),
        (RIVERS | {"sql": []}, "row 1: it needs sql, a list with something in it"),
        (RIVERS | {"sql": [1]}, "row 1: its sql is not a list of queries"),
        (RIVERS | {"sentences": []}, "row 1: it needs sentences"),
        (RIVERS | {"sentences": ["q"]}, "row 1: sentence 1 is a str and not an object"),
        (RIVERS | {"sentences": [asked("")]}, "row 1, sentence 1: it needs text"),
        (RIVERS | {"variables": [{"name": "city"}]}, "row 1, sentence 1: the variable city has no value"),
    ],
)
def test_what_is_wrong_with_a_row_is_said_with_its_place_whatever_split_was_asked_for(tmp_path, row, sentence):
    with pytest.raises(ValueError, match=f"geography.json, {sentence}"):
        load("test", write(tmp_path, [row, *HELD]))


def test_a_bad_path_is_said_in_a_sentence(tmp_path):
    with pytest.raises(ValueError, match="needs task_path"):
        load("train")
    with pytest.raises(FileNotFoundError, match="gone does not exist"):
        load("train", str(tmp_path / "gone"))
    with pytest.raises(ValueError, match="has no validation split"):
        load("validation", write(tmp_path, [RIVERS]))
    for name in ("geography-db.sqlite", "geography-db.added-in-2020.sqlite"):
        (tmp_path / name).touch()
    with pytest.raises(ValueError, match="keep the one the questions are about"):
        load("train", str(tmp_path))


@pytest.mark.skipif("TEXT2SQL_DATA" not in os.environ, reason="TEXT2SQL_DATA names no folder with geoquery/ in it")
def test_all_of_geoquery_loads_and_a_gold_of_test_is_in_no_other_split():
    splits = [load(split, str(Path(os.environ["TEXT2SQL_DATA"]) / "geoquery")) for split in SPLITS]
    assert [len(split) for split in splits] == [536, 159, 182]  # 877 questions
    golds = [{" ".join(e.gold_sql.split()) for e in split} for split in splits]
    assert not golds[2] & (golds[0] | golds[1])
    assert len(golds[0] & golds[1]) == 1  # the publisher's own: it stands in train and in dev
    assert not [e for split in splits for e in split if "_name0" in e.question + "".join((e.gold_sql, *e.other_golds))]
