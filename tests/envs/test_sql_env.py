import json
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from envs.example import Database, Engine, Example
from envs.execution import Status
from envs.sql_env import SqlEnv

SCRIPT = (
    "CREATE TABLE emp (id INTEGER PRIMARY KEY, name VARCHAR, salary INTEGER);"
    "INSERT INTO emp VALUES (1, 'Ann', 100), (2, 'Bob', 100), (3, 'Cid', NULL);"
)


def example(name: str, gold: str, database: Database | None = None, dialect: str = "sqlite") -> Example:
    return Example(name, "?", database or Database("sqlite", script=SCRIPT), "", "emp", gold, dialect)


EXAMPLES = [
    example("names", "SELECT name FROM emp"),
    example("top", "SELECT name FROM emp WHERE salary IS NOT NULL ORDER BY salary"),
    example("duck", "SELECT max(salary) FROM emp", Database("duckdb", script=SCRIPT), "duckdb"),
    example("delete", "DELETE FROM emp WHERE id = 3"),
    example("broken", "SELECT nme FROM emp"),
    example("lost", "SELECT 1", Database("sqlite", path="/nowhere/none.sqlite")),
]


@pytest.fixture(scope="module")
def env() -> Iterator[SqlEnv]:
    with SqlEnv(EXAMPLES) as env:
        yield env


def test_a_completion_becomes_a_rollout(env: SqlEnv) -> None:
    rollout = env.play("names", "Sure:\n```sql\nSELECT name FROM emp ORDER BY id DESC;\n```")
    assert rollout.example is EXAMPLES[0]
    assert rollout.sql == "SELECT name FROM emp ORDER BY id DESC"
    assert rollout.gate == ""
    assert rollout.execution.ok and rollout.execution.sample[0] == ("Cid",)
    assert rollout.verdict.correct is True


def test_a_batch_keeps_its_order_over_examples_and_engines(env: SqlEnv) -> None:
    asked = [
        ("duck", "SELECT max(salary) FROM emp"),
        ("names", "SELECT id FROM emp"),
        ("delete", "DELETE FROM emp WHERE name = 'Cid'"),
        ("duck", "SELECT min(salary) + 1 FROM emp"),
        ("top", "SELECT name FROM emp WHERE salary > 0 ORDER BY salary, name DESC"),
        ("names", "I do not know"),
        ("names", "SELECT id FROM emp"),
    ]
    rollouts = env.play_batch(asked)
    assert [(r.example.id, r.completion) for r in rollouts] == asked
    assert [r.verdict.correct for r in rollouts] == [True, False, True, False, True, False, False]
    assert rollouts[5].execution.status is Status.NO_SQL
    assert env.play_batch([]) == []


def test_what_was_judged_before_is_remembered(env: SqlEnv) -> None:
    first = env.play("names", "SELECT name FROM emp")
    again = env.play("names", "<answer>SELECT name FROM emp</answer>")
    assert again.execution is first.execution
    assert again.completion != first.completion


def test_a_broken_ruler_never_looks_like_a_zero(env: SqlEnv) -> None:
    for name in ("broken", "lost"):
        for completion in ("SELECT name FROM emp", "", "nonsense", "DROP TABLE emp"):
            verdict = env.play(name, completion).verdict
            assert verdict.correct is None
            assert verdict.ungradable


HOSTILE = [
    "\ud800",
    "SELECT '\ud800'",
    "SELECT 1\0",
    "\0",
    "`" * 100_000,
    "(" * 100_000,
    "SELECT " + "(" * 9_000,
    "SELECT '" * 99,
    "<think>" * 999,
    "SELECT * FROM " + "(SELECT * FROM " * 90 + "emp" + ")" * 90,
    "SELECT " + "-" * 9_999 + "1",
    "SELECT 1" + " + 1" * 4_500,
    "SELECT " + "CASE WHEN 1 THEN " * 500 + "1" + " END" * 500,
]


@pytest.mark.parametrize("completion", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_of_a_model_raises(env: SqlEnv, completion: str) -> None:
    for name in ("names", "duck", "delete"):
        assert env.play(name, completion).verdict.correct is False


def test_examples_that_cannot_be_graded_are_quarantined_with_the_reason(env: SqlEnv) -> None:
    admission = env.admit()
    assert [kept.id for kept in admission.kept] == ["names", "top", "duck", "delete"]
    reasons = dict(admission.quarantined)
    assert "missing_column" in reasons["broken"]
    assert "there is no database file at /nowhere/none.sqlite" in reasons["lost"]


def test_two_examples_with_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="'names'"):
        SqlEnv([EXAMPLES[0], EXAMPLES[0]])


def test_an_id_that_is_not_there_is_a_key_error(env: SqlEnv) -> None:
    with pytest.raises(KeyError):
        env.play("nobody", "SELECT 1")


def test_the_schema_is_read_in_the_sandbox(env: SqlEnv) -> None:
    schema = env.schema_of(Database("duckdb", script=SCRIPT))
    assert schema == "CREATE TABLE emp (id INTEGER PRIMARY KEY, name VARCHAR, salary INTEGER)"


