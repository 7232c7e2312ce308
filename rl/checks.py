"""What a GRPO config must satisfy beyond types: each check reads every key's value and says what is wrong, or None."""

from collections.abc import Mapping
from typing import Any

from policy.availability import adapter_kind
from rl.batch import Batch, batch_of
from rl.curriculum.checks import selection_adds_up
from rl.learned_checks import learned_reward_is_bounded
from rl.resume_checks import checkpoints_hold_the_run
from rl.turn_checks import turns_can_be_taken
from rl.vllm_checks import vllm_has_such_a_policy

Values = Mapping[str, Any]


def counts(values: Values) -> str | None:
    for key, least in {"num_generations": 2, "num_iterations": 1, "max_completion_length": 1}.items():
        if values[key] is None or values[key] < least:
            why = "; the advantage of a completion is measured against the others of its group" if least == 2 else ""
            return f"{key} is {values[key]}; it must be at least {least}{why}."
    for key in ("steps_per_generation", "generation_batch_size"):
        if values[key] is not None and values[key] < 1:
            return f"{key} is {values[key]}; it must be at least 1, or left out."
    return None


def ranges(values: Values) -> str | None:
    if values["beta"] < 0:
        return f"beta is {values['beta']:g}; it must be at least 0. 0 means no reference model and no KL term."
    if values["temperature"] <= 0:
        return (
            f"temperature is {values['temperature']:g}; it must be above 0. Without sampling the completions of a "
            "group are all alike and nothing is learned; 1.0 is usual."
        )
    if not 0 < values["top_p"] <= 1:
        return f"top_p is {values['top_p']:g}; it must be above 0 and at most 1, which takes every token."
    if values["top_k"] < 0:
        return f"top_k is {values['top_k']}; it must be at least 1, or 0, which takes every token."
    if values["epsilon"] <= 0:
        return f"epsilon is {values['epsilon']:g}; it must be above 0: by so much a step may move a probability."
    return None


def one_way_to_say_it(values: Values) -> str | None:
    steps, size = values["steps_per_generation"], values["generation_batch_size"]
    if steps is not None and size is not None:
        return (
            f"steps_per_generation ({steps}) and generation_batch_size ({size}) both fix how many completions are "
            "generated at once. Keep one of them."
        )
    if values["reward_weights"] is not None:
        return "reward_weights is not read: a weight stands beside its reward, rewards: {blended: 1.0, brevity: 0.1}."
    if values["resume_from_checkpoint"] is not None:
        return "resume_from_checkpoint is not read: --resume continues the run from its own folder."
    return None


def groups_are_whole(values: Values) -> str | None:
    batch = batch_of(values)
    size, device = values["generation_batch_size"], batch.per_device * batch.processes
    if size is not None and size % device:
        return (
            f"generation_batch_size is {size}, which {batch.per_device} a device x {batch.processes} process(es) = "
            f"{device} does not divide. Write {max(1, size // device) * device} or {(size // device + 1) * device}."
        )
    if batch.completions % batch.num_generations:
        return (
            f"{batch.in_words()}, which num_generations ({batch.num_generations}) does not divide, so a group would be "
            f"torn. {_whole(batch)}"
        )
    return None


