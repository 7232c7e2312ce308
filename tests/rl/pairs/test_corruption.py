"""A corruption is one mistake in the gold's own text, and it is wrong."""

import os
import sqlite3
from collections import Counter
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from envs import gate, tasks
from envs.corruption.tokens import tokens
from envs.example import Database, Example
from envs.sql_env import SqlEnv
from rl.pairs.corruption import corrupted
from rl.pairs.corruption.balance import balanced
from rl.pairs.pair import read, why_not, write

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
    assert {why_not(pair) for pair in pairs} == {""}
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


SIGNS = {",", "=", ">", "<", ">=", "<=", "<>", "!="}
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
    """The blanks before and after commas and comparisons."""
    found: set[tuple[str, str, str]] = set()
    for left, right in pairwise(tokens(sql, dialect)):
        for side, token in (("after", left), ("before", right)):
            if token.raw in SIGNS and "\n" not in right.before:
                found.add((side, "," if token.raw == "," else "comparison", right.before))
    return found


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
