"""What a reward model's config must satisfy beyond types: each check says what is wrong, or None."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rl.pair_checks import batches_can_be_drawn, dropout_is_on, schema_is_as_pairs_hold_it, some_are_held_out

Values = Mapping[str, Any]

NOT_READ = {
    "chat_template_path": "the prompt is the policy's own",
    "eos_token": "the token that ends an answer is the one the chat template writes after it",
    "pad_token": "it is the tokenizer's own, or its end of text",
    "resume_from_checkpoint": "--resume continues the run from its own folder",
    "sample": "the pairs say what is trained on",
}
"""Keys that decide nothing here, each with what does."""

METRICS = ("loss", "accuracy", "margin")
"""What an evaluation measures that can choose a model."""


def keys_are_read(values: Values, given: set[str]) -> str | None:
    for key, why in NOT_READ.items():
        if key in given and values[key]:
            return f"{key} is not read: {why}."
    return None


def pairs_are_there(values: Values, given: set[str]) -> str | None:
    """Their rows are read before any model is loaded; that the files are there is told at once."""
    for key in ("pairs", "test_pairs"):
        for file in values[key] or []:
            if not Path(file).expanduser().is_file():
                return f"{key} names {file}, and no file is there. python -m rl.pairs makes it."
    if values["pairs"] is not None and not values["pairs"]:
        return "pairs is an empty list. Name a file of rl.pairs, or write pairs: null to train on corruptions alone."
    if values["corruptions_each"] is not None and values["corruptions_each"] < 0:
        return f"corruptions_each is {values['corruptions_each']}; it must be at least 0."
    if not values["pairs"] and values["corruptions_each"] == 0:
        return "corruptions_each is 0 and pairs is null, so there is nothing to train on. Write one of them."
    if values["test_corruptions"] < 1:
        return f"test_corruptions is {values['test_corruptions']}; it must be at least 1."
    if values["pairs_together"] < 1:
        return f"pairs_together is {values['pairs_together']}; it must be at least 1."
    if values["pairs_together"] > 1 and values["attn_implementation"] not in (None, "sdpa", "eager"):
        return (
            f"pairs_together is {values['pairs_together']}, and attn_implementation {values['attn_implementation']} "
            "cannot keep answers of one row apart. Write attn_implementation: sdpa, or pairs_together: 1."
        )
    if values["max_length"] is not None and values["max_length"] < 1:
        return f"max_length is {values['max_length']}; it must be at least 1, or null."
    return None


def samples_have_scores(values: Values, given: set[str]) -> str | None:
    for key, other, makes in (
        ("samples", "scores", "python -m eval.score --samples ... writes them"),
        ("scores", "samples", "python -m eval.generate writes them"),
    ):
        if values[key] and not values[other]:
            return f"{key} is given and {other} is not; {makes}."
        if values[key] and not Path(values[key]).expanduser().is_file():
            return f"{key} is {values[key]}, and no file is there."
    return None


def best_model_can_be_told(values: Values, given: set[str]) -> str | None:
    metric, patience = values["metric_for_best_model"], values["early_stopping_patience"]
    watching = values["eval_strategy"] != "no"
    if patience is not None and (patience < 1 or not values["load_best_model_at_end"]):
        return "early_stopping_patience must be at least 1, and needs load_best_model_at_end: true."
    if values["load_best_model_at_end"] and not watching:
        return "load_best_model_at_end needs evaluations to tell the best. Write eval_strategy: steps."
    every = values["eval_steps"] or values["logging_steps"]
    if values["load_best_model_at_end"] and (
        values["save_strategy"] != values["eval_strategy"]
        or (values["save_strategy"] == "steps" and values["save_steps"] % every)
    ):
        return (
            "load_best_model_at_end: save_strategy and eval_strategy must be the same, save_steps a multiple of "
            "eval_steps."
        )
    if metric and metric.removeprefix("eval_") not in METRICS:
        return f"metric_for_best_model is {metric}; it must be one of {', '.join(METRICS)}."
    greater = values["greater_is_better"]
    if metric and greater is not None and greater == metric.endswith("loss"):
        return f"greater_is_better is {greater}, and {metric} is better when it {'rises' if not greater else 'falls'}."
    return None


def numbers_can_be_computed(values: Values, given: set[str]) -> str | None:
    """What transformers and bitsandbytes refuse once the model is loaded, told before."""
    if values["bf16"] and values["fp16"]:
        return "bf16 and fp16 are both true. Keep one of them."
    if (values["load_in_4bit"] or values["load_in_8bit"]) and values["dtype"] in (None, "auto"):
        return "dtype is auto, and quantised weights need to know what they are multiplied in. Write dtype: bfloat16."
    centre = values["center_rewards_coefficient"]
    if centre is not None and centre < 0:
        return f"center_rewards_coefficient is {centre:g}; it must be at least 0, and 0.01 is usual."
    return None


CHECKS = (
    keys_are_read,
    pairs_are_there,
    samples_have_scores,
    best_model_can_be_told,
    numbers_can_be_computed,
    some_are_held_out,
    batches_can_be_drawn,
    dropout_is_on,
    schema_is_as_pairs_hold_it,
)
"""In the order in which they are asked; the first complaint is the one that is told."""