def _whole(batch: Batch) -> str:
    """The nearest ways to make the generation divisible."""
    fits = [count for count in range(2, batch.completions + 1) if batch.completions % count == 0]
    near = sorted(sorted(fits, key=lambda count: abs(count - batch.num_generations))[:2])
    size = (batch.per_device // batch.num_generations + 1) * batch.num_generations
    other = f"num_generations {' or '.join(map(str, near))}, or " if near else ""
    return f"Write {other}per_device_train_batch_size {size}."


def evaluation_can_choose(values: Values) -> str | None:
    """An evaluation answers validation questions greedily and says one thing, execution accuracy."""
    metric = values["metric_for_best_model"]
    choosing = values["load_best_model_at_end"] or values["early_stopping_patience"] is not None or metric is not None
    if values["validation_size"] is not None and values["validation_size"] < 1:
        return f"validation_size is {values['validation_size']}; it must be at least 1, or null."
    if values["eval_on_start"]:
        return "eval_on_start is not read: the policy is always evaluated before the first step. Leave it out."
    if values.get("num_generations_eval") is not None:
        return "num_generations_eval is not read: an evaluation answers each question once, greedily."
    if values["eval_steps"] is not None and values["eval_steps"] <= 0:
        return f"eval_steps is {values['eval_steps']:g}; it must be above 0, or left out, which is logging_steps."
    if not choosing:
        return None
    if values["early_stopping_patience"] is not None and values["early_stopping_patience"] < 1:
        return f"early_stopping_patience is {values['early_stopping_patience']}; it must be at least 1, or null."
    if values["early_stopping_threshold"] < 0:
        return f"early_stopping_threshold is {values['early_stopping_threshold']:g}; it must be at least 0."
    if values["eval_strategy"] == "no":
        return "load_best_model_at_end and early stopping need an evaluation. Write eval_strategy: steps."
    if metric not in ("execution_accuracy", "eval_execution_accuracy"):
        return f"metric_for_best_model is {metric or 'null'}; an evaluation measures one: execution_accuracy."
    every = values["eval_steps"] or values["logging_steps"]
    apart = values["save_strategy"] != "steps" or values["save_steps"] % every
    if values["load_best_model_at_end"] and values["eval_strategy"] == "steps" and apart:
        return (
            f"load_best_model_at_end keeps a policy that was both evaluated and saved: save_steps is "
            f"{values['save_steps']:g}; write a multiple of eval_steps, {every:g}."
        )
    if values["greater_is_better"] is False:
        return "greater_is_better is false, and execution accuracy is better when it rises. Leave it out."
    return None


def saves_between_generations(values: Values) -> str | None:
    """A checkpoint inside a generation's reuse is resumed with other completions (trl#3148 and the like)."""
    batch, every = batch_of(values), values["save_steps"]
    if values["save_strategy"] != "steps" or batch.accumulation % batch.cycle == 0:
        return None
    what = f"{batch.steps_per_generation} steps_per_generation x {batch.num_iterations} num_iterations = {batch.cycle}"
    if every < 1:
        return (
            f"save_steps is {every:g}, a share of the run, and {what} passes share one generation. Write whole steps."
        )
    if every * batch.accumulation % batch.cycle == 0:
        return None
    unit = next(n for n in range(1, batch.cycle + 1) if n * batch.accumulation % batch.cycle == 0)
    return (
        f"save_steps is {every:g}, but one generation is used for {what} passes of {batch.accumulation} a step, so a "
        f"checkpoint would fall inside it and could not be resumed exactly. Write a multiple of {unit}, such as "
        f"{max(1, round(every / unit)) * unit}."
    )


def vllm_can_serve_it(values: Values) -> str | None:
    return vllm_has_such_a_policy(values, adapter_kind(values["model_name_or_path"]))


def turns_add_up(values: Values) -> str | None:
    return turns_can_be_taken(values, adapter_kind(values["model_name_or_path"]))


def train_set_fills_a_generation(values: Values, examples: int) -> str | None:
    """Call it once the examples are loaded: TRL trains 0 steps on fewer and reports success."""
    batch = batch_of(values)
    if examples >= batch.prompts:
        return None
    return (
        f"there are {examples} training examples and one generation needs {batch.prompts} prompts ({batch.in_words()}, "
        f"{batch.num_generations} for each prompt), so not one step would be trained. Raise train_size or "
        "num_generations, or lower per_device_train_batch_size or gradient_accumulation_steps."
    )


CHECKS = (
    counts,
    ranges,
    one_way_to_say_it,
    groups_are_whole,
    evaluation_can_choose,
    saves_between_generations,
    checkpoints_hold_the_run,
    vllm_can_serve_it,
    turns_add_up,
    selection_adds_up,
    learned_reward_is_bounded,
)
"""In the order in which they are asked; the first complaint is the one that is told."""
