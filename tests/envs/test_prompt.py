from dataclasses import replace

import pytest

from envs.example import Database, Example
from envs.prompt import STYLES, answer, messages

EXAMPLE = Example(
    id="1",
    question="Who is {over} 30?",
    database=Database("sqlite", script="CREATE TABLE t (a);"),
    schema="singer(name TEXT DEFAULT '{}', age INTEGER)",
    schema_id="singer",
    gold_sql="SELECT name\nFROM singer WHERE note = 'a;b' ; ",
    dialect="sqlite",
)


def test_the_strict_prompt_is_these_words_and_no_more():
    assert messages(EXAMPLE) == [
        {"role": "system", "content": f"Write one SQLite query and nothing else.\n\n{EXAMPLE.schema}"},
        {"role": "user", "content": "Who is {over} 30?"},
    ]


@pytest.mark.parametrize(("dialect", "name"), [("sqlite", "SQLite"), ("duckdb", "DuckDB"), ("postgres", "PostgreSQL")])
@pytest.mark.parametrize("style", STYLES)
def test_the_dialect_goes_by_the_name_people_use(style, dialect, name):
    assert f"one {name} query" in messages(replace(EXAMPLE, dialect=dialect), style)[0]["content"]


@pytest.mark.parametrize("style", STYLES)
def test_several_turns_are_announced_and_one_changes_no_word(style):
    assert messages(EXAMPLE, style, turns=1) == messages(EXAMPLE, style)
    once, often = messages(EXAMPLE, style)[0]["content"], messages(EXAMPLE, style, turns=3)[0]["content"]
    said = often.replace(EXAMPLE.schema, "").strip()
    assert "DONE" in said and "3 queries" in said
    assert often.startswith(once.partition("\n\n")[0]) and often.endswith(EXAMPLE.schema)


def test_evidence_stands_with_the_question():
    user = messages(replace(EXAMPLE, evidence="adults are over 17"))[1]
    assert user["content"].startswith(EXAMPLE.question) and "adults are over 17" in user["content"]


def test_the_gold_never_reaches_the_prompt():
    for style in STYLES:
        assert "FROM singer" not in str(messages(EXAMPLE, style))


def test_the_answer_is_the_gold_text_without_its_last_semicolon():
    assert answer(EXAMPLE) == [{"role": "assistant", "content": "SELECT name\nFROM singer WHERE note = 'a;b'"}]


def test_the_loose_answer_is_fenced_as_the_loose_prompt_asks():
    assert "```sql fence" in messages(EXAMPLE, "loose")[0]["content"]
    content = answer(EXAMPLE, "loose")[0]["content"]
    assert content.startswith("```sql\nSELECT name\n") and content.endswith("\n```")


def test_an_unknown_style_or_dialect_names_the_choices():
    with pytest.raises(ValueError, match="strict, loose"):
        messages(EXAMPLE, "chatty")
    with pytest.raises(ValueError, match="sqlite, duckdb, postgres"):
        messages(replace(EXAMPLE, dialect="oracle"))
