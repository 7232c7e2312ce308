"""What an SFT config must satisfy beyond types: each check reads every key's value and says what is wrong, or None."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sft.lesson_checks import lessons_can_be_mixed

Values = Mapping[str, Any]

NOT_READ = {
    "completion_only_loss": "the loss is always on the answer and the token that stops it, and on nothing else",
    "assistant_only_loss": "the loss is always on the answer and the token that stops it, and on nothing else",
    "truncation_mode": "nothing is ever cut: an example longer than max_length is left out and counted",
    "dataset_text_field": "what is taught comes from the task",
    "dataset_kwargs": "what is taught comes from the task",
    "eos_token": "the token that ends an answer is the one the chat template writes after it",
    "pad_token": "it is the tokenizer's own, or its end of text",
    "resume_from_checkpoint": "--resume continues the run from its own folder",
    "save_only_model": "a checkpoint without its optimizer cannot be resumed",
    "shuffle_dataset": "the train split is shuffled by seed, and again in every epoch",
}
"""Keys of TRL's that decide nothing here, each with what does."""

METRICS = ("loss", "perplexity", "execution_accuracy", "mean_token_accuracy", "entropy")
"""What an evaluation measures that can choose a policy."""

CAN_PACK = ("flash_attention", "kernels-community/")
"""How the names of attention implementations begin that keep packed samples apart."""


def adapter_keys(values: Values, given: set[str]) -> str | None:
    """Prompt tuning is an adapter of its own kind."""
    init, text = values["prompt_tuning"], values["prompt_tuning_text"]
    if init and values["use_peft"]:
        return "prompt_tuning and use_peft (LoRA) are two adapters. Keep one of them."
    if init and (values["load_in_4bit"] or values["load_in_8bit"]):
        return "prompt_tuning trains virtual tokens before a whole model. Leave load_in_4bit and load_in_8bit out."
    if not init:
        idle = [key for key in ("num_virtual_tokens", "prompt_tuning_text") if key in given and values[key]]
        return f"{', '.join(idle)} would be ignored without prompt_tuning. Write prompt_tuning: text." if idle else None
    if init == "text" and not (text or "").strip():
        return "prompt_tuning is text, and prompt_tuning_text says nothing. Write what the tokens begin as."
    if init != "text" and text:
        return f"prompt_tuning_text would be ignored, because prompt_tuning is {init}. Write prompt_tuning: text."
    if values["num_virtual_tokens"] is not None and values["num_virtual_tokens"] < 1:
        return f"num_virtual_tokens is {values['num_virtual_tokens']}; it must be at least 1."
    return None


def keys_are_read(values: Values, given: set[str]) -> str | None:
    for key, why in NOT_READ.items():
        if key in given and values[key] is not None:
            return f"{key} is not read: {why}."
    if values["use_bnb_nested_quant"] and not values["load_in_4bit"]:
        return "use_bnb_nested_quant would be ignored without load_in_4bit. Write load_in_4bit: true, or leave it out."
    if values["validation_answers"] and values["eval_strategy"] == "no":
        return "validation_answers would be ignored: eval_strategy is no. Write eval_strategy: steps, or leave it out."
    return None


def lengths(values: Values, given: set[str]) -> str | None:
    for key in ("max_length", "validation_size", "max_new_tokens"):
        if values[key] is not None and values[key] < 1:
            return f"{key} is {values[key]}; it must be at least 1."
    if values["validation_answers"] < 0:
        return f"validation_answers is {values['validation_answers']}; it must be at least 0."
    return None


def packing_keeps_samples_apart(values: Values, given: set[str]) -> str | None:
    """Other attention looks from one packed sample into the next (trl 1.16 warns and trains on)."""
    if values["eval_packing"] and not values["packing"]:
        return "eval_packing without packing has no length to fill. Write packing: true, or leave eval_packing out."
    key = next((key for key in ("packing", "padding_free") if values[key]), None)
    if key is None:
        return None
    if values["prompt_tuning"]:
        return (
            f"{key} and prompt_tuning: the virtual tokens stand before the first packed sample alone. Leave {key} out."
        )
    used = values["attn_implementation"]
    if not (used or "").startswith(CAN_PACK):
        return (
            f"{key} is true and attn_implementation is {used or 'not set'}: attention would look from one packed "
            f"sample into the next. Write attn_implementation: flash_attention_2 (a GPU and its package), or {key}: "
            "false."
        )
    if values["packing"] and values["packing_strategy"] != "bfd":
        return (
            f"packing_strategy {values['packing_strategy']} cuts samples in two. Write packing_strategy: bfd, which "
            "keeps each whole."
        )
    if values["packing"] and values["max_length"] is None:
        return "packing fills rows of max_length tokens, and max_length is null. Write a number."
    if values["padding_free"] and not values["packing"] and values["max_length"] is not None:
        return "padding_free without packing does not hold max_length. Write packing: true, or max_length: null."
    return None


