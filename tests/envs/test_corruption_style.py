"""A corruption is written as its gold is, and where the gold does not show how, as most golds are."""

import pytest

from envs.corruption.candidates import candidates, house_habits
from envs.corruption.sampled import profiles
from envs.example import Database, Example
from envs.sql_env import SqlEnv
from envs.twins.records import Profile

SCHEMA = (
    "CREATE TABLE singer (singer_id INTEGER PRIMARY KEY, name TEXT, age INTEGER);\n"
    "CREATE TABLE song (song_id INTEGER PRIMARY KEY, singer_id INTEGER REFERENCES singer (singer_id), fee REAL);"
)
ROWS = (
    "INSERT INTO singer VALUES (1, 'Ann', 20), (2, 'Bob', 30), (3, 'Cy', 30), (4, 'Di', 41), (7, 'Ann', 9);"
    "INSERT INTO song VALUES (1, 1, 2.5), (2, 1, 3), (3, 2, 3), (4, 4, 8), (5, 4, 8);"
)


def example(gold: str, name: str = "q") -> Example:
    return Example(name, "?", Database("sqlite", script=SCHEMA + ROWS), SCHEMA, "music", gold, "sqlite")


def made(asked: Example, profile: Profile, kind: str, seed: int = 0) -> set[str]:
    found = candidates(asked, profile, seed, house_habits([asked]), most=1000)
    return {text for text, by in found.texts.items() if by == kind}


@pytest.mark.parametrize(
    ("gold", "kind", "text"),
    [
        (
            "select NAME\nfrom singer\nwhere age>3\nand age<9",
            "wrong_connective",
            "select NAME\nfrom singer\nwhere age>3\nor age<9",
        ),
        ("SELECT a.name /* who */ FROM singer a", "wrong_table", "SELECT a.name /* who */ FROM song a"),
        (
            'SELECT age FROM singer WHERE name  =  "Anna"',
            "wrong_value",
            'SELECT age FROM singer WHERE name  =  "Ann"',
        ),
        ("SELECT `age` FROM singer", "misplaced_column", "SELECT `fee` FROM singer"),
        (
            "select name , count(*) from singer group by name",
            "added_output",
            "select name , count(*) , age from singer group by name",
        ),
        (
            "SELECT a.name FROM singer a INNER JOIN song b USING (singer_id)",
            "dropped_join",
            "SELECT a.name FROM singer a",
        ),
        (
            "SELECT name FROM singer WHERE age = (SELECT max( age ) FROM singer)",
            "wrong_aggregate",
            "SELECT name FROM singer WHERE age = (SELECT min( age ) FROM singer)",
        ),
    ],
)
def test_what_a_mistake_leaves_alone_stays_to_the_letter(gold, kind, text):
    asked = example(gold)
    profile = profiles_of(asked)
    assert text in made(asked, profile, kind)


def profiles_of(asked: Example) -> Profile:
    with SqlEnv([asked], workers=1) as env:
        return profiles([asked], env)[0]


def test_what_a_gold_does_not_show_is_written_as_other_golds_are():
    shy = example("SELECT count(*) FROM singer WHERE age = 3")
    others = [example(f"SELECT age ,  name FROM singer WHERE age != {i}", f"o{i}") for i in range(3)]
    found = candidates(shy, profiles_of(shy), 0, house_habits([shy, *others]), most=1000).texts
    assert "SELECT count(*) FROM singer WHERE age != 3" in found
    assert all("<>" not in text for text in found)
    spaced = example("SELECT max(age) FROM singer")
    assert (
        "SELECT max(age) ,  name FROM singer"
        in candidates(spaced, profiles_of(spaced), 0, house_habits([spaced, *others]), most=1000).texts
    )
