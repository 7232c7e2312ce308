"""Twins: rows that keep a database's rules, and on which a query that was right by accident is right no more."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import closing

import pytest

from envs.engines import NoDatabase, Result, load
from envs.example import Database, Engine
from envs.execution import Status
from envs.twins import Profile, choose, from_json, make, to_json
from envs.twins.profile import profile

SHOP = """
CREATE TABLE city (id INTEGER PRIMARY KEY, name TEXT, country TEXT);
INSERT INTO city VALUES (1, 'Paris', 'France'), (2, 'Lyon', 'France'), (3, 'Rome', 'Italy'), (4, 'Oslo', 'Norway');
CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT, age INTEGER, email TEXT, phone TEXT,
  city_id INTEGER REFERENCES city(id));
CREATE UNIQUE INDEX one_email ON person (email);
INSERT INTO person VALUES (1, 'Ann Lee', 30, 'a@x', NULL, 1), (2, 'Bob Ray', 41, 'b@x', '12', 1),
  (3, 'Cy Dow', 25, 'c@x', '13', 2), (4, 'Dee Fox', 37, 'd@x', NULL, 3), (5, 'Eve Orr', 52, 'e@x', '15', 3),
  (6, 'Flo Kay', 29, 'f@x', '16', 3);
CREATE TABLE pet (owner_id INTEGER, slot INTEGER, kind TEXT, weight REAL, PRIMARY KEY (owner_id, slot),
  FOREIGN KEY (owner_id) REFERENCES person(id));
