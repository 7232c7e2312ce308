"""The configuration of `sft.train`: the lab's own few fields, beside every field of TRL's SFTConfig and ModelConfig.

Importing this imports neither torch nor TRL.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from policy import device, stand_in
from policy.config import ConfigError, Resolved, read_config
from policy.model_fields import ModelFields
from policy.task_fields import TaskFields
from policy.training_checks import of_task_and_model
from sft.checks import CHECKS, adapter_keys
from sft.sft_fields import SftFields

MODULE = "sft.train"


@dataclass(frozen=True)
class SftRun(TaskFields):
    """Teach a policy to answer as the gold does: full, LoRA, QLoRA or prompt tuning."""

    lessons: Annotated[
        dict[str, float] | None,
        "what is taught and how much of it for each question, {text_to_sql: 1.0, repair: 0.3}, files of sft/lessons/; "
        "null teaches text_to_sql alone",
    ] = None
    repair_samples: Annotated[
        list[str] | None,
        "samples.jsonl of a policy on the train split, whose wrong queries lessons in repair begin with",
    ] = None
    measure_repair: Annotated[
        bool, "show held-out questions whose query did not run its error, before and after, and count what is repaired"
    ] = False
    validation_size: Annotated[
        int | None, "validation questions whose loss is measured while training; null takes all"
    ] = 500
    validation_answers: Annotated[
        int, "how many of them are answered and executed as well, for metric_for_best_model: execution_accuracy"
    ] = 0
    early_stopping_patience: Annotated[
        int | None, "stop after so many evaluations without a better metric_for_best_model; null never stops"
    ] = None
    early_stopping_threshold: Annotated[float, "by how much a metric must move to be better"] = 0.0
    prompt_tuning: Annotated[
        Literal["random", "vocabulary", "text"] | None,
        "train virtual tokens alone, begun from noise, from words of the vocabulary, or from prompt_tuning_text",
    ] = None
    num_virtual_tokens: Annotated[int | None, "how many; null takes 20, or as many as prompt_tuning_text has"] = None
    prompt_tuning_text: Annotated[str | None, "what the virtual tokens say before they are trained"] = None
    chat_template_kwargs: Annotated[
        dict[str, Any] | None, "what the chat template is told, {enable_thinking: false}"
    ] = None
    keep_gold_tables: Annotated[
        bool, "put the gold's tables that schema_tokens cut back, in what is taught; never in what is asked"
    ] = False
    max_new_tokens: Annotated[int, "tokens an answer may have when held-out questions are answered"] = 256


def read(argv: Sequence[str]) -> Resolved[SftRun]:
    """The config a command line names, checked as it stands. Raises ConfigError; `--help` leaves with 0."""
    resolved = read_config(SftRun, argv, SftFields, ModelFields, module=MODULE)
    check(resolved)
    return resolved


def resolve(argv: Sequence[str]) -> Resolved[SftRun]:
    """`read`, then what the stand-in and the device change, checked again: what will run."""
    resolved = device.apply(stand_in.apply(read(argv)))
    check(resolved)
    return resolved


def check(resolved: Resolved[SftRun]) -> None:
    """Raises ConfigError with the first thing that cannot work."""
    run, values, given = resolved.own, resolved.values(), set(resolved.settings)
    complaints = (
        adapter_keys(values, given),
        *of_task_and_model(run, values, given),
        *(ask(values, given) for ask in CHECKS),
    )
    told = next((told for told in complaints if told), None)
    if told:
        raise ConfigError(f"{resolved.path}: {told}")


def method(resolved: Resolved[SftRun]) -> str:
    """How the weights are taught, in the field's words: 'full', 'LoRA r16 (q_proj, v_proj)', 'QLoRA NF4 r64' ..."""
    values = resolved.values()
    if values["prompt_tuning"]:
        return f"prompt tuning ({values['prompt_tuning']})"
    if not values["use_peft"]:
        return "full"
    kind = "DoRA" if values["use_dora"] else "rsLoRA" if values["use_rslora"] else "LoRA"
    if values["load_in_4bit"] or values["load_in_8bit"]:
        kind = f"Q{kind} {values['bnb_4bit_quant_type'].upper() if values['load_in_4bit'] else 'INT8'}"
    targets = values["lora_target_modules"]
    where = f" ({', '.join(targets) if isinstance(targets, list) else targets})" if targets else ""
    return f"{kind} r{values['lora_r']}{where}"
