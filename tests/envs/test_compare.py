import math
import random
from collections.abc import Sequence

import pytest

from envs import ordering
from envs.compare import hard_coded, same_rows, same_value, state, strict
from envs.engines import Relation, Result, State
from envs.execution import Status, Value
from envs.truth import tells_truth
from envs.verdict import Verdict


def answer(*rows: tuple[Value, ...], columns: int | None = None) -> Result:
    width = columns if columns is not None else len(rows[0])
    return Result(Status.OK, width, rows)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (None, None),
        (4, 4.0),
        (True, 1),
        (-0.0, 0.0),
        (0.1 + 0.2, 0.3),
        (0.1 + 0.2 - 0.3, 0.0),
        (4, 3.9999999999999996),
        (math.nan, math.nan),
        (math.inf, math.inf),
        (b"a", b"a"),
        (1e300, 1e300 * (1 + 1e-9)),
    ],
)
def test_equal_values(one: Value, other: Value) -> None:
    assert same_value(one, other)
    assert same_value(other, one)
    assert same_rows([(one,)], [(other,)])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (None, 0),
        (None, ""),
        ("10", 10),
        ("a", b"a"),
        ("eng", "eng "),
        (9007199254740993, 9007199254740992),
        (9007199254740993, 9007199254740992.0),
        (0.012, 0.004),
        (0.5, 50.0),
        (1, 1.001),
        (math.nan, None),
        (math.inf, -math.inf),
        (10**400, 1e300),
        ("nan", math.nan),
    ],
)
def test_different_values(one: Value, other: Value) -> None:
    assert not same_value(one, other)
    assert not same_value(other, one)
    assert not same_rows([(one,)], [(other,)])


def test_rows_are_a_multiset_when_order_is_free() -> None:
    gold = answer(("a", 1), ("b", 2), ("b", 2))
    assert strict(gold, answer(("b", 2), ("a", 1), ("b", 2))).strict
    assert not strict(gold, answer(("a", 1), ("a", 1), ("b", 2))).strict
    assert not strict(gold, answer(("a", 1), ("b", 2))).strict


def test_columns_count_by_number_and_place() -> None:
    assert not strict(answer((1, 2)), answer((2, 1))).strict
    assert not strict(answer((1, 1)), answer((1,))).strict
    assert not strict(answer(columns=1), answer(columns=2)).strict


def test_two_empty_answers_are_equal_and_prove_nothing() -> None:
    verdict = strict(answer(columns=1), answer(columns=1))
    assert verdict.strict and verdict.vacuous


def test_order_counts_up_to_ties() -> None:
    gold = answer(("a", 1), ("b", 1), ("c", 2))
    assert strict(gold, answer(("b", 1), ("a", 1), ("c", 2)), [2, 1]).strict
    assert not strict(gold, answer(("c", 2), ("a", 1), ("b", 1)), [2, 1]).strict
    assert not strict(gold, answer(("b", 1), ("a", 1), ("c", 2)), [1, 1, 1]).strict


def test_floating_point_noise_never_hides_an_equal_multiset() -> None:
    rng = random.Random(0)
    for _ in range(200):
        rows = [(rng.choice([0.1, 0.3, 1e9]), rng.choice("ab"), rng.choice([0.2, 7.0, None])) for _ in range(8)]
        noisy = [tuple(v * (1 + rng.uniform(-1e-8, 1e-8)) if isinstance(v, float) else v for v in row) for row in rows]
        rng.shuffle(noisy)
        assert same_rows(rows, noisy)
        other = [*noisy[:-1], (noisy[-1][0], "c", noisy[-1][2])]
        assert not same_rows(rows, other)


@pytest.mark.parametrize("dialect", ["sqlite", "duckdb"])
@pytest.mark.parametrize(
    ("sql", "names", "columns"),
    [
        ("SELECT name FROM emp", ["name"], None),
        ("SELECT name FROM emp WHERE id IN (SELECT id FROM emp ORDER BY id)", ["name"], None),
        ("SELECT name FROM emp WHERE name <> 'order by'", ["name"], None),
        ("WITH r AS (SELECT name FROM emp ORDER BY name) SELECT name FROM r", ["name"], None),
        ("SELECT name, salary FROM emp ORDER BY salary DESC", ["name", "salary"], (1,)),
        ("SELECT name, salary AS s FROM emp ORDER BY s, 1", ["name", "s"], (1, 0)),
        ("SELECT dept, count(*) FROM emp GROUP BY dept ORDER BY count(*)", ["dept", "count(*)"], (1,)),
        ("SELECT * FROM emp ORDER BY name", ["id", "name"], (1,)),
        ("(SELECT name FROM emp ORDER BY name)", ["name"], (0,)),
        ("SELECT a FROM t UNION SELECT b FROM u ORDER BY 1", ["a"], (0,)),
        ("SELECT DISTINCT name FROM emp ORDER BY salary", ["name"], (0,)),
    ],
)
def test_only_the_outermost_order_by_fixes_the_order(
    sql: str, names: Sequence[str], columns: tuple[int, ...] | None, dialect: str
) -> None:
    keys = ordering.keys(sql, dialect, names)
    assert (keys.columns if keys else None) == columns
    assert not (keys and keys.hidden)