INSERT INTO pet VALUES (1, 1, 'dog', 8.5), (1, 2, 'cat', 4), (2, 1, 'dog', 11), (4, 1, 'cat', 3.5), (6, 1, 'owl', 1);
"""


def answers(engine: Engine, script: str, sqls: Sequence[str]) -> list[Result]:
    try:
        connection = load(engine).open_database(Database(engine, script=script))
    except NoDatabase as error:
        return [Result(Status.NO_DATABASE, message=str(error)) for _ in sqls]
    with closing(connection):
        return [connection.execute(sql, 5.0, 10_000) for sql in sqls]


def run(script: str, sqls: Sequence[str]) -> list[Result]:
    return answers("sqlite", script, sqls)


def look(script: str, engine: Engine = "sqlite") -> Profile:
    with closing(load(engine).open_database(Database(engine, script=script))) as connection:
        return profile(connection)


def refuted(gold: str, sql: str, script: str = SHOP) -> bool:
    """Whether the two agree on the original, as they must, and differ on one of the twins chosen for the gold."""
    first, other = run(script, [gold, sql])
    assert Counter(first.rows) == Counter(other.rows) and first.status is other.status is Status.OK
    twins = choose(look(script), gold, "sqlite", "sqlite", run)
    assert twins
    for twin in twins:
        golden, found = run(twin.script, [gold, sql])
        assert golden.status is Status.OK
        if Counter(golden.rows) != Counter(found.rows) or (twin.ordered and list(golden.rows) != list(found.rows)):
            return True
    return False


def test_a_profile_knows_declared_keys_unique_indexes_and_where_nulls_are():
    person = look(SHOP).table("PERSON")
    assert person is not None and person.primary == ("id",) and person.unique == (("email",),)
    assert [(r.columns, r.parent, r.to) for r in person.references] == [(("city_id",), "city", ("id",))]
    assert [c.name for c in person.columns if c.nulls] == ["phone"]
    assert person.rows == 6


def test_a_profile_survives_json():
    found = look(SHOP)
    assert from_json(json.loads(json.dumps(to_json(found)))) == found


def test_a_foreign_key_nobody_declared_is_guessed_from_its_name_and_values():
    tables = "CREATE TABLE city (city_id INT, name TEXT); INSERT INTO city VALUES (1, 'a'), (2, 'b');"
    inside = look(tables + "CREATE TABLE inn (id INT, city_id INT); INSERT INTO inn VALUES (1, 2), (2, 2)").table("inn")
    outside = look(tables + "CREATE TABLE inn (id INT, city_id INT); INSERT INTO inn VALUES (1, 7)").table("inn")
    assert inside is not None and [(r.columns, r.parent) for r in inside.references] == [(("city_id",), "city")]
    assert outside is not None and not outside.references


@pytest.mark.parametrize("gold", ["", "SELECT name FROM person JOIN pet ON id = owner_id WHERE age > 30"])
def test_keys_hold_and_nulls_stay_where_they_were(gold: str):
    broken = {
        "SELECT count(*) FROM person WHERE city_id NOT IN (SELECT id FROM city)": 0,
        "SELECT count(*) FROM pet WHERE owner_id NOT IN (SELECT id FROM person)": 0,
        "SELECT count(*) - count(DISTINCT email) FROM person": 0,
        "SELECT count(*) FROM (SELECT 1 FROM pet GROUP BY owner_id, slot HAVING count(*) > 1)": 0,
        "SELECT count(*) FROM person WHERE name IS NULL OR age IS NULL OR email IS NULL OR city_id IS NULL": 0,
    }
    twins = make(look(SHOP), gold, "sqlite", "sqlite", count=16)
    for twin in twins:
        assert {sql: r.rows[0][0] for sql, r in zip(broken, run(twin, list(broken)), strict=True)} == broken
    shown = [
        "SELECT count(*) FROM person WHERE phone IS NULL",
        "SELECT count(*) FROM person",
        "SELECT count(*) FROM pet",
    ]
    nulls, people, pets = zip(*((a.rows[0][0] for a in run(twin, shown)) for twin in twins), strict=True)
    assert any(nulls) and len(set(people)) > 3 and all(0 < n <= 60 for n in people + pets)


def test_sums_of_fresh_real_numbers_are_exact():
    weights = [
        run(twin, ["SELECT weight FROM pet"])[0].rows for twin in make(look(SHOP), "", "sqlite", "sqlite", count=8)
    ]
    found = [weight for rows in weights for (weight,) in rows]
    assert len(set(found)) > 10 and all((weight * 8).is_integer() for weight in found)


@pytest.mark.parametrize("city", ["'Bergen'", '"Bergen"'])
def test_the_literals_of_the_gold_and_their_neighbours_are_planted(city: str):
    gold = f"SELECT count(*) FROM person AS p JOIN city AS c ON p.city_id = c.id WHERE p.age >= 77 AND c.name = {city}"
    twins = make(look(SHOP), gold, "sqlite", "sqlite", count=8)
    counted = [run(twin, [gold, "SELECT DISTINCT age FROM person"]) for twin in twins]
    assert sum(count.rows[0][0] > 0 for count, _ in counted) > 2
    assert {76, 77, 78} <= {age for _, ages in counted for (age,) in ages.rows}


@pytest.mark.parametrize(
    ("gold", "wrong"),
    [
        ("SELECT count(DISTINCT name) FROM person", "SELECT count(*) FROM person"),
        ("SELECT count(*) FROM city", "SELECT count(DISTINCT name) FROM city"),
        ("SELECT name FROM person WHERE age > 33", "SELECT name FROM person WHERE age >= 33"),
        ("SELECT name FROM person WHERE age BETWEEN 26 AND 40", "SELECT name FROM person WHERE age > 26 AND age < 40"),
        ("SELECT name FROM city WHERE name LIKE 'Ro%'", "SELECT name FROM city WHERE name LIKE '%Ro%'"),
        (
            "SELECT city_id, count(*) FROM person GROUP BY city_id HAVING count(*) > 2",
            "SELECT city_id, count(*) FROM person GROUP BY city_id HAVING count(*) >= 3 AND city_id = 3",
        ),
        (
            "SELECT p.name, count(*) FROM person p JOIN pet t ON p.id = t.owner_id GROUP BY p.id",
            "SELECT p.name, count(*) FROM person p JOIN pet t ON p.id = t.owner_id GROUP BY p.name",
        ),
        (
            "SELECT name FROM person WHERE id NOT IN (SELECT owner_id FROM pet)",
            "SELECT name FROM person EXCEPT SELECT name FROM person JOIN pet ON id = owner_id",
        ),
        (
            "SELECT count(*) FROM person JOIN city ON city_id = city.id WHERE country = 'Italy'",
            "SELECT count(*) FROM person WHERE city_id = 3",
        ),
        (
            "SELECT name FROM person ORDER BY age DESC LIMIT 3",
            "SELECT name FROM person WHERE age > 33 ORDER BY age DESC",
        ),
        (
            "SELECT max(age) FROM person WHERE age < 40",
            "SELECT age FROM person WHERE age < 40 ORDER BY age DESC LIMIT 1",
        ),
        (
            "SELECT name FROM city UNION SELECT kind FROM pet",
            "SELECT name FROM city UNION ALL SELECT DISTINCT kind FROM pet",
        ),
    ],
)  # fmt: skip
def test_a_wrong_query_that_agrees_by_accident_is_refuted(gold: str, wrong: str):
    assert refuted(gold, wrong)


@pytest.mark.parametrize(
    ("gold", "right"),
    [
        ("SELECT count(DISTINCT city_id) FROM person", "SELECT count(*) FROM (SELECT DISTINCT city_id FROM person)"),
        ("SELECT count(*) FROM person", "SELECT count(DISTINCT email) FROM person"),
        ("SELECT name FROM person WHERE age > 33", "SELECT p.name FROM person AS p WHERE NOT p.age <= 33"),
        (
            "SELECT count(*) FROM person p JOIN city c ON p.city_id = c.id",
            "SELECT count(*) FROM person p LEFT JOIN city c ON p.city_id = c.id",
        ),
        (
            "SELECT p.name, count(*) FROM person p JOIN pet t ON p.id = t.owner_id GROUP BY p.id",
            "SELECT name, n FROM person JOIN (SELECT owner_id, count(*) AS n FROM pet GROUP BY 1) ON owner_id = id",
        ),
        (
            "SELECT name FROM person WHERE id NOT IN (SELECT owner_id FROM pet)",
            "SELECT p.name FROM person p LEFT JOIN pet t ON t.owner_id = p.id WHERE t.slot IS NULL",
        ),
        ("SELECT avg(weight) FROM pet", "SELECT sum(weight) / count(*) FROM (SELECT weight FROM pet ORDER BY weight)"),
        ("SELECT name FROM person ORDER BY age DESC", "SELECT name FROM person ORDER BY age DESC, id DESC"),
    ],
)  # fmt: skip
def test_a_right_paraphrase_survives(gold: str, right: str):
    assert not refuted(gold, right)


def test_a_parent_may_have_more_children_than_a_small_table_without_a_key_shows():
    script = (
        "CREATE TABLE guest (guest_id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE visit (guest_id INTEGER, day TEXT,"
        "  FOREIGN KEY (guest_id) REFERENCES guest(guest_id)); INSERT INTO guest VALUES (1, 'a'), (2, 'b'), (3, 'c');"
        "INSERT INTO visit VALUES (1, 'Monday'), (3, 'Friday')"
    )
    wrong = "SELECT guest_id, count(DISTINCT guest_id) FROM visit GROUP BY guest_id"
    assert refuted("SELECT guest_id, count(*) FROM visit GROUP BY guest_id", wrong, script)


def test_columns_that_only_the_gold_joins_meet():
    script = (
        "CREATE TABLE team (label TEXT, town TEXT); CREATE TABLE game (host TEXT, goals INTEGER);"
        "INSERT INTO team VALUES ('reds', 'Ely'), ('blues', 'Rye'); INSERT INTO game VALUES ('Tans', 2), ('Jets', 3)"
    )
    gold = "SELECT t.town, g.goals FROM team AS t JOIN game AS g ON t.label = g.host"
    twins = choose(look(script), gold, "sqlite", "sqlite", run)
    assert sum(bool(run(twin.script, [gold])[0].rows) for twin in twins) >= 3


@pytest.mark.parametrize("seed", range(6))
def test_two_keys_that_the_gold_names_meet_in_its_answer(seed: int):
    script = (
        "CREATE TABLE port (code TEXT PRIMARY KEY, name TEXT); CREATE TABLE line (id INTEGER PRIMARY KEY, name TEXT);"
        "INSERT INTO port VALUES ('AAA', 'a'), ('BBB', 'b'), ('CCC', 'c'); INSERT INTO line VALUES (1, 'x'), (2, 'y');"
        "CREATE TABLE trip (line INTEGER REFERENCES line(id), number INTEGER, start TEXT REFERENCES port(code),"
        "  PRIMARY KEY (line, number)); INSERT INTO trip VALUES (1, 1, 'AAA'), (1, 2, 'BBB'), (2, 1, 'CCC')"
    )
    gold = "SELECT line FROM trip WHERE start = 'QQQ' INTERSECT SELECT line FROM trip WHERE start = 'RRR'"
    twins = choose(look(script), gold, "sqlite", "sqlite", run, seed=seed)
    assert sum(bool(run(twin.script, [gold])[0].rows) for twin in twins) >= 3


@pytest.mark.parametrize(
    "gold",
    [
        "SELECT name FROM person ORDER BY age LIMIT 1",
        "SELECT name FROM person WHERE age = (SELECT age FROM person ORDER BY age LIMIT 1) ORDER BY age LIMIT 1",
    ],
)
def test_no_twin_has_a_tie_at_the_limit(gold: str):
    assert not refuted(gold, "SELECT name FROM person WHERE age = (SELECT min(age) FROM person)")


@pytest.mark.parametrize("gold", ["SELECT name FROM person LIMIT 1", "SELECT nme FROM person", "SELECT ("])
def test_a_gold_that_fixes_no_answer_has_no_twins(gold: str):
    assert choose(look(SHOP), gold, "sqlite", "sqlite", run) == []


def test_the_same_arguments_make_the_same_twins_in_another_process():
    code = (
        "import json, sys; from envs.twins import from_json, make; data = json.load(sys.stdin)\n"
        "print(json.dumps(make(from_json(data[0]), data[1], 'sqlite', 'sqlite', count=4, seed=3)))"
    )
    found, gold = look(SHOP), "SELECT name FROM person WHERE age > 33 AND city_id IN (1, 2) ORDER BY email LIMIT 2"
    sent = json.dumps([to_json(found), gold])
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    printed = subprocess.run(
        [sys.executable, "-c", code], input=sent, capture_output=True, text=True, check=True, env=environment
    ).stdout
    assert json.loads(printed) == make(found, gold, "sqlite", "sqlite", count=4, seed=3)
    assert json.loads(printed) != make(found, gold, "sqlite", "sqlite", count=4, seed=4)


STAYS = """
CREATE TABLE stay (id INTEGER PRIMARY KEY, day DATE, paid BOOLEAN, price DECIMAL(8, 2), mood ENUM('low', 'high'),
  tags VARCHAR[]);