def template_is_a_file(values: Values, given: set[str]) -> str | None:
    path = values["chat_template_path"]
    if path is None or (path.endswith((".jinja", ".j2")) and Path(path).is_file()):
        return None
    return f"chat_template_path is {path!r}; it must be a .jinja file that is there."


def best_model_can_be_told(values: Values, given: set[str]) -> str | None:
    """The best checkpoint and early stopping need evaluations, at the steps that are saved."""
    metric, patience = values["metric_for_best_model"], values["early_stopping_patience"]
    if patience is not None and patience < 1:
        return f"early_stopping_patience is {patience}; it must be at least 1, or null."
    if patience is not None and not values["load_best_model_at_end"]:
        return (
            "early_stopping_patience stops at a policy that is past its best. Write load_best_model_at_end: true "
            "as well."
        )
    if values["load_best_model_at_end"]:
        if values["eval_strategy"] == "no":
            return "load_best_model_at_end needs evaluations to tell the best. Write eval_strategy: steps."
        if values["save_strategy"] not in (values["eval_strategy"], "best"):
            return (
                f"load_best_model_at_end needs a checkpoint at each evaluation: save_strategy is "
                f"{values['save_strategy']} and eval_strategy {values['eval_strategy']}. Write the same for both."
            )
        every = values["eval_steps"] or values["logging_steps"]
        if values["save_strategy"] == "steps" and values["save_steps"] != every:
            return (
                f"load_best_model_at_end: save_steps ({values['save_steps']:g}) must be eval_steps ({every:g}), or the "
                "best policy may have been seen and not saved. Write the same for both."
            )
    if metric and metric.removeprefix("eval_") not in METRICS:
        return f"metric_for_best_model is {metric}; it must be one of {', '.join(METRICS)}."
    if metric and metric.removeprefix("eval_") == "execution_accuracy" and not values["validation_answers"]:
        return (
            "metric_for_best_model is execution_accuracy, and validation_answers is 0. Write how many validation "
            "questions are answered at each evaluation, such as validation_answers: 100."
        )
    return None


def numbers_can_be_computed(values: Values, given: set[str]) -> str | None:
    """What transformers and bitsandbytes refuse once the model is loaded, told before."""
    if values["bf16"] and values["fp16"]:
        return "bf16 and fp16 are both true. Keep one of them."
    if (values["load_in_4bit"] or values["load_in_8bit"]) and values["dtype"] in (None, "auto"):
        return "dtype is auto, and quantised weights need to know what they are multiplied in. Write dtype: bfloat16."
    flash = (values["attn_implementation"] or "").startswith(CAN_PACK)
    if flash and values["dtype"] not in ("bfloat16", "float16"):
        return (
            f"attn_implementation {values['attn_implementation']} computes in half precision and dtype is "
            f"{values['dtype']}. Write dtype: bfloat16, or attn_implementation: sdpa."
        )
    if values["lr_scheduler_type"] == "cosine_with_min_lr" and not values["lr_scheduler_kwargs"]:
        return "lr_scheduler_type cosine_with_min_lr needs lr_scheduler_kwargs: {min_lr_rate: 0.1}."
    return None


def best_is_the_right_way_up(values: Values, given: set[str]) -> str | None:
    metric, greater = values["metric_for_best_model"], values["greater_is_better"]
    if not metric or greater is None:
        return None
    falls = metric.endswith(("loss", "perplexity", "entropy"))
    if falls == greater:
        return f"greater_is_better is {greater}, and {metric} is better when it {'falls' if falls else 'rises'}."
    return None


CHECKS = (
    keys_are_read,
    lessons_can_be_mixed,
    lengths,
    packing_keeps_samples_apart,
    template_is_a_file,
    best_model_can_be_told,
    best_is_the_right_way_up,
    numbers_can_be_computed,
)
"""In the order in which they are asked; the first complaint is the one that is told."""
