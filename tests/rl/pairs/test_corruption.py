"""A corruption is one mistake in the gold's own text, and it is wrong."""

import os
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from envs import gate, tasks
from envs.example import Database, Example
from envs.sql_env import SqlEnv
from envs.twins.records import Profile
from rl.pairs.corruption import corrupted, kinds
from rl.pairs.corruption.balance import balanced
from rl.pairs.corruption.candidates import candidates, house_habits
from rl.pairs.corruption.sampled import profiles
from rl.pairs.corruption.tokens import tokens
from rl.pairs.pair import read, why_not, write

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
        ("select count( DISTINCT age) from singer", {"select count( age) from singer", "select count( *) from singer"}),
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
    with pytest.raises(ValueError, match=r"no corruption named 'typo'; rl/pairs/corruption/kinds/ has: .*wrong_table"):
        kinds.load("typo")


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


def test_a_gold_that_does_not_parse_gives_none_and_is_counted():
    asked = [example("SELECT FROM WHERE", "bad"), example("SELECT name FROM singer WHERE age > 9", "good")]
    with SqlEnv(asked, workers=1) as env:
        pairs, told = corrupted(asked, env, "worlds", "train", "strict", 2, 0)
    assert {pair.example for pair in pairs} == {"good"}
    assert told.golds == 2
    (barren,) = told.barren
    assert barren[0] == "bad" and "does not parse" in barren[1]


def test_pairs_are_whole_verified_and_readable(tmp_path: Path):
    asked = [example("SELECT name FROM singer WHERE age > 9 ORDER BY age DESC", f"q{i}") for i in range(3)]
    with SqlEnv(asked, workers=1) as env:
        pairs, told = corrupted(asked, env, "worlds", "train", "loose", 4, 0)
        again, _ = corrupted(asked[::-1], env, "worlds", "train", "loose", 4, 0)
        other, _ = corrupted(asked, env, "worlds", "train", "loose", 4, 1)
    assert sorted(map(str, pairs)) == sorted(map(str, again)) != sorted(map(str, other))
    assert not [told for pair in pairs if (told := why_not(pair))]
    assert all(pair.source == "corruption" and pair.chosen_source == "gold" for pair in pairs)
    assert all(pair.rejected == f"```sql\n{pair.rejected_sql}\n```" for pair in pairs)
    assert max(Counter(pair.example for pair in pairs).values()) == 4
    assert all(len({p.kind for p in pairs if p.example == name}) == 4 for name in ("q0", "q1", "q2"))
    write(tmp_path / "pairs.jsonl", pairs)
    assert read(tmp_path / "pairs.jsonl") == pairs
    for tally in told.kinds.values():
        assert tally.made == tally.refused + tally.equal + tally.unproven + tally.kept
        assert tally.kept >= max(tally.chosen, tally.broken)
    assert sum(tally.chosen for tally in told.kinds.values()) == len(pairs)


def test_what_is_equal_by_accident_is_counted_and_not_paired():
    asked = example("SELECT DISTINCT singer_id FROM singer")
    with SqlEnv([asked], workers=1) as env:
        pairs, told = corrupted([asked], env, "worlds", "train", "strict", 1000, 0)
    assert told.kinds["missing_distinct"].equal == 1
    assert told.kinds["missing_distinct"].kept == 0
    assert pairs and "missing_distinct" not in {pair.kind for pair in pairs}


def test_with_twins_an_accident_is_told_from_an_equal_query():
    asked = example("SELECT COUNT(*) FROM song WHERE fee >= 8")
    with SqlEnv([asked], workers=1, twins=True) as env:
        pairs, told = corrupted([asked], env, "worlds", "train", "strict", 1, 0)
    bounds = told.kinds["off_by_one_bound"]
    assert bounds.equal == bounds.lucky == 1, "fee >= 7 counts the same songs here, and not on every twin"
    assert all(pair.verified.twins for pair in pairs)


def test_kinds_are_balanced_over_the_whole_set():
    rare = {f"r{i}": [("x", "common"), ("y", "rare")] for i in range(5)}
    kept = rare | {f"c{i}": [("x", "common"), ("z", "usual")] for i in range(10)}
    taken = balanced(kept, dict.fromkeys(kept, 1), 1, 0)
    counts = Counter(kind for chosen in taken.values() for _, kind in chosen)
    assert counts == {"common": 5, "usual": 5, "rare": 5}


