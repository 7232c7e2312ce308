"""What is shown beside a question: by default nothing; shots that give nothing away; the part of a schema it needs."""

import gzip
import os
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from envs.catalogue_text import catalogue_of
from envs.example import Database, Example
from envs.filtering.cached_values import cached_values
from envs.presentation import Presentation, presented
from envs.presentation.masked import COLUMN, TABLE, VALUE, masked
from envs.presentation.shots import Shots
from envs.prompt import STYLES, messages
from envs.tasks import load

SCHEMA = "CREATE TABLE {t} (id INTEGER PRIMARY KEY, country TEXT, age INTEGER);"


def example(name: str, question: str, gold: str, of: str = "boats", table: str = "boats") -> Example:
    schema = SCHEMA.format(t=table)
    return Example(name, question, Database("sqlite", script=schema), schema, of, gold, "sqlite")


TRAIN = [
    example(
        "a", "How many singers are from France?", "SELECT count(*) FROM singers WHERE country = 'FR'", "s", "singers"
    ),
    example("b", "List the ages of all singers.", "SELECT age FROM singers", "s", "singers"),
    example("c", "Show each age of the singers.", "select age from singers;", "s", "singers"),
    example("d", "What is the greatest age of a cook?", "SELECT max(age) FROM cooks", "c", "cooks"),
    example("e", "How many cooks are there?", "SELECT count(*) FROM cooks", "c", "cooks"),
    example("f", "Who is it?", "no query that can be read (", "c", "cooks"),
]
ASKED = example("z", "How many boats are from 'Spain'?", "SELECT count(*) FROM boats WHERE country = 'ES'")


def test_a_question_without_what_it_is_about_is_its_way_of_asking():
    one = masked(ASKED.question, ASKED.schema)
    assert one == masked(TRAIN[0].question, TRAIN[0].schema) == ["how", "mani", TABLE, "are", "from", VALUE, "?"]
    assert masked("boats older than age 30", ASKED.schema) == [TABLE, "older", "than", COLUMN, VALUE]


def test_shots_ask_most_alike_and_are_the_same_every_time():
    shots = Shots(TRAIN)(ASKED, 2)
    assert [one.gold_sql for one in shots] == [TRAIN[0].gold_sql, TRAIN[4].gold_sql]
    assert shots[0].schema == "singers(id*: INTEGER, country: TEXT, age: INTEGER)"
    assert Shots(TRAIN)(ASKED, 2) == shots
    fixed = Shots(TRAIN, similar=False)
    assert fixed(ASKED, 3) == fixed(replace(ASKED, question="List all."), 3) and len(fixed(ASKED, 3)) == 3


def test_no_shot_is_the_question_or_has_its_gold_or_cannot_be_read():
    shots = Shots(TRAIN)
    for one in TRAIN[:5]:
        for shot in shots(one, 9):
            assert shot.question != one.question and shot.gold_sql.lower().rstrip(";") != one.gold_sql.lower().rstrip(
                ";"
            )
    assert "no query" not in str(shots(ASKED, 9)) and len(shots(ASKED, 9)) == 4, "one gold in two styles is one shot"
    again = example("y", TRAIN[0].question.upper(), "SELECT 1")
    assert TRAIN[0].gold_sql not in {one.gold_sql for one in shots(again, 9)}
    alike = example("y", "What else?", "SELECT  MAX(age)  FROM cooks;")
    assert TRAIN[3].gold_sql not in {one.gold_sql for one in shots(alike, 9)}


def test_a_question_of_the_train_split_gets_shots_of_other_databases_only():
    assert {one.schema.partition("(")[0] for one in Shots(TRAIN)(TRAIN[1], 9)} == {"cooks"}
    (first, *_) = Shots(TRAIN)(example("z", "List the ages of all boats.", "SELECT 1", "s", "singers"), 3)
    assert first.gold_sql == TRAIN[1].gold_sql and not first.schema, "its schema stands in the prompt already"
    alone = [one for one in TRAIN if one.schema_id == "s"]
    assert len(Shots(alone)(alone[1], 9)) == 1, "a task about one database has no other"


@pytest.mark.parametrize("style", STYLES)
def test_shots_stand_after_the_schema_the_most_alike_last_answered_as_the_style_asks(style):
    (shown,) = presented([ASKED], Presentation(shots=2), Shots(TRAIN)).examples
    system, user = messages(shown, style)
    bare, _ = messages(ASKED, style)
    assert user["content"] == ASKED.question and system["content"].startswith(f"{bare['content']}\n\n")
    first, last = (system["content"].index(TRAIN[i].gold_sql) for i in (4, 0))
    assert len(bare["content"]) < first < last
    assert ("```sql\n" + TRAIN[0].gold_sql in system["content"]) == (style != "strict")
    assert ("Tables: singers" in system["content"]) == (style == "steps")
    assert ASKED.gold_sql not in str(messages(shown, style))


def test_by_default_no_byte_of_a_prompt_changes_and_a_budget_that_suffices_changes_none_either():
    some = load("worlds", "test")[:40]
    assert presented(some, Presentation()).examples == some
    wide = presented(some, Presentation(schema_tokens=10_000))
    assert [messages(one) for one in wide.examples] == [messages(one) for one in some]
    assert (wide.cut, wide.read, wide.kept) == (0, 40, 40)
    compact = Presentation(schema_style="compact")
    assert [one.shown for one in presented(some, compact).examples] == [
        one.shown for one in presented(some, replace(compact, schema_tokens=10_000)).examples
    ]