def test_a_database_may_lie_behind_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    with sqlite3.connect(tmp_path / "real/shop.sqlite") as made:
        made.executescript("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1);")
    made.close()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    linked = Database("sqlite", path=str(tmp_path / "link/shop.sqlite"))
    with SqlEnv([example("linked", "SELECT a FROM t", linked)]) as env:
        assert env.admit().quarantined == ()


@pytest.mark.skipif("TEXT2SQL_DATA" not in os.environ, reason="TEXT2SQL_DATA does not point at data")
def test_spider_golds_are_admitted_as_their_own_answers() -> None:
    root = Path(os.environ["TEXT2SQL_DATA"]) / "spider_train"
    rows = json.loads((root / "train_spider.json").read_text())[:700]
    examples = [
        example(
            str(i), row["query"], Database("sqlite", path=str(root / f"database/{row['db_id']}/{row['db_id']}.sqlite"))
        )
        for i, row in enumerate(rows)
    ]
    with SqlEnv(examples) as env:
        assert len(env.admit().kept) >= 0.95 * len(rows)


def test_the_comparison_asked_for_decides_what_is_correct() -> None:
    twice = Database("sqlite", script="CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1), (1);")
    asked = [example("ones", "SELECT a FROM t", twice)]
    for mode, correct in (("strict", False), ("bird", True), ("spider", True), ("lenient", False)):
        with SqlEnv(asked, workers=1, comparison=mode) as env:  # type: ignore[arg-type]
            verdict = env.play("ones", "SELECT DISTINCT a FROM t").verdict
            assert (verdict.correct, verdict.strict, verdict.bird) == (correct, False, True)
            assert env.admit().kept


def test_any_gold_of_a_question_may_be_matched_and_a_broken_one_is_left_out() -> None:
    several = Example(
        "several", "?", Database("sqlite", script=SCRIPT), "", "emp", "SELECT nme FROM emp", "sqlite",
        other_golds=("SELECT name FROM emp", "SELECT id, name FROM emp"),
    )  # fmt: skip
    with SqlEnv([several], workers=1) as env:
        (kept,) = env.admit().kept
        assert (kept.gold_sql, kept.other_golds) == ("SELECT name FROM emp", ("SELECT id, name FROM emp",))
        for right in ("SELECT name FROM emp", "SELECT id, name FROM emp ORDER BY 1"):
            assert env.play("several", right).verdict.strict
        assert env.play("several", "SELECT id FROM emp").verdict.strict is False


@pytest.mark.parametrize("engine", ["sqlite", "duckdb"])
def test_twins_tell_a_lucky_answer_from_a_right_one(engine: Engine) -> None:
    database = Database(engine, script=SCRIPT)
    asked = [
        example("count", "SELECT count(DISTINCT name) FROM emp", database, engine),
        example("none", "SELECT name FROM emp WHERE salary > 900", database, engine),
    ]
    with SqlEnv(asked, workers=1, twins=True) as env:
        lucky = env.play("count", "SELECT count(*) FROM emp").verdict
        assert (lucky.strict, lucky.twins, lucky.proven) == (True, False, False)
        right = env.play("count", "SELECT count(*) FROM (SELECT DISTINCT name FROM emp) AS n").verdict
        assert (right.twins, right.proven) == (True, True)
        empty = env.play("none", "SELECT name FROM emp WHERE 1 = 0").verdict
        assert (empty.vacuous, empty.twins, empty.proven) == (True, False, False)
        proven = env.play("none", "SELECT name FROM emp WHERE NOT salary <= 900").verdict
        assert (proven.vacuous, proven.twins, proven.proven) == (True, True, True)


def test_what_came_before_changes_no_verdict() -> None:
    empty = example("empty", "SELECT name FROM emp WHERE id > 9")
    for order in (
        ["SELECT id, name FROM emp WHERE 1 = 0", empty.gold_sql],
        [empty.gold_sql, "SELECT id, name FROM emp WHERE 1 = 0"],
    ):
        with SqlEnv([empty], workers=1) as env:
            found = {r.sql: r.verdict.strict for r in env.play_batch([("empty", sql) for sql in order])}
        assert found == {empty.gold_sql: True, "SELECT id, name FROM emp WHERE 1 = 0": False}


def test_what_is_judged_after_forgetting_is_what_a_fresh_environment_judges() -> None:
    batch = [("names", "SELECT NAME, nope FROM emp"), ("names", "select name, NOPE from emp")]
    with SqlEnv(EXAMPLES, workers=1) as fresh:
        alone = [rollout.execution.message for rollout in fresh.play_batch(batch)]
    with SqlEnv(EXAMPLES, workers=1) as used:
        before = used.play(*batch[1]).execution.message
        assert [rollout.execution.message for rollout in used.play_batch(batch)] == [alone[0], before] != alone
        used.forget()
        assert [rollout.execution.message for rollout in used.play_batch(batch)] == alone
