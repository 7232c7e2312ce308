"""The log-probability that a reward model is held against is the policy's own, however texts are batched."""

import pytest
import torch

from envs.example import Database, Example
from policy.chat import taught
from policy.load import load_policy, load_tokenizer
from policy.log_prob import LogProb


def test_it_is_the_sum_over_the_answer_and_its_stop_token_whatever_stands_beside_it() -> None:
    def example(name: str, schema: str) -> Example:
        return Example(name, "How old?", Database("sqlite", script=""), schema, "zoo", "SELECT 1", "sqlite")

    short, long = example("a", "zoo(age)"), example("b", "zoo(age, name) " * 12)
    asked = [(short, "SELECT age FROM zoo"), (long, "SELECT 1"), (short, "SELECT MAX(age), name FROM zoo"), (long, " ")]
    model, tokenizer = load_policy("policy/seedling", "float32").eval(), load_tokenizer("policy/seedling")
    wanted: list[float | None] = []
    for one, sql in asked[:3]:
        lesson = taught(tokenizer, one, "strict", None, sql)
        with torch.no_grad():
            said = model(torch.tensor([lesson.ids])).logits[0].log_softmax(-1)
        places = range(lesson.answer_at, len(lesson.ids))
        wanted.append(sum(float(said[at - 1, lesson.ids[at]]) for at in places))
    found = LogProb("policy/seedling", "strict", None, batch=8).logits(asked)
    assert found[:3] == pytest.approx(wanted, abs=1e-3) and found[3] is None
