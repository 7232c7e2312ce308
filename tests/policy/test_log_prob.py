"""The log-probability that a reward model is held against is the policy's own, however texts are batched."""

from pathlib import Path

import pytest
import torch
from transformers import FalconH1Config, FalconH1ForCausalLM, MistralConfig, MistralForCausalLM

from envs.example import Database, Example
from policy.chat import taught
from policy.load import load_policy, load_tokenizer
from policy.log_prob import LogProb

TINY = {"hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 4, "head_dim": 16}
TINY |= {"num_key_value_heads": 2, "initializer_range": 0.3, "eos_token_id": 2, "pad_token_id": 0, "bos_token_id": 1}


def asked() -> list[tuple[Example, str]]:
    def example(name: str, schema: str) -> Example:
        return Example(name, "How old?", Database("sqlite", script=""), schema, "zoo", "SELECT 1", "sqlite")

    short, long = example("a", "zoo(age)"), example("b", "zoo(age, name) " * 12)
    return [(short, "SELECT age FROM zoo"), (long, "SELECT 1"), (short, "SELECT MAX(age), name FROM zoo"), (long, " ")]


def alone(policy: str) -> list[float]:
    """What each query gets by itself."""
    model, tokenizer = load_policy(policy, "float32").eval(), load_tokenizer(policy)
    found: list[float] = []
    for one, sql in asked()[:3]:
        lesson = taught(tokenizer, one, "strict", None, sql)
        with torch.no_grad():
            said = model(torch.tensor([lesson.ids])).logits[0].log_softmax(-1)
        places = range(lesson.answer_at, len(lesson.ids))
        found.append(sum(float(said[at - 1, lesson.ids[at]]) for at in places))
    return found


def test_it_is_the_sum_over_the_answer_and_its_stop_token_whatever_stands_beside_it() -> None:
    found = LogProb("policy/seedling", "strict", None, batch=8).logits(asked())
    assert found[:3] == pytest.approx(alone("policy/seedling"), abs=1e-3) and found[3] is None


@pytest.mark.parametrize("kind", ["window", "state"])
def test_a_policy_that_cannot_read_answers_side_by_side_says_the_same(kind: str, tmp_path: Path) -> None:
    tokenizer = load_tokenizer("policy/seedling")
    torch.manual_seed(0)
    if kind == "window":
        model = MistralForCausalLM(MistralConfig(**TINY, vocab_size=len(tokenizer), sliding_window=16))
    else:
        sizes = {"mamba_d_ssm": 64, "mamba_n_heads": 4, "mamba_d_head": 16}
        model = FalconH1ForCausalLM(FalconH1Config(**TINY, **sizes, vocab_size=len(tokenizer)))
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    found = LogProb(str(tmp_path), "strict", None, batch=8).logits(asked())
    assert found[:3] == pytest.approx(alone(str(tmp_path)), rel=1e-3)
