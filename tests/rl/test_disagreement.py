"""Where a learned reward and execution disagree is counted by hand here, and as it is logged."""

from dataclasses import replace
from math import inf

import pytest

from envs.example import Database, Example
from envs.execution import Execution, Status
from envs.rollout import Rollout
from envs.verdict import Verdict
from rl.disagreement import Opinion, disagreement, misordered, opinions

BATCH = [
    Opinion("a", 0.9, True),
    Opinion("a", 0.4, True),
    Opinion("a", 0.6, False),
    Opinion("b", 0.4, False),
    Opinion("c", 0.0, False, read=False),
]


def test_pairs_are_counted_over_the_batch_and_within_a_question_with_a_tie_as_a_half() -> None:
    told = disagreement(BATCH)
    assert told["auc"] == pytest.approx(2.5 / 4), "0.9 above both, 0.4 below one and tied with the other"
    assert told["misordered"] == misordered(BATCH[:3]) == 0.5
    assert told["mean"] == pytest.approx(2.3 / 5) and told["right_share"] == 0.4
    assert told["mean_right"] == pytest.approx(0.65) and told["mean_wrong"] == pytest.approx(0.5)
    assert told["correlation"] == pytest.approx(0.3665, abs=1e-4)


def test_what_cannot_be_said_is_not_said() -> None:
    assert disagreement([]) == {}
    assert disagreement(BATCH[:2]).keys() == {"mean", "right_share", "mean_right"}
    assert "misordered" not in disagreement([BATCH[0], BATCH[3]]), "one question each: nothing to order"
    assert "correlation" not in disagreement([Opinion("a", 0.5, True), Opinion("a", 0.5, False)])


def test_only_what_the_model_was_asked_and_execution_can_judge_counts() -> None:
    asked = Example("1", "Who?", Database("sqlite", script=""), "", "t", "SELECT 1", "sqlite")
    right = Rollout(asked, "SELECT 1", "SELECT 1", "", Execution(Status.OK), Verdict(True), 0.0)
    silent, blank = replace(right, learned=None), replace(right, sql="", learned=-inf, verdict=Verdict(False))
    vacuous, unruled = replace(right, verdict=Verdict(True, vacuous=True)), replace(right, verdict=Verdict(None))
    found = opinions([right, silent, blank, vacuous, unruled])
    assert [(one.right, one.read) for one in found] == [(True, True), (False, False), (False, True)]
