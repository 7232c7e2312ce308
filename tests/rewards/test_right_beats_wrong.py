"""Whatever the judge says, no wrong answer outscores a right one: for every shipped configuration, by its arithmetic.

A rollout here is any combination of text, ending and verdict, but for one that the judge never gives: right, and yet
refused by the gate, without SQL or not run to its end. Completions may have any length: brevity is bounded below, and
takes at most its weight from a right answer. With `blended`, whose wrong answers reach 0.7, that weight must therefore
stay below 0.3; with `row_overlap` below 0.5. So must the weight of `reward_model`, whose logit may be any.
"""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import rewards
from envs.example import Database, Example
from envs.execution import Execution, Status
from envs.rollout import Rollout
from envs.verdict import Mode, Verdict
from rl.reward_bounds import BOUNDS, gap

WORDS = ["SELECT", "name", "FROM", "singer", "WHERE", "age", ">", "<", "30", "--", "'x'", ";", "\0", "é"]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join) | st.text(max_size=40)
MAYBE = st.none() | st.booleans()


def rollout(
    gold: str, sql: str, padding: int, gate: str, status: Status, verdict: Verdict, learned: float = 0.0
) -> Rollout:
    asked = Example("1", "Who?", Database("sqlite", script=""), "", "singer", gold, "sqlite")
    return Rollout(asked, sql + " " * padding, sql, gate, Execution(status), verdict, learned)


VERDICTS = st.builds(
    Verdict,
    strict=MAYBE,
    state=MAYBE,
    vacuous=st.booleans(),
    spider=MAYBE,
    bird=MAYBE,
    lenient=MAYBE,
    constant=st.booleans(),
    overlap=st.none() | st.floats(0, 1),
    twins=MAYBE,
    mode=st.sampled_from(get_args(Mode)),
)
PADDING = st.sampled_from([0, 800, 1_000, 100_000])
LEARNED = st.floats(allow_nan=False)


def right(verdict: Verdict) -> Verdict:
    """The nearest verdict that is proven."""
    state = None if verdict.state is None else True
    return replace(
        verdict, state=state, **{verdict.mode: True}, vacuous=False, constant=False, twins=verdict.twins or None
    )


def wrong(verdict: Verdict) -> Verdict:
    """The nearest verdict that is not proven; one that proves nothing or that a twin refutes stays."""
    if verdict.proven is False:
        return verdict
    return replace(verdict, state=None if verdict.state is None else False, **{verdict.mode: False})


def unruled(verdict: Verdict) -> Verdict:
    return replace(verdict, state=None, **{verdict.mode: None})


RIGHT = st.builds(
    rollout, TEXTS, TEXTS.filter(bool), PADDING, st.just(""), st.just(Status.OK), VERDICTS.map(right), LEARNED
)
WRONG = st.builds(
    rollout,
    TEXTS,
    TEXTS,
    PADDING,
    st.sampled_from(["", "two statements"]),
    st.sampled_from(Status),
    VERDICTS.map(wrong),
    LEARNED,
)

GOLD = "SELECT name FROM singer WHERE age > 30"
FLIPPED = rollout(GOLD, GOLD.replace(">", "<"), 0, "", Status.OK, Verdict(False, overlap=1.0), learned=99.0)
LONG = rollout(GOLD, "SELECT 1", 100_000, "", Status.OK, Verdict(True), learned=-99.0)


@given(best=WRONG, worst=RIGHT)
@example(best=FLIPPED, worst=LONG)
@settings(max_examples=200, deadline=None)
def test_no_wrong_answer_outscores_a_right_one(best, worst, weights, total):
    assert worst.verdict.proven and best.verdict.proven is False
    assert total(best, weights) < total(worst, weights)


def test_a_heavier_brevity_would_let_the_shortest_wrong_answer_win(total):
    assert total(LONG, {"blended": 1.0, "brevity": 0.4}) < total(FLIPPED, {"blended": 1.0, "brevity": 0.4})
    assert total(LONG, {"row_overlap": 1.0, "brevity": 0.6}) < total(FLIPPED, {"row_overlap": 1.0, "brevity": 0.6})


def test_a_heavier_opinion_would_let_a_wrong_answer_that_the_model_likes_win(total):
    for weights in ({"blended": 0.8, "reward_model": 0.25}, {"execution_match": 0.0, "reward_model": 1.0}):
        assert total(LONG, weights) < total(FLIPPED, weights)
        assert gap(weights) < 0


@pytest.mark.parametrize("name", rewards.NAMES)
@given(best=WRONG, worst=RIGHT)
@settings(max_examples=200, deadline=None)
def test_what_a_reward_pays_lies_in_the_bounds_that_are_written_down_for_it(name, best, worst):
    if best.verdict.constant:  # the judge tries no such answer on twins
        best = replace(best, verdict=replace(best.verdict, twins=None))
    for answer, (least, most) in ((worst, BOUNDS[name].right), (best, BOUNDS[name].wrong)):
        earned = rewards.load(name)(answer)
        assert earned is None or least <= earned <= most


@given(verdict=VERDICTS.map(unruled), sql=TEXTS, padding=PADDING)
@settings(max_examples=100, deadline=None)
def test_without_a_ruler_nothing_is_scored(verdict, sql, padding, weights, total):
    assert total(rollout(GOLD, sql, padding, "", Status.OK, verdict), weights) is None