INSERT INTO stay SELECT i, DATE '2024-01-01' + CAST(i AS INTEGER), i % 2 = 0, i * 1.25,
  CASE WHEN i > 4 THEN 'low' ELSE 'high' END, ['a', 'b'] FROM range(1, 9) AS r(i);
"""


def duck(script: str, sqls: Sequence[str]) -> list[Result]:
    return answers("duckdb", script, sqls)


def test_duckdb_twins_hold_its_own_types():
    gold = "SELECT mood FROM stay WHERE CAST(day AS VARCHAR) LIKE '2024-02%' AND day >= '2024-01-03' AND mood = 'none'"
    twins = make(look(STAYS, "duckdb"), gold, "duckdb", "duckdb", count=8)
    held = [duck(twin, ["SELECT day, paid, price, mood, tags FROM stay"])[0] for twin in twins]
    assert all(result.status is Status.OK and len(result.rows) > 1 for result in held)
    days = {str(row[0]) for result in held for row in result.rows}
    assert {"2024-01-02", "2024-01-03"} <= days and any(day.startswith("2024-02") for day in days)


def test_duckdb_refutes_a_wrong_query_too():
    gold, wrong = "SELECT count(*) FROM stay WHERE price > 3", "SELECT count(*) FROM stay WHERE price >= 3"
    assert len({result.rows[0] for result in duck(STAYS, [gold, wrong])}) == 1
    twins = choose(look(STAYS, "duckdb"), gold, "duckdb", "duckdb", duck)
    assert any(one.rows != other.rows for one, other in (duck(twin.script, [gold, wrong]) for twin in twins))
