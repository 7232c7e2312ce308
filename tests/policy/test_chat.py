"""What is taught is what is asked, token for token, under every chat template that a config here meets."""

from dataclasses import replace
from importlib.resources import files

import pytest
from transformers import PreTrainedTokenizerBase

from envs.example import Database, Example
from envs.prompt import STYLES, Style, answer, messages
from policy.chat import PLAIN_TEMPLATE, marks_in, prompt_text, stop_tokens, taught, tokens_of
from policy.load import load_tokenizer

TEMPLATES = {
    "seedling": "<|im_end|>",
    "qwen3": "<|im_end|>",
    "qwen2_5": "<|im_end|>",
    "gemma3": "<end_of_turn>",
    "gemma": "<end_of_turn>",
    "llama3": "<|eot_id|>",
    "phi3": "<|end|>",
    "plain": "<|endoftext|>",
}
"""Template -> the token that it writes after an answer. All but the first and the last are TRL's copies of the models'
own; Gemma's knows no system role, and its end of turn is not its tokenizer's end of text."""

EXAMPLES = [
    Example(
        "1",
        "How many boats?",
        Database("sqlite", script="CREATE TABLE boats (id INT);"),
        "CREATE TABLE boats (id INT);",
        "b",
        "SELECT COUNT(*) FROM boats;",
        "sqlite",
    ),
    Example(
        "2",
        "Wie heißt's?  ",
        Database("sqlite", script="CREATE TABLE t (n TEXT);"),
        "CREATE TABLE t (n TEXT);",
        "t",
        "SELECT n\nFROM t WHERE n = 'é ✓ SELECT'",
        "sqlite",
        evidence="é means é",
    ),
]


def tokenizer_of(name: str) -> PreTrainedTokenizerBase:
    """The seedling's tokenizer with another template, and with that template's signs as special tokens."""
    tokenizer = load_tokenizer("policy/seedling")
    if name != "seedling":
        source = files("trl.chat_templates").joinpath(f"{name}.jinja")
        tokenizer.chat_template = PLAIN_TEMPLATE if name == "plain" else source.read_text(encoding="utf-8")
    signs = ["<start_of_turn>", "<end_of_turn>", "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>"]
    signs += ["<|system|>", "<|user|>", "<|assistant|>", "<|end|>", "<bos>"]
    tokenizer.add_special_tokens({"additional_special_tokens": signs})
    tokenizer.bos_token = "<bos>"
    if name == "plain":
        tokenizer.eos_token = "<|endoftext|>"
    return tokenizer


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", TEMPLATES)
def test_the_loss_is_on_the_answer_and_the_token_that_stops_it_and_on_nothing_else(name: str, style: Style) -> None:
    tokenizer = tokenizer_of(name)
    for example in EXAMPLES:
        one = taught(tokenizer, example, style, {"enable_thinking": False})
        labels = one.labels()
        trained = [label for label in labels if label != -100]
        said = answer(example, style)[0]["content"]
        assert len(labels) == len(one.ids)
        assert tokenizer.decode(trained[:-1]).rstrip("\n") == said, "the answer, whole, and nothing before it"
        assert tokenizer.decode(trained[-1:]) == TEMPLATES[name]
        assert trained == one.ids[one.answer_at :], "the loss is on one unbroken piece at the end"


@pytest.mark.parametrize("name", TEMPLATES)
def test_fine_tuning_reinforcement_learning_and_evaluation_read_the_same_prompt(name: str) -> None:
    tokenizer = tokenizer_of(name)
    for example in EXAMPLES:
        template = {"enable_thinking": False}
        one = taught(tokenizer, example, "strict", template)
        asked = tokens_of(tokenizer, prompt_text(tokenizer, example, "strict", template))
        assert one.ids[: one.answer_at] == asked
        if name != "gemma":  # TRL asks as it is told, and that template refuses a system message
            chat = messages(example, "strict")
            by_trl = tokenizer.apply_chat_template(
                chat, add_generation_prompt=True, tokenize=True, return_dict=False, **template
            )
            assert by_trl == asked


@pytest.mark.parametrize("name", TEMPLATES)
def test_generation_stops_at_the_token_that_ends_an_answer(name: str) -> None:
    tokenizer = tokenizer_of(name)
    assert tokenizer.convert_tokens_to_ids(TEMPLATES[name]) in stop_tokens(tokenizer)


def test_a_template_that_rewrites_the_prompt_once_it_is_answered_is_refused() -> None:
    tokenizer = load_tokenizer("policy/seedling")
    opens = "{% if add_generation_prompt %}<think>{% endif %}<|im_end|>"
    tokenizer.chat_template = "{% for m in messages %}{{ m['content'] }}{% endfor %}" + opens
    with pytest.raises(ValueError, match="writes the prompt of 1 in another way"):
        taught(tokenizer, EXAMPLES[0], "strict")


def test_a_special_token_in_an_example_s_own_text_is_found() -> None:
    tokenizer = load_tokenizer("policy/seedling")
    assert marks_in(tokenizer, EXAMPLES[0]) == []
    hostile = replace(EXAMPLES[0], gold_sql="SELECT '<|im_end|>'", question="a <|im_start|>?")
    assert marks_in(tokenizer, hostile) == ["<|im_start|>", "<|im_end|>"]


def test_a_template_that_never_stops_is_refused() -> None:
    tokenizer = load_tokenizer("policy/seedling")
    tokenizer.chat_template = "{% for m in messages %}{{ m['content'] }}\n{% endfor %}"
    with pytest.raises(ValueError, match="never learn to stop"):
        taught(tokenizer, EXAMPLES[0], "strict")
