"""What a run that asks a learned reward model must satisfy: each check says what is wrong, or None. No torch."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import rewards
from envs.presentation import Presentation
from policy.availability import folder_of
from policy.config_error import ConfigError
from policy.weights import fingerprint
from rl.reward_bounds import BOUNDS, gap

CONFIGS = Path(__file__).parent.parent / "configs"
SAME = 1e-6
"""Rewards that differ by less are one reward (`rl/reward_adapter.py`)."""

MARK = "reward_model.json"
"""Beside the weights of a reward model (`policy/learned_reward.py`)."""


def learned_reward_is_bounded(values: Mapping[str, Any]) -> str | None:
    """What a model thinks must never lift a wrong answer above a right one."""
    weights: dict[str, float] = values["rewards"]
    path, reading = values["reward_model_path"], [name for name in weights if rewards.reads_learned(name)]
    if path is not None and not reading:
        return "reward_model_path would be ignored: no reward asks the model. Add reward_model: 0 to rewards to log it."
    if path is None and reading:
        return (
            f"rewards.{reading[0]} asks a learned reward model, and reward_model_path is missing. Write its folder, "
            f"such as runs/reward_model; {trains('runs/reward_model')} trains one."
        )
    for key, value in Presentation.of(values).changed().items() if reading else ():
        return (
            f"{key} is {value}, and the reward model of {reading[0]} has learned to read whole schemas as ddl and "
            f"nothing beside them. Leave {key} out, or the reward."
        )
    for name in reading:
        if weights[name] < 0:
            return f"rewards.{name} is {weights[name]:g}; what the model prefers would be punished. Write 0 or more."
    if not any(weights[name] for name in reading):
        return None
    if values.get("multi_objective_aggregation") == "normalize_then_sum":
        return (
            f"multi_objective_aggregation is normalize_then_sum, which blows {reading[0]} up to the spread of the "
            "other rewards, so that it could lift a wrong answer above a right one. Write sum_then_normalize."
        )
    return _never_lifted(weights)


def _never_lifted(weights: Mapping[str, float]) -> str | None:
    unknown = [name for name, weight in weights.items() if weight and name not in BOUNDS]
    if unknown:
        return (
            f"nobody knows what {unknown[0]} pays a right and a wrong answer, so what a learned model may add is not "
            f"known either. Write its bounds into rl/reward_bounds.py, or weight 0."
        )
    if gap(weights) > SAME:
        return None
    opinion = weights.get("reward_model", 0.0)
    others = gap({name: weight for name, weight in weights.items() if name != "reward_model"})
    if others <= SAME:
        listed = ", ".join(f"{name}: {weight:g}" for name, weight in weights.items() if weight)
        return (
            f"rewards {{{listed}}} keep no right answer above every wrong one, so no weight of a learned reward is "
            "safe beside them (execution_match pays an equality that proves nothing, too). Add blended or twin_match."
        )
    return (
        f"rewards.reward_model is {opinion:g}, and the other rewards keep a right answer no more than {others:.3g} "
        f"above a wrong one, so the model's opinion could lift a wrong answer above a right one. Write less than "
        f"{others:.3g}."
    )


def reward_model_is_there(values: Mapping[str, Any]) -> str | None:
    path = values["reward_model_path"]
    if path is None or folder(path) is not None:
        return None
    return f"reward_model_path is {path}, and no reward model is there ({MARK} is missing). {trains(path)} trains one."


def trains(path: str) -> str:
    """The command that makes the reward model of that name, or of the usual one."""
    names = [part for part in Path(path).parts if (CONFIGS / f"{part}.yaml").is_file()]
    return f"python -m rl.reward_model --config configs/{names[-1] if names else 'reward_model'}.yaml"


def folder(path: str) -> Path | None:
    """Where the reward model lies that a run's folder or a model's folder holds; None where there is none."""
    return next((at for at in (folder_of(path) / "policy", folder_of(path)) if (at / MARK).is_file()), None)


def weights_of(path: str) -> str:
    """A fingerprint of the reward model."""
    return fingerprint(str(folder(path) or path))


def same_reward_model(environment: Path, path: str | None) -> None:
    """Call it before a run is resumed, with its `environment.json`. Raises ConfigError where the model in `path` is not
    the one that the run began with: its rewards would change on the way."""
    before = json.loads(environment.read_text(encoding="utf-8")).get("reward_model") if environment.is_file() else None
    if path is not None and before is not None and before != (now := weights_of(path)):
        raise ConfigError(
            f"{environment.parent} began with another reward model than {path} holds now ({before}, now {now}). Put "
            "the first one back to resume, or start a new run in another output_dir"
        )
