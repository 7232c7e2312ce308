"""The lab's own small policy: what is in the repository is small, reads unseen schemas, and leaves room to learn."""

import pytest
import torch

from envs import tasks
from envs.prompt import messages
from envs.sql_env import SqlEnv
from policy.availability import SEEDLING
from policy.chat import prompt_text
from policy.corpus import chats
from policy.generate import complete
from policy.held_out import examine
from policy.load import load_policy, load_tokenizer


@pytest.fixture(scope="module")
def tokenizer():
    return load_tokenizer("policy/seedling")


@pytest.fixture(scope="module")
def policy():
    return load_policy("policy/seedling")


def test_it_fits_in_16_megabytes_and_holds_whole_numbers_of_single_precision(policy):
    assert sum(file.stat().st_size for file in SEEDLING.glob("*.safetensors")) <= 16_000_000
    assert {str(weights.dtype) for weights in policy.parameters()} == {"torch.float32"}


@pytest.mark.parametrize("text", ["SELECT a_b FROM t;", "naïve ☃ 'O''Brien'", "\n\t  x\r\n", "", "<|im_end|>", "1e-6"])
def test_any_text_comes_back_from_its_tokens(tokenizer, text):
    assert tokenizer.decode(tokenizer(text, add_special_tokens=False)["input_ids"]) == text


def test_a_name_is_the_same_tokens_in_schema_question_and_sql(tokenizer):
    alone = tokenizer.tokenize("zorblings")
    for around in ("CREATE TABLE zorblings (", "How many zorblings?", "SELECT T1.zorblings FROM", "'zorblings'"):
        found = tokenizer.tokenize(around)
        assert any(found[at : at + len(alone)] == alone for at in range(len(found)))


def test_its_template_is_one_that_trl_can_call_tools_with(tokenizer):
    from trl.chat_template_utils import supports_tool_calling

    assert supports_tool_calling(tokenizer)


def test_it_was_pretrained_on_the_very_text_that_it_is_asked_in(tokenizer):
    system, question, answer = next(chats(5, None))
    body = system.split("\n", 1)[1].removesuffix("<|im_end|>\n")
    asked = question.split("\n", 1)[1].split("<|im_end|>")[0]
    rendered = tokenizer.apply_chat_template(
        [{"role": "system", "content": body}, {"role": "user", "content": asked}],
        tokenize=False,
        add_generation_prompt=True,
    )
    assert rendered == system + question
    assert answer.endswith(tokenizer.eos_token)


def test_batching_changes_no_greedy_answer_and_keeps_the_order(policy, tokenizer):
    examples = tasks.load("worlds", "validation")[:12]
    prompts = [prompt_text(tokenizer, example, "strict") for example in examples]
    one_by_one = complete(policy, tokenizer, prompts, 48, batch_size=1)
    assert complete(policy, tokenizer, prompts, 48, batch_size=12) == one_by_one
    assert prompts[0].endswith("<|im_start|>assistant\n") and messages(examples[0])[1]["content"] in prompts[0]


@pytest.mark.slow
def test_it_reads_schemas_it_has_never_seen_and_leaves_headroom(policy, tokenizer):
    examples = tasks.load("worlds", "test")[:80]
    with SqlEnv(examples) as env:
        greedy = examine(policy, tokenizer, examples, env, "strict", 96).accuracy().mean
        prompts = [prompt_text(tokenizer, example, "strict") for example in examples[:40]]
        torch.manual_seed(0)
        sampled = complete(policy, tokenizer, prompts, 64, batch_size=16, samples=8, temperature=1.0)
        asked = [(e.id, text) for e, texts in zip(examples[:40], sampled, strict=True) for text in texts]
        right = [bool(rollout.verdict.correct) for rollout in env.play_batch(asked)]
    groups = [right[at : at + 8] for at in range(0, len(right), 8)]
    both = sum(any(group) and not all(group) for group in groups) / len(groups)
    assert greedy > 0.5
    assert both > 0.25, "reinforcement learning has something to choose from where a group holds right and wrong"
