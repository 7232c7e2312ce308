import random
from collections.abc import Sequence

import pytest

from envs.engines import Relation, Result, State, load
from envs.example import Database, Engine
from envs.execution import Status
from envs.lenient import equal, hopeless, state
from envs.overlap import overlap
from envs.values import Row

PLAIN = "SELECT a FROM t"


def lenient(gold: Sequence[Row], rows: Sequence[Row], sql: str = PLAIN, blocks: Sequence[int] | None = None) -> bool:
    one, other = (Result(Status.OK, len(some[0]), some) for some in (gold, rows))
    passes = equal(one, other, blocks, sql, "sqlite")
    assert not (passes and overlap(gold, rows) < 1.0 and hopeless(one, other, sql))
    return passes


def test_the_columns_may_come_in_one_other_order() -> None:
    gold: list[Row] = [("a", 1, "x"), ("b", 2, "y")]
    assert lenient(gold, [(2, "b", "y"), (1, "a", "x")])
    assert not lenient(gold, [(1, "a", "x"), ("b", 2, "y")])
    assert not lenient([(1, 2), (3, 4)], [(2, 1), (3, 4)])
    assert not lenient([(1, 2), (1, 2)], [(1, 1), (2, 2)])
    assert not lenient([("a", 1), ("b", 2)], [("a", 2), ("b", 1)])
    assert not lenient([("a", "a")], [("a", "b")])


def test_the_order_of_rows_still_counts_where_the_gold_fixes_it() -> None:
    assert lenient([("a", 1), ("b", 2)], [(1, "a"), (2, "b")], blocks=[1, 1])
    assert not lenient([("a", 1), ("b", 2)], [(2, "b"), (1, "a")], blocks=[1, 1])
    assert lenient([("a", 1), ("b", 1)], [(1, "b"), (1, "a")], blocks=[2])


@pytest.mark.parametrize(
    ("gold", "answer", "sql"),
    [
        (93.33, 93.33333333333333, PLAIN),
        (2.0, 1.99999, "SELECT round(a, 2) FROM t"),
        (93.0, 93.333, "SELECT round(a) FROM t"),
        (93, 93.333, "SELECT CAST(round(a) AS INT) FROM t"),
        (0.13, 0.125, PLAIN),
        ("2020-01-01", "2020-01-01 00:00:00", PLAIN),
        ("2020-01-01T10:00:00", "2020-01-01 10:00:00.000", PLAIN),
        ("Ann,Bob", "Bob,Ann", "SELECT group_concat(a) FROM t"),
        ("Ann; Bob", "Bob; Ann", "SELECT s FROM (SELECT group_concat(a, '; ') AS s FROM t)"),
        ('["a", "b"]', '["b", "a"]', "SELECT array_agg(a) FROM t"),
        ('["a", "b"]', '["b", "a"]', "SELECT json_group_array(a) FROM t"),
    ],
)
def test_what_a_person_would_let_pass(gold: str | float, answer: str | float, sql: str) -> None:
    assert lenient([(gold,)], [(answer,)], sql)


@pytest.mark.parametrize(
    ("gold", "answer", "sql"),
    [
        (None, 0, PLAIN),
        (None, "", PLAIN),
        (0, "", PLAIN),
        ("10", 10, PLAIN),
        ("eng", "eng ", PLAIN),
        (93, 93.333, PLAIN),
        (93.33333333333333, 93.33, PLAIN),
        (0.012, 0.004, PLAIN),
        (0.5, 50.0, PLAIN),
        (9007199254740993, 9007199254740992, "SELECT round(a) FROM t"),
        ("2020-01-01", "2020-01-01 00:00:01", PLAIN),
        ("2020-01-01 10:00:00", "2020-01-01 22:30:00", PLAIN),
        ("2020-01-01", "2020-01-01 10:00:00", PLAIN),
        ("Ann,Bob", "Bob,Ann", PLAIN),
        ("Ann,Bob", "Bob,Ann", "SELECT group_concat(a, ',' ORDER BY a) FROM t"),
        ("Ann,Bob", "Ann,Bob,Bob", "SELECT group_concat(a) FROM t"),
        ("Ann,Bob", "Bob;Ann", "SELECT group_concat(a) FROM t"),
    ],
)
def test_what_nobody_should_let_pass(gold: str | float | None, answer: str | float, sql: str) -> None:
    assert not lenient([(gold,)], [(answer,)], sql)


def test_only_the_aggregate_is_free_in_its_order() -> None:
    sql = "SELECT b, group_concat(a) FROM t GROUP BY b"
    assert lenient([("x,y", "1,2")], [("x,y", "2,1")], sql)
    assert not lenient([("x,y", "1,2")], [("y,x", "1,2")], sql)


def test_floating_point_noise_is_no_obstacle_to_columns_in_another_order() -> None:
    assert lenient([(0.1 + 0.2, "a"), (1 / 3, "b")], [("b", 1 / 3 + 1e-12), ("a", 0.3)])
    assert not lenient([(0.1 + 0.2, "a"), (1 / 3, "b")], [("a", 1 / 3 + 1e-12), ("b", 0.3)])


def test_a_gold_that_rounds_to_hundreds_of_digits_is_no_error() -> None:
    assert not lenient([(0.5,)], [(0.75,)], "SELECT round(a, 400) FROM t")


def test_counts_that_differ_never_pass() -> None:
    assert not lenient([(1, 2)], [(1,)])
    assert not lenient([(1,)], [(1,), (1,)])


def test_wide_answers_are_no_factorial() -> None:
    rng = random.Random(0)
    gold: list[Row] = [tuple(rng.randint(0, 1) for _ in range(16)) for _ in range(60)]
    order = rng.sample(range(16), 16)
    rows = [tuple(row[i] for i in order) for row in gold]
    rng.shuffle(rows)
    assert lenient(gold, rows)
    assert not lenient(gold, [*rows[1:], tuple(1 - value if isinstance(value, int) else value for value in rows[0])])


@pytest.mark.parametrize("engine", ["sqlite", "duckdb"])
def test_synonyms_of_a_type_are_one(engine: Engine) -> None:
    def made(columns: str) -> State:
        connection = load(engine).open_database(Database(engine, script=f"CREATE TABLE n({columns})"))
        try:
            return connection.state(10)
        finally:
            connection.close()

    gold = made("a INTEGER, b VARCHAR(20), c DOUBLE, d BOOLEAN, e DATE")
    assert state(gold, made("a BIGINT, b TEXT, c DECIMAL(9, 2), d BOOL, e DATE"))
    assert not state(gold, made("a INTEGER, b VARCHAR(20), c DOUBLE, d BOOLEAN, e TEXT"))
    assert not state(gold, made("a INTEGER, x VARCHAR(20), c DOUBLE, d BOOLEAN, e DATE"))
    assert not state(gold, made("a INTEGER, b VARCHAR(20), c DOUBLE, d BOOLEAN"))


def test_rows_under_synonyms_still_count() -> None:
    assert not state(
        State({"n": Relation((("a", "INT"),), [(1,)])}), State({"n": Relation((("a", "BIGINT"),), [(2,)])})
    )


def test_the_quick_look_gives_up_where_nothing_can_be_read_in_another_way() -> None:
    one, other = (Result(Status.OK, 1, [(value,)]) for value in ("Ann", "Bob"))
    assert hopeless(one, other, PLAIN)
    assert not hopeless(one, other, "SELECT list(a) FROM t")