def test_of_one_kind_what_is_longer_is_taken_as_often_as_what_is_shorter():
    kept = {f"q{i}": [("x", "kind"), ("xxx", "kind")] for i in range(20)}
    taken = balanced(kept, dict.fromkeys(kept, 2), 1, 0)
    assert Counter(text for ((text, _),) in taken.values()) == {"x": 10, "xxx": 10}


SETS = [
    pytest.param(("worlds", None, 25), id="worlds"),
    pytest.param(("storefront", None, 6), id="storefront"),
    pytest.param(
        ("spider", Path(os.environ.get("TEXT2SQL_DATA", ".")) / "spider_train", 25),
        id="spider",
        marks=pytest.mark.skipif("TEXT2SQL_DATA" not in os.environ, reason="TEXT2SQL_DATA is not set"),
    ),
]


@pytest.fixture(scope="module", params=SETS)
def real(request: pytest.FixtureRequest):
    """Pairs of a real set, its examples by id, and how all of their golds are written."""
    task, path, count = request.param
    every = tasks.load(task, "train", str(path) if path else None)
    some = every[:: len(every) // count][:count]
    with SqlEnv(some, workers=1) as env:
        kept = env.admit().kept
        pairs, _ = corrupted(kept, env, task, "train", "strict", 6, 0)
    assert len(pairs) > 3 * len(kept)
    return pairs, {example.id: example for example in kept}


def rows(database: Database, sql: str) -> list[tuple[object, ...]] | None:
    """None where it does not run."""
    with closing(
        sqlite3.connect(":memory:" if database.script else f"file:{database.path}?mode=ro", uri=True)
    ) as found:
        found.text_factory = lambda raw: raw.decode(errors="replace")
        if database.script:
            found.executescript(database.script)
        try:
            return found.execute(sql).fetchall()
        except sqlite3.Error:
            return None


def test_every_pair_of_a_real_set_is_wrong_by_another_judge(real):
    pairs, examples = real
    for pair in pairs:
        if pair.engine == "sqlite":
            gold, wrong = (rows(examples[pair.example].database, sql) for sql in (pair.chosen_sql, pair.rejected_sql))
            assert gold is not None
            ordered = "order by" in pair.gold_sql.lower()
            assert wrong is None or (wrong != gold if ordered else Counter(wrong) != Counter(gold)), pair.rejected_sql


def test_nothing_but_the_mistake_tells_a_real_pair_apart(real):
    """Its tokens are cased, quoted and spaced as golds are."""
    pairs, examples = real
    spaces = {blank for one in examples.values() for blank in seams(one.gold_sql, one.dialect)}
    for pair in pairs:
        chosen, rejected = (tokens(sql, pair.dialect) for sql in (pair.chosen_sql, pair.rejected_sql))
        words = {token.raw.islower() for token in chosen if token.kind == "keyword"}
        assert {token.raw.islower() for token in rejected if token.kind == "keyword"} <= words, pair.rejected_sql
        assert {sign for sign in pair.rejected_sql if sign in "\"'`["} <= {s for s in pair.chosen_sql if s in "\"'`["}
        assert seams(pair.rejected_sql, pair.dialect) <= spaces, pair.rejected_sql


def seams(sql: str, dialect: str) -> set[tuple[str, str, str]]:
    """The blanks around signs."""
    found = tokens(sql, dialect)
    pairs = zip(found, found[1:], strict=False)
    return {
        (
            left.raw if left.kind == "sign" else left.kind,
            right.before,
            right.raw if right.kind == "sign" else right.kind,
        )
        for left, right in pairs
        if "\n" not in right.before and {left.raw, right.raw} & {",", "(", ")", "=", ">", "<"}
    }


def test_a_real_corruption_is_one_edit(real):
    """What it shares with its gold at both ends leaves one place between them; names that change together are one."""
    pairs, _ = real
    for pair in pairs:
        assert not isinstance(gate.parse(pair.rejected_sql, pair.dialect), str)
        if pair.kind in {
            "wrong_column",
            "wrong_table",
            "wrong_value",
            "wrong_alias",
            "invented_column",
            "off_by_one_bound",
        }:
            chosen, rejected = (tokens(sql, pair.dialect) for sql in (pair.chosen_sql, pair.rejected_sql))
            assert len(chosen) == len(rejected)
            assert sum(a.key != b.key for a, b in zip(chosen, rejected, strict=True)) == 1
