"""Predictions scored from a script are scored as files are."""

import pytest

from eval.api import score
from policy.config_error import ConfigError

GOLD = "SELECT name FROM items WHERE price = 4"
GOLDS = {"q1": GOLD, "q2": "SELECT count(*) FROM items", "broken": "SELECT nothing FROM nowhere"}


def test_a_mapping_and_a_list_are_scored_alike(shop):
    there = shop(GOLDS)
    named = score({"q1": GOLD, "q2": "SELECT 3", "broken": "SELECT 1"}, "jsonl", str(there.task))
    listed = score([GOLD, "SELECT 3", "SELECT 1"], "jsonl", str(there.task))
    assert named == listed
    assert (named.accuracy.mean, named.accuracy.scored, named.accuracy.unscored) == (0.5, 2, 1)
    assert [(example.id, answer.sql) for example, answer in named.wrong()] == [("q2", "SELECT 3")]
    assert "does not run" in named.ungradable["broken"] and "| predictions | 3 |" in named.table()


def test_several_completions_count_as_their_mean(shop):
    found = score({"q1": [GOLD, "SELECT 1", "no idea", GOLD]}, "jsonl", str(shop(GOLDS).task))
    assert found.accuracy.mean == 0.5 and len(found.wrong()) == 2


@pytest.mark.parametrize(
    ("predictions", "told"),
    [
        (["SELECT 1"], "1 predictions are given, and the test split of jsonl has 3"),
        ({"q9": "SELECT 1"}, "has no q9"),
        ({}, "no prediction is given"),
    ],
)
def test_predictions_for_other_questions_are_a_sentence(predictions, told, shop):
    with pytest.raises(ConfigError, match=told):
        score(predictions, "jsonl", str(shop(GOLDS).task))
    with pytest.raises(ConfigError, match="no task named 'spidr'"):
        score(predictions, "spidr")
