"""Other ways to answer the same question: SQL that runs, and that the task's ruler does not take for the gold."""

from random import Random

from envs.sql_env import SqlEnv
from envs.tasks import worlds
from policy.conventions import otherwise


def test_another_way_is_sql_and_is_not_the_golds_answer():
    examples = worlds.load("validation")[:150]
    with SqlEnv(examples) as env:
        ways = [(e.id, otherwise(e.gold_sql, Random(0), 1.0)) for e in examples]
        changed = [rollout for rollout in env.play_batch(ways) if rollout.sql != rollout.example.gold_sql]
    assert len(changed) > 60
    broken = [rollout for rollout in changed if not rollout.execution.ok]
    assert {rollout.example.difficulty for rollout in broken} <= {"set operations"}, "only these are known not to run"
    wrong = [rollout for rollout in changed if not rollout.verdict.correct]
    assert len(wrong) > 0.8 * len(changed), "a convention that the ruler cannot tell apart teaches nothing"


def test_without_a_chance_nothing_changes():
    assert otherwise("SELECT DISTINCT a FROM t", Random(0), 0.0) == "SELECT DISTINCT a FROM t"


def test_a_query_with_one_way_only_stays():
    assert otherwise("SELECT COUNT(*) FROM t", Random(0), 1.0) == "SELECT COUNT(*) FROM t"
