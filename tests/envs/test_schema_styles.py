"""One record, several styles; the default style is the text that came, to the byte."""

import os
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from envs.catalogue_text import catalogue_of
from envs.example import Database, Example
from envs.prompt import messages
from envs.schema_styles import NAMES, ddl, shown_in, written
from envs.tasks import load
from policy.questions import load_splits, load_validation
from policy.task_fields import TaskFields

TEXT = """CREATE TABLE schools (id INTEGER PRIMARY KEY, -- e.g. '011', 'a, b'
"full name" TEXT, -- of the school; as on its door; e.g. 'it''s'
city INTEGER REFERENCES cities(id), kind VARCHAR(10));
CREATE TABLE cities (id INTEGER PRIMARY KEY, "order" TEXT, -- its rank
state TEXT);
CREATE TABLE taught (school INTEGER, city INTEGER, n INTEGER, PRIMARY KEY (school, city), FOREIGN KEY (school, city) \
REFERENCES schools(id, city));
CREATE VIEW big (id, "full name");"""

COMPACT = """schools(id*: INTEGER, "full name": TEXT, city: INTEGER > cities.id, kind: VARCHAR)
cities(id*: INTEGER, "order": TEXT, state: TEXT)
taught(school*: INTEGER, city*: INTEGER, n: INTEGER) (school, city) > schools(id, city)
big(id, "full name")"""

M_SCHEMA = """【Schema】
# Table: schools
[
(id:INTEGER, Primary Key, Examples: ['011', 'a, b']),
("full name":TEXT, of the school; as on its door, Examples: ['it''s']),
(city:INTEGER),
(kind:VARCHAR(10))
]
# Table: cities
[
(id:INTEGER, Primary Key),
("order":TEXT, its rank),
(state:TEXT)
]"""


def example(schema: str, database: Database | None = None) -> Example:
    return Example("1", "How many?", database or Database("sqlite", script=""), schema, "d", "SELECT 1", "sqlite")


def test_ddl_is_the_text_that_came_and_every_style_says_its_keys():
    assert written(catalogue_of(TEXT)) == TEXT
    assert written(catalogue_of(TEXT), "compact") == COMPACT
    told = written(catalogue_of(TEXT), "m_schema")
    assert told.startswith(M_SCHEMA)
    assert told.endswith("schools.city=cities.id\ntaught.school=schools.id\ntaught.city=schools.city")


def test_a_style_is_of_the_prompt_alone_and_the_default_changes_no_byte_of_it():
    first = example(TEXT)
    (styled,) = shown_in([first], "compact")
    assert styled.schema == TEXT and messages(styled)[0]["content"].endswith(COMPACT)
    assert shown_in([first]) == [first] and messages(first)[0]["content"].endswith("\n\n" + TEXT)
    (odd,) = shown_in([example("no schema at all")], "m_schema")
    assert messages(odd)[0]["content"].endswith("no schema at all")


def test_m_schema_brings_values_from_the_database_where_the_text_has_none():
    script = "CREATE TABLE t (a TEXT, b INT); INSERT INTO t VALUES ('Linz', 5), ('Graz', 6);"
    (styled,) = shown_in([example("CREATE TABLE t (a TEXT, b INT);", Database("sqlite", script=script))], "m_schema")
    assert "(a:TEXT, Examples: ['Graz', 'Linz'])" in styled.shown


def test_the_key_of_a_config_offers_the_files_that_there_are():
    (literal,) = (
        one for one in get_args(get_type_hints(TaskFields, include_extras=True)["schema_style"]) if get_args(one)
    )
    assert sorted(get_args(literal)) == NAMES and TaskFields("worlds").schema_style == "ddl"
    with pytest.raises(
        ValueError, match="no schema style named 'xml'; envs/schema_styles/ has: compact, ddl, m_schema"
    ):
        written(catalogue_of(TEXT), "xml")


def test_training_commands_show_what_the_key_says_and_shipped_configs_leave_it_out():
    run = TaskFields("storefront", schema_style="compact", train_size=5, held_out_size=5)
    splits = load_splits(run, seed=0)
    shown = [one.shown for one in (*splits.train, *splits.held_out, *load_validation(run, [], 3))]
    assert len(shown) == 13 and all(text.startswith("customers(customer_id*: INTEGER, ") for text in shown)
    assert not any(one.shown for one in load_splits(TaskFields("storefront", train_size=5), seed=0).train)
    configs = (Path(__file__).parent.parent.parent / "configs").rglob("*.yaml")
    assert not [file for file in configs if "schema_style" in file.read_text(encoding="utf-8")]


def test_schemas_of_bundled_tasks_can_be_read():
    texts = {example.schema for example in load("worlds", "test")}
    assert texts and all(ddl.write(catalogue_of(text)) == text for text in texts)
    tables = {table.plain: table for table in catalogue_of(load("storefront", "test")[0].schema).tables}
    assert len(tables) == 7 and tables["churn_predictions"].columns[-1].meaning == "NULL until known"


@pytest.mark.skipif("TEXT2SQL_DATA" not in os.environ, reason="TEXT2SQL_DATA names no folder with spider_train/ in it")
def test_all_schemas_of_spider_survive_it_too():
    file = Path(os.environ["TEXT2SQL_DATA"]) / "spider_train" / "train_spider.json"
    texts = {example.schema for example in load("spider", "train", str(file))}
    assert len(texts) > 100 and all(ddl.write(catalogue_of(text)) == text for text in texts if text)
