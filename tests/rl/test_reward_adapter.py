"""What TRL is told: the same rollouts for every reward, and nothing at all where there is no ruler."""

import pytest

from envs.example import Database, Example
from envs.sql_env import SqlEnv
from rl.reward_adapter import Judges, text_of

SCRIPT = "CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1), (2);"


def example(name, gold):
    return Example(name, "?", Database("sqlite", script=SCRIPT), "CREATE TABLE t (a INTEGER);", "t", gold, "sqlite")


@pytest.fixture(scope="module")
def env():
    with SqlEnv([example("sum", "SELECT SUM(a) FROM t"), example("broken", "SELECT b FROM t")], workers=1) as found:
        yield found


def judged(env, weights, pairs):
    judges, logged = Judges(env, weights), {}
    completions = [[{"role": "assistant", "content": text}] for _, text in pairs]
    told = [
        function(completions=completions, example_id=[name for name, _ in pairs], log_metric=logged.__setitem__)
        for function in judges.functions()
    ]
    return dict(zip(weights, told, strict=True)), logged, judges


def test_a_right_answer_a_wrong_one_and_silence_are_told_apart(env):
    pairs = [("sum", "SELECT SUM(a) FROM t"), ("sum", "SELECT MAX(a) FROM t"), ("sum", "")]
    told, logged, judges = judged(env, {"blended": 1.0, "execution_match": 0.0}, pairs)
    assert told["execution_match"] == [1.0, 0.0, 0.0]
    assert told["blended"][0] == 1.0 > told["blended"][1] > told["blended"][2] == 0.0
    assert logged["sql/no_sql"] == pytest.approx(1 / 3)
    assert [rollout.completion for rollout in judges.rollouts] == [text for _, text in pairs]


def test_without_a_ruler_every_reward_is_silent_even_one_that_could_speak(env):
    told, logged, _ = judged(env, {"blended": 1.0, "parseable": 0.0}, [("broken", "SELECT a FROM t")])
    assert told == {"blended": [None], "parseable": [None]}, "a number beside a None would count as 0 in the sum"
    assert logged["sql/unscored"] == 1.0


def test_each_function_carries_its_rewards_name(env):
    assert [f.__name__ for f in Judges(env, {"executes": 1, "brevity": 0}).functions()] == ["executes", "brevity"]


@pytest.mark.parametrize(
    ("completion", "text"), [("SELECT 1", "SELECT 1"), ([], ""), ([{"role": "assistant", "content": None}], "")]
)
def test_whatever_trl_hands_over_has_a_text(completion, text):
    assert text_of(completion) == text
