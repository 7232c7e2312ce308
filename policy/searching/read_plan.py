"""From a search's config to its plan, checked in full before the first trial. Imports neither torch nor Optuna."""

from collections.abc import Mapping, Sequence
from itertools import pairwise, product
from pathlib import Path
from typing import Any

from policy import yaml_file
from policy.config import Resolved
from policy.config_error import ConfigError, did_you_mean
from policy.fields import check
from policy.searching.fields import SearchFields
from policy.searching.plan import BUDGETS, Command, Plan, Stage
from policy.searching.space import DECIDED, Parameter, parameter


def plan_of(resolved: Resolved[SearchFields], command: Command) -> Plan:
    """Raises ConfigError with the first thing that cannot work, whatever trial it would meet."""
    asked, where = resolved.own, str(resolved.path)
    for key in ("evaluations", "watched_questions"):
        if getattr(asked, key) < 1:
            raise ConfigError(f"{where}: {key} is {getattr(asked, key)}; it must be at least 1.")
    if asked.metric == "eval_loss" and not command.losses:
        raise ConfigError(
            f"{where}: metric is eval_loss, and an evaluation of {command.module} answers questions and measures no "
            "loss. Write metric: execution_accuracy."
        )
    try:
        fields = command.read(["--config", asked.config]).fields
    except ConfigError as error:
        raise ConfigError(f"{where}: {command.module} cannot run the config that it searches: {error}") from None
    if not asked.space:
        raise ConfigError(f"{where}: space is empty. Write a key of {asked.config}, learning_rate: {{low: ...}}.")
    parameters = tuple(parameter(key, written, fields, where) for key, written in asked.space.items())
    for key in asked.fixed:
        if key in DECIDED and key not in ("held_out_size", "task", "task_path"):
            raise ConfigError(f"{where}: fixed.{key} cannot be fixed: {DECIDED[key]}.")
        if key in asked.space:
            raise ConfigError(f"{where}: {key} is in space and in fixed. Keep one of them.")
    grid = _grid(parameters, where) if asked.sampler == "grid" else ()
    stages = tuple(_stage(at, one, len(grid), where) for at, one in enumerate(asked.stages))
    _stages_narrow(stages, where)
    for at, stage in enumerate(stages):
        for key, value in stage.budget.items():
            check(fields[key], value, f"{where}: stages, number {at + 1}")
    folder = Path(asked.output_dir or "runs")
    plan = Plan(resolved.path, asked, command, Path(asked.config), parameters, stages, folder, grid)
    _every_value_is_taken(plan)
    return plan


def _stage(at: int, written: Mapping[str, Any], grid: int, where: str) -> Stage:
    place = f"{where}: stages, number {at + 1}"
    for word in written:
        if word not in ("trials", *BUDGETS):
            words = ["trials", *BUDGETS]
            raise ConfigError(f"{place}: there is no {word}; it has {', '.join(words)}.{did_you_mean(word, words)}")
    trials = written.get("trials")
    if at == 0 and grid:
        if trials not in (None, grid):
            raise ConfigError(f"{place}: the grid has {grid} points and trials is {trials}. Leave trials out.")
        trials = grid
    if isinstance(trials, bool) or not isinstance(trials, int) or trials < 1:
        raise ConfigError(f"{place}: trials is {trials!r}; it must be an integer of at least 1.")
    return Stage(trials, {key: written[key] for key in BUDGETS if key in written})


def _stages_narrow(stages: Sequence[Stage], where: str) -> None:
    if not stages:
        raise ConfigError(f"{where}: stages is empty. Write one, - {{trials: 8}}.")
    for at, (one, other) in enumerate(pairwise(stages), start=1):
        if other.trials > one.trials:
            raise ConfigError(
                f"{where}: stage {at} has {one.trials} trials and stage {at + 1} takes the best {other.trials} of "
                "them. Write fewer, or as many."
            )


def _grid(parameters: Sequence[Parameter], where: str) -> tuple[Mapping[str, Any], ...]:
    for one in parameters:
        if one.listed() is None:
            raise ConfigError(f"{where}: a grid cannot list space.{one.key} ({one.in_words()}). Write choices or step.")
    keys = [one.key for one in parameters]
    return tuple(dict(zip(keys, point, strict=True)) for point in product(*(one.listed() or [] for one in parameters)))


def _every_value_is_taken(plan: Plan) -> None:
    """A mistake is told now, and not after a night of other trials: each value beside the first of the others, in every
    stage. What only two values together make impossible is met by their trial."""
    first = {one.key: one.ends()[0] for one in plan.parameters}
    for at in range(len(plan.stages)):
        for one in plan.parameters if at == 0 else plan.parameters[:1]:
            for value in one.ends():
                try:
                    plan.command.read(plan.argv(first | {one.key: value}, at, plan.folder / "trial"))
                except ConfigError as error:
                    shown = ", ".join(f"{key} {yaml_file.write(v)}" for key, v in (first | {one.key: value}).items())
                    raise ConfigError(f"a trial of stage {at + 1} with {shown} cannot run: {error}") from None
    plan.command.resolve(plan.argv(first, 0, plan.folder / "trial"))
