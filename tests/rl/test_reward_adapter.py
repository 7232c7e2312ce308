"""What TRL is told: the same rollouts for every reward, and nothing at all where there is no ruler."""

import json
from fractions import Fraction

import numpy as np
import pytest

import rewards
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


def test_a_query_of_a_thought_that_the_template_opened_and_nobody_ended_is_no_answer(env):
    draft = "Maybe ```sql\nSELECT SUM(a) FROM t\n``` but"
    for thought, right in (("<think>\n", 0.0), ("", 1.0)):
        judges = Judges(env, {"execution_match": 1.0}, thought)
        (reward,) = judges.functions()
        assert reward([draft], ["sum"], log_metric=lambda *_: None) == [right]


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


def planted(monkeypatch, **functions):
    """Rewards of these names, beside the lab's own."""
    load = rewards.load
    monkeypatch.setattr(rewards, "load", lambda name: functions.get(name) or load(name))


def test_a_reward_that_raises_leaves_one_completion_unscored_and_is_told_once(env, monkeypatch, capfd):
    def picky(rollout):
        return 1 / (len(rollout.sql) - len("SELECT MAX(a) FROM t"))

    planted(monkeypatch, picky=picky)
    wrong, right = ("sum", "SELECT MAX(a) FROM t"), ("sum", "SELECT a, a, a FROM t")
    told, logged, _ = judged(env, {"picky": 1.0, "execution_match": 0.0}, [wrong, right, wrong, right])
    assert told["picky"] == [None, 1.0, None, 1.0]
    assert told["execution_match"] == [None, 0.0, None, 0.0], "or the sum of the row would count as 0"
    assert (logged["sql/reward_errors"], logged["sql/unscored"]) == (0.5, 0.5)
    assert capfd.readouterr().err.count("ZeroDivisionError") == 1


@pytest.mark.parametrize("score", [float("nan"), float("inf"), "1.0"])
def test_a_score_that_is_no_finite_number_is_unscored_and_counted(env, monkeypatch, capfd, score):
    planted(monkeypatch, odd=lambda rollout: score)
    told, logged, _ = judged(env, {"blended": 1.0, "odd": 0.0}, [("sum", "SELECT SUM(a) FROM t")])
    assert told == {"blended": [1.0], "odd": [None]}, "what is only logged masks nothing"
    assert (logged["sql/reward_errors"], logged["sql/unscored"]) == (1.0, 0.0)
    assert "odd" in capfd.readouterr().err


@pytest.mark.parametrize("score", [np.float32(0.5), np.int64(1), Fraction(1, 2), True], ids=repr)
def test_a_number_of_any_kind_is_one_that_json_knows(env, monkeypatch, score):
    planted(monkeypatch, odd=lambda rollout: score)
    told, _, _ = judged(env, {"odd": 1.0}, [("sum", "SELECT SUM(a) FROM t")])
    assert json.dumps(told["odd"]) == json.dumps([float(score)])


def test_groups_that_are_tied_are_counted_as_they_were_rewarded(env):
    sql = ["SELECT SUM(a) FROM t", "SELECT MAX(a) FROM t", "SELECT MAX(a) FROM t"]
    pairs = [("sum", sql[0]), ("sum", sql[1]), ("broken", sql[0]), ("broken", sql[1])]
    assert judged(env, {"execution_match": 1.0, "parseable": 0.0}, pairs)[1]["sql/tied"] == 0.0
    assert judged(env, {"execution_match": 0.0, "parseable": 1.0}, pairs)[1]["sql/tied"] == 1.0
    assert judged(env, {"execution_match": 1.0}, [("sum", text) for text in sql[1:]])[1]["sql/tied"] == 1.0
