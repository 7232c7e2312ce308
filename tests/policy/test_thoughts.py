"""A thought that the template opened is no answer, wherever the policy's text is cut."""

import pytest

from envs.completion import find_sql
from policy.thoughts import opened


@pytest.mark.parametrize(
    ("prompt", "left_open"),
    [
        ("<|im_start|>assistant\n<think>\n", "<think>\n"),
        ("<|Assistant|><think>", "<think>"),
        ("<|im_start|>assistant\n<think>\n\n</think>\n\n", ""),
        ("<|im_start|>assistant\n", ""),
        ("What does <think> mean?<|im_end|>\n<|im_start|>assistant\n", ""),
    ],
)
def test_what_a_prompt_leaves_open_is_found_at_its_end_alone(prompt, left_open):
    assert opened(prompt) == left_open


def test_an_examination_counts_no_query_of_a_thought_that_never_ended():
    from envs import tasks
    from envs.sql_env import SqlEnv
    from policy.held_out import examine
    from policy.load import load_policy, load_tokenizer

    tokenizer, model = load_tokenizer("policy/seedling"), load_policy("policy/seedling")
    questions = tasks.load("worlds", "validation")[:3]
    with SqlEnv(questions, workers=1) as env:
        plain = examine(model, tokenizer, questions, env, "strict", 24)
        tokenizer.chat_template += "{% if add_generation_prompt and enable_thinking %}<think>\n{% endif %}"
        cut = examine(model, tokenizer, questions, env, "strict", 24, template={"enable_thinking": True})
        off = examine(model, tokenizer, questions, env, "strict", 24, template={"enable_thinking": False})
    assert any(one.sql for one in plain.rollouts)
    assert [one.sql for one in off.rollouts] == [one.sql for one in plain.rollouts]
    assert all(one.completion.startswith("<think>\n") and one.sql == "" for one in cut.rollouts)
    assert find_sql(f"{cut.rollouts[0].completion}</think>SELECT 1") == "SELECT 1"


def test_an_asker_runs_no_query_of_a_thought_that_never_ended():
    from envs import tasks
    from policy.named_policy import named
    from serve.local_writer import LocalWriter
    from serve.writer import Asking

    writer, question = LocalWriter(named("policy/seedling"), Asking(max_new_tokens=24)), tasks.load("worlds", "test")[0]
    assert find_sql(writer.write(question, 1, 0.0, 0)[0].text)
    writer._tokenizer.chat_template += "{% if add_generation_prompt %}<think>\n{% endif %}"
    (cut,) = writer.write(question, 1, 0.0, 0)
    assert cut.text.startswith("<think>\n") and find_sql(cut.text) == ""
    writer.close()
