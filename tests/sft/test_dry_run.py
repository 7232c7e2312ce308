"""What `--dry_run` shows as taught is what is taught."""

import re

from envs.example import Database, Example
from policy.chat import taught
from policy.load import load_tokenizer
from policy.shown_mask import bracketed, painted

QUESTION = Example(
    "1",
    "Wie viele Bäume?",
    Database("sqlite", script="CREATE TABLE bäume (höhe REAL);"),
    "CREATE TABLE bäume (höhe REAL);",
    "trees",
    "SELECT COUNT(*)\nFROM bäume WHERE höhe > 12.5 AND art <> '⟦é⟧'",
    "sqlite",
)


def test_the_brackets_hold_the_answer_and_the_stop_token_cut_at_tokens() -> None:
    tokenizer = load_tokenizer("policy/seedling")
    one = taught(tokenizer, QUESTION, "strict")
    prompt, _, rest = bracketed(one, tokenizer).partition("assistant\n⟦")
    assert prompt.startswith("<|im_start|>system") and "Wie viele Bäume?" in prompt
    shown = rest.removesuffix("⟧")
    assert shown.replace("|", "") == f"{QUESTION.gold_sql}<|im_end|>".replace("|", "")
    assert shown.count("|") - "<|im_end|>".count("|") == len(one.ids) - one.answer_at - 1, "one bar between two tokens"


def test_in_colour_what_is_taught_stands_on_green_and_the_prompt_is_pale() -> None:
    tokenizer = load_tokenizer("policy/seedling")
    one = taught(tokenizer, QUESTION, "strict")
    shown = painted(one, tokenizer)
    greens = re.findall(r"\033\[30;(?:42|102)m(.*?)\033\[0m", shown, re.DOTALL)
    green = "".join(greens)
    assert len(greens) == len(one.ids) - one.answer_at, "one stroke a token"
    assert green.replace("⏎\n", "\n") == f"{QUESTION.gold_sql}<|im_end|>"
    assert shown.startswith("\033[2m<|im_start|>system")