def test_a_hidden_key_is_shown_by_a_wider_query() -> None:
    keys = ordering.keys("SELECT name FROM emp ORDER BY name, salary + 1 DESC LIMIT 3", "sqlite", ["name"])
    assert keys is not None and keys.columns == (0,) and keys.hidden == 1
    assert keys.sql == "SELECT name, salary + 1 AS sort_key_0 FROM emp ORDER BY name, salary + 1 DESC LIMIT 3"


def test_states_differ_by_tables_columns_rows_and_indexes() -> None:
    columns = (("id", "INTEGER"),)
    before = State({"emp": Relation(columns, [(1,), (2,)])})
    gold = State({"emp": Relation(columns, [(1,)])})
    assert state(gold, State({"emp": Relation(columns, [(1.0,)])}), before).state
    assert state(gold, before, before).state is False
    assert state(gold, State({}), before).state is False
    assert state(gold, State({"emp": Relation((("id", "TEXT"),), [(1,)])}), before).state is False
    assert state(gold, State(gold.relations, frozenset({("i", "emp")})), before).state is False
    assert state(gold, gold, before).strict is None


def test_a_gold_that_changes_nothing_proves_nothing() -> None:
    same = State({"emp": Relation((("id", "INTEGER"),), [(1,)])})
    assert state(same, same, same).vacuous


GOLD = "SELECT max(salary) FROM emp"
YES = "SELECT max(salary) > 90 FROM emp"


def test_an_answer_copied_from_the_result_is_wrong() -> None:
    nothing = frozenset[str]()
    for answer, answer_tables, gold_tables in (
        ("SELECT 100", None, None),
        ("WITH r AS (SELECT 100 AS a) SELECT a FROM r", None, None),
        ("SELECT 100", nothing, frozenset({"emp"})),
    ):
        verdict = hard_coded(Verdict(True), answer, GOLD, "sqlite", answer_tables, gold_tables)
        assert (verdict.strict, verdict.lenient, verdict.overlap) == (False, False, 0.0)
        assert verdict.reason == "a hard-coded answer"


def test_a_constant_yes_is_right_and_proves_nothing() -> None:
    verdict = hard_coded(Verdict(True), "SELECT 1", YES, "duckdb")
    assert verdict.strict and verdict.constant and not verdict.proven
    assert hard_coded(Verdict(True), "SELECT 100", GOLD, "duckdb", frozenset(), frozenset()).strict
    assert not hard_coded(Verdict(True), "VALUES (1), (0)", "SELECT salary > 90 FROM emp", "duckdb", gold_rows=2).strict


@pytest.mark.parametrize(
    ("verdict", "answer", "gold"),
    [
        (Verdict(True, vacuous=True), "SELECT 0", "SELECT count(*) FROM audit"),
        (Verdict(True), "SELECT 100 FROM dept", GOLD),
        (Verdict(True), "SELECT 2", "SELECT 1 + 1"),
        (Verdict(True), "SELECT 2", "WITH r AS (SELECT 2 AS a) SELECT a FROM r"),
    ],
    ids=["beside a gold that proves nothing", "reads a table", "the gold reads none", "the gold reads its own CTE"],
)
def test_a_constant_elsewhere_changes_nothing(verdict: Verdict, answer: str, gold: str) -> None:
    assert hard_coded(verdict, answer, gold, "sqlite") == verdict


@pytest.mark.parametrize(
    "shown",
    [
        *("a > 1", "NOT a", "a AND b", "(a = 1 OR b)", "EXISTS (SELECT 1 FROM u)", "a IN (1, 2) AS yes"),
        *("a BETWEEN 1 AND 2", "a LIKE 'x'", "a IS NULL"),
    ],
)
def test_a_yes_or_no_is_a_single_truth_value(shown: str) -> None:
    assert tells_truth(f"SELECT {shown} FROM t", "sqlite")
    assert not tells_truth(f"SELECT {shown}, a FROM t", "sqlite")


def test_other_values_are_no_yes_or_no() -> None:
    for shown in ("a", "max(a)", "a + 1", "CASE WHEN a > 1 THEN 5 END", "*"):
        assert not tells_truth(f"SELECT {shown} FROM t WHERE a > 1", "sqlite")


def test_noise_in_many_rows_is_still_noise() -> None:
    amounts = [1234.55 + i / 7 for i in range(400)]
    noisy = [(math.nextafter(amount, 9e9) if i % 2 else amount,) for i, amount in enumerate(amounts)]
    assert same_rows([(amount,) for amount in amounts], noisy[::-1])
    assert not same_rows([(amount,) for amount in amounts], [*noisy[:-1], (1.0,)])