def test_a_budget_shows_the_tables_that_a_question_needs_and_says_what_it_cost():
    some = load("worlds", "test")[:200]
    how = Presentation(schema_tokens=70)
    found = presented(some, how)
    assert found == presented(list(some), how), "the same every time"
    assert found.cut > 100 and found.read == 200 and 0 < found.kept < 200
    for one, before in zip(found.examples, some, strict=True):
        assert one.schema == before.schema and len(one.shown) <= len(before.schema)
    lost = [one for one in found.examples if one.shown and one.shown != one.schema]
    taught = presented(some, how, keep_gold=True)
    assert (taught.read, taught.kept) == (found.read, found.kept), "what is put back does not count as kept"
    tables = {one.id: one.shown.count("CREATE TABLE") for one in taught.examples}
    assert sum(tables[one.id] > one.shown.count("CREATE TABLE") for one in lost) >= found.read - found.kept


def test_a_gold_that_names_what_was_cut_has_it_back_where_it_is_taught():
    schema = SCHEMA.format(t="boats") + "\nCREATE TABLE planes (wings INTEGER);"
    one = replace(ASKED, schema=schema, database=Database("sqlite", script=schema), gold_sql="SELECT wings FROM planes")
    asked, taught = (presented([one], Presentation(schema_tokens=18), keep_gold=keep) for keep in (False, True))
    assert "planes" not in asked.examples[0].shown and "boats" in asked.examples[0].shown
    assert taught.examples[0].shown.count("CREATE TABLE") == 2 and asked.kept == taught.kept == 0


def test_what_a_file_holds_is_read_once_and_read_again_when_it_changed(tmp_path):
    file = tmp_path / "a.sqlite"
    connection = sqlite3.connect(file)
    connection.executescript(SCHEMA.format(t="boats") + "INSERT INTO boats VALUES (1, 'España', 7);")
    catalogue, database = catalogue_of(ASKED.schema), Database("sqlite", path=str(file))
    first = cached_values(database, catalogue, tmp_path / "cache")
    assert first[0, 1] == ["España"]
    (kept,) = (tmp_path / "cache").iterdir()
    kept.write_bytes(gzip.compress(b'[[0, 1, ["kept"]]]'))
    assert cached_values(database, catalogue, tmp_path / "cache") == {(0, 1): ["kept"]}
    connection.executescript("INSERT INTO boats SELECT id + 1, 'Perú' || id, 1 FROM boats;")
    connection.close()
    assert "Perú1" in cached_values(database, catalogue, tmp_path / "cache")[0, 1]
    kept.write_bytes(b"torn")
    assert cached_values(database, catalogue, tmp_path / "cache")[0, 1] == ["España", "Perú1"]


def test_where_no_table_fits_the_best_is_shown():
    (shown,) = presented([ASKED], Presentation(schema_tokens=1)).examples
    assert shown.shown.startswith("CREATE TABLE boats")


def test_notes_say_what_the_database_holds_in_any_style_and_only_in_the_prompt():
    script = SCHEMA.format(t="boats") + "INSERT INTO boats VALUES (1, 'ES', 7), (2, 'ES', 60), (3, 'FR', 60);"
    one = replace(ASKED, database=Database("sqlite", script=script))
    for style in ("ddl", "m_schema"):
        (shown,) = presented([one], Presentation(style, schema_notes="profile")).examples
        assert "7 to 60" in shown.shown and "'ES'" in shown.shown and shown.schema == one.schema
    with pytest.raises(ValueError, match="summaries of columns are of database files"):
        presented([one], Presentation(schema_notes="summaries"))


def test_a_file_that_changed_is_ranked_styled_and_noted_by_what_it_holds_now(tmp_path):
    file = tmp_path / "a.sqlite"
    tables = [SCHEMA.format(t=table) for table in ("boats", "planes")]
    one = replace(
        example("y", "Which of them are Peruvian?", "", table="boats"),
        schema="\n".join(tables),
        database=Database("sqlite", path=str(file)),
    )
    cut, styled = Presentation(schema_tokens=20), Presentation("m_schema")
    noted = Presentation("m_schema", schema_notes="profile")
    shown: list[tuple[str, str, str]] = []
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript("".join(tables))
        for time, (table, other) in enumerate([("boats", "planes"), ("planes", "boats")]):
            connection.executescript(f"DELETE FROM {other}; INSERT INTO {table} VALUES (1, 'Peruvian', 7);")
            os.utime(file, ns=(time, time))
            shown.append(tuple(presented([one], how).examples[0].shown for how in (cut, noted, styled)))
    (first, first_noted, first_styled), (then, then_noted, then_styled) = shown
    assert first.startswith("CREATE TABLE boats") and then.startswith("CREATE TABLE planes")
    for before, after in ((first_noted, then_noted), (first_styled, then_styled)):
        assert before.index("Peruvian") < before.index("planes") < after.index("Peruvian")
