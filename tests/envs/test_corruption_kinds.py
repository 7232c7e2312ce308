"""Each kind of corruption makes these texts of this gold."""

import pytest

from envs.corruption import kinds
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
JOINED = "SELECT T1.name FROM singer AS T1 JOIN song AS T2 ON T1.singer_id = T2.singer_id WHERE T2.fee > 3"

CASES = {
    "added_distinct": [("SELECT name FROM singer", {"SELECT DISTINCT name FROM singer"})],
    "added_output": [
        (
            "SELECT name FROM singer ORDER BY age",
            {f"SELECT {shown} FROM singer ORDER BY age" for shown in ("age, name", "name, age")}
            | {f"SELECT {shown} FROM singer ORDER BY age" for shown in ("singer_id, name", "name, singer_id")},
        )
    ],
    "dropped_filter": [
        (
            "SELECT name FROM singer WHERE age > 3 AND name = 'x' ORDER BY age",
            {
                "SELECT name FROM singer ORDER BY age",
                "SELECT name FROM singer WHERE age > 3 ORDER BY age",
                "SELECT name FROM singer WHERE name = 'x' ORDER BY age",
            },
        ),
        ("select age from singer group by age having count(*)  >  1", {"select age from singer group by age"}),
    ],
    "dropped_join": [(JOINED, {"SELECT T1.name FROM singer AS T1 WHERE T2.fee > 3"})],
    "dropped_output": [("SELECT name, age FROM singer", {"SELECT name FROM singer", "SELECT age FROM singer"})],
    "flipped_filter": [
        ("SELECT name FROM singer WHERE age < 3", {"SELECT name FROM singer WHERE age > 3"}),
        ("SELECT name FROM singer WHERE age IS NULL", {"SELECT name FROM singer WHERE age IS NOT NULL"}),
        (
            "SELECT name FROM singer WHERE singer_id NOT IN (SELECT singer_id FROM song)",
            {"SELECT name FROM singer WHERE singer_id IN (SELECT singer_id FROM song)"},
        ),
        ("SELECT name FROM singer WHERE name LIKE 'A%'", {"SELECT name FROM singer WHERE name NOT LIKE 'A%'"}),
        (
            "SELECT name FROM singer WHERE name != 'x' OR age = 1",
            {
                "SELECT name FROM singer WHERE name = 'x' OR age = 1",
                "SELECT name FROM singer WHERE name != 'x' OR age != 1",
            },
        ),
    ],
    "invented_column": [
        (
            "SELECT age FROM singer",
            {f"SELECT {name} FROM singer" for name in ("ages", "age_singer", "age_name", "singer_age")},
        )
    ],
    "invented_table": [("SELECT age FROM singer", {f"SELECT age FROM {name}" for name in ("singers", "singer_song")})],
    "misplaced_column": [("SELECT age FROM singer", {"SELECT song_id FROM singer", "SELECT fee FROM singer"})],
    "missing_distinct": [
        ("SELECT DISTINCT name FROM singer", {"SELECT name FROM singer"}),
        ("select count( DISTINCT age) from singer", {"select count(age) from singer", "select count( *) from singer"}),
    ],
    "off_by_one_bound": [
        (
            "SELECT name FROM singer WHERE age >= 30",
            {f"SELECT name FROM singer WHERE age {bound}" for bound in ("> 30", ">= 29", ">= 31")},
        ),
        (
            "SELECT name FROM singer WHERE age BETWEEN 3 AND 5",
            {f"SELECT name FROM singer WHERE age BETWEEN {a} AND {b}" for a, b in ((2, 5), (4, 5), (3, 4), (3, 6))},
        ),
    ],
    "wrong_aggregate": [
        (
            "SELECT avg(age) FROM singer",
            {f"SELECT {name}(age) FROM singer" for name in ("sum", "max", "count")},
        )
    ],
    "wrong_alias": [
        (
            JOINED,
            {
                JOINED.replace("T1.name", "T2.name"),
                JOINED.replace("T1.singer_id", "T2.singer_id"),
                JOINED.replace("T2.singer_id", "T1.singer_id"),
                JOINED.replace("T2.fee", "T1.fee"),
            },
        )
    ],
    "wrong_arithmetic": [
        (
            "SELECT age - singer_id FROM singer",
            {"SELECT singer_id - age FROM singer", "SELECT age + singer_id FROM singer"},
        )
    ],
    "wrong_column": [("SELECT NAME FROM SINGER", {"SELECT SINGER_ID FROM SINGER", "SELECT AGE FROM SINGER"})],
    "wrong_connective": [
        ("SELECT name FROM singer WHERE age = 1 and age = 2", {"SELECT name FROM singer WHERE age = 1 or age = 2"})
    ],
    "wrong_grouping": [
        (
            "SELECT name, COUNT(*) FROM singer GROUP BY name ORDER BY 2",
            {f"SELECT name, COUNT(*) FROM singer{group} ORDER BY 2" for group in ("", " GROUP BY age")}
            | {"SELECT name, COUNT(*) FROM singer GROUP BY singer_id ORDER BY 2"},
        )
    ],
    "wrong_join_key": [
        (
            JOINED,
            {
                JOINED.replace("T1.singer_id", "T1.age"),
                JOINED.replace("T2.singer_id", "T2.song_id"),
                JOINED.replace("singer_id", "song_id"),
            },
        )
    ],
    "wrong_join_side": [(JOINED, {JOINED.replace("JOIN", "LEFT JOIN")})],
    "wrong_limit": [
        (
            "SELECT name FROM singer ORDER BY age LIMIT 3",
            {f"SELECT name FROM singer ORDER BY age{limit}" for limit in ("", " LIMIT 4", " LIMIT 2", " LIMIT 1")},
        )
    ],
    "wrong_order": [
        (
            "SELECT name FROM singer ORDER BY age DESC LIMIT 3",
            {
                f"SELECT name FROM singer{order} LIMIT 3"
                for order in ("", " ORDER BY age", " ORDER BY name DESC", " ORDER BY singer_id DESC")
            },
        ),
        (
            "SELECT name FROM singer ORDER BY age ASC",
            {
                f"SELECT name FROM singer{order}"
                for order in ("", " ORDER BY age DESC", " ORDER BY name ASC", " ORDER BY singer_id ASC")
            },
        ),
    ],
    "wrong_set_operation": [
        (
            "SELECT name FROM singer UNION SELECT age FROM singer ORDER BY 1",
            {
                f"SELECT name FROM singer {word} SELECT age FROM singer ORDER BY 1"
                for word in ("UNION ALL", "INTERSECT", "EXCEPT")
            }
            | {"SELECT name FROM singer ORDER BY 1", "SELECT age FROM singer ORDER BY 1"},
        )
    ],
    "wrong_table": [("SELECT singer_id FROM singer", {"SELECT singer_id FROM song"})],
    "wrong_value": [
        ("SELECT age FROM singer WHERE name = 'Ann'", {f"SELECT age FROM singer WHERE name = '{n}'" for n in _NEAR})
        for _NEAR in [("Bob", "Cy", "Di")]
    ],
}


def example(gold: str, name: str = "q") -> Example:
    return Example(name, "?", Database("sqlite", script=SCHEMA + ROWS), SCHEMA, "music", gold, "sqlite")


def made(asked: Example, profile: Profile, kind: str, seed: int = 0) -> set[str]:
    found = candidates(asked, profile, seed, house_habits([asked]), most=1000)
    return {text for text, by in found.texts.items() if by == kind}


@pytest.mark.parametrize("kind", kinds.NAMES)
def test_a_kind_makes_these_texts_and_no_others(kind):
    assert kind in CASES, f"kinds/{kind}.py has no case here"
    with SqlEnv([asked := example("SELECT 1")], workers=1) as env:
        for gold, wanted in CASES[kind]:
            asked = example(gold)
            env.use([asked])
            (profile,) = profiles([asked], env)
            assert made(asked, profile, kind) == wanted


def test_an_unknown_kind_lists_the_choices():
    with pytest.raises(ValueError, match=r"no corruption named 'typo'; envs/corruption/kinds/ has: .*wrong_table"):
        kinds.load("typo")
