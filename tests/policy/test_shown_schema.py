"""Part of a schema, in another order: it still builds, and the query still compiles on it."""

from random import Random

import apsw

from policy.shown_schema import MOST_CHARACTERS, tables, text, thinned

SCHEMA = """CREATE TABLE player (player_id INTEGER PRIMARY KEY, "Full Name" TEXT, born DATE, wage DECIMAL(10,2));
CREATE TABLE club (club_id INTEGER PRIMARY KEY, name TEXT, founded INTEGER);
CREATE TABLE spell (player_id INTEGER REFERENCES player(player_id), club_id INTEGER REFERENCES club(club_id), \
year INTEGER, PRIMARY KEY (player_id, club_id));
CREATE TABLE bonus (player_id INTEGER, club_id INTEGER, paid REAL, \
FOREIGN KEY (player_id, club_id) REFERENCES spell(player_id, club_id));
CREATE TABLE ground (ground_id INTEGER PRIMARY KEY, club_id INTEGER REFERENCES club(club_id));"""
QUERY = 'SELECT T1."Full Name" FROM player AS T1 JOIN spell AS T2 ON T1.player_id = T2.player_id WHERE T2.year = 2001'


def test_taken_apart_and_put_together_it_is_the_same_text():
    assert text(tables(SCHEMA)) == SCHEMA
    assert tables(SCHEMA)[0].names() == ["player", "player_id", '"Full Name"', "born", "wage"]


def test_whatever_is_left_out_the_rest_builds_and_the_query_compiles():
    shown = [thinned(tables(SCHEMA), QUERY, Random(seed)) for seed in range(200)]
    for some in shown:
        connection = apsw.Connection(":memory:")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(text(some))
        connection.execute(f"EXPLAIN {QUERY}").fetchall()
        there = {table.name for table in some}
        assert not [
            word for word in ("club", "player", "spell") if f"REFERENCES {word}(" in text(some) and word not in there
        ]
    assert {len(some) for some in shown} == {2, 3, 4, 5}
    assert {some[0].name for some in shown} == {"player", "club", "spell", "bonus", "ground"}
    assert any("born" not in text(some) for some in shown) and any("born" in text(some) for some in shown)


def test_a_schema_too_long_to_read_is_cut_to_what_is_asked_for():
    wide = "\n".join(
        f"CREATE TABLE t{at} ({', '.join(f'column_{at}_{n} INTEGER' for n in range(40))});" for at in range(9)
    )
    for seed in range(20):
        some = thinned(tables(wide), "SELECT column_3_7 FROM t3", Random(seed))
        assert "column_3_7" in text(some) and len(text(some)) <= MOST_CHARACTERS
