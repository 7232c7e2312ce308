"""A learned reward is refused where it could lift a wrong answer above a right one, and where its model is missing."""

import json
from pathlib import Path

import pytest

from policy.config_error import ConfigError
from rl.config import read, resolve
from rl.learned_checks import MARK, folder, learned_reward_is_bounded, same_reward_model, weights_of
from rl.reward_bounds import BOUNDS
from rl.rloo import RLOO

SAFE = "{blended: 0.8, reward_model: 0.2}"


def complaint(weights: dict[str, float], **more: object) -> str | None:
    return learned_reward_is_bounded({"rewards": weights, "reward_model_path": "runs/reward_model", **more})


@pytest.mark.parametrize(
    "weights",
    [
        {"blended": 0.8, "reward_model": 0.2},
        {"blended": 1.0, "execution_match": 5.0, "reward_model": 0.29},
        {"twin_match": 1.0, "reward_model": 0.99},
        {"learned_if_wrong": 1.0, "reward_model": 0.0},
        {"execution_match": 1.0, "reward_model": 0.0},
        {"rouge_l": 1.0, "reward_model": 0.0},
    ],
    ids=str,
)
def test_weights_under_which_right_stays_above_wrong_are_taken(weights: dict[str, float]) -> None:
    assert complaint(weights) is None


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        ({"blended": 0.8, "reward_model": 0.24}, "Write less than 0.24."),
        ({"blended": 1.0, "brevity": 0.1, "reward_model": 0.2}, "Write less than 0.2."),
        ({"reward_model": 1.0}, "no weight of a learned reward is safe"),
        ({"execution_match": 1.0, "reward_model": 0.1}, "pays an equality that proves nothing"),
        ({"blended": 1.0, "rouge_l": 0.4, "reward_model": 0.1}, "no weight of a learned reward is safe"),
        ({"blended": 1.0, "executes": -0.4, "learned_if_wrong": 0.1}, "no weight of a learned reward is safe"),
        ({"blended": 1.0, "reward_model": -0.1}, "Write 0 or more."),
    ],
    ids=str,
)
def test_weights_under_which_a_wrong_answer_could_win_are_refused_with_what_would_hold(
    weights: dict[str, float], told: str
) -> None:
    assert told in str(complaint(weights))


def test_a_reward_that_nobody_bounded_bounds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(BOUNDS, "executes")
    told = complaint({"blended": 0.8, "executes": 0.1, "reward_model": 0.1})
    assert told and "what executes pays" in told and "rl/reward_bounds.py" in told
    assert complaint({"blended": 0.8, "executes": 0.0, "reward_model": 0.1}) is None


def test_rewards_that_are_made_alike_before_they_are_added_bound_nothing() -> None:
    told = complaint({"blended": 0.8, "reward_model": 0.2}, multi_objective_aggregation="normalize_then_sum")
    assert told and "Write sum_then_normalize." in told


def config(tmp_path: Path, *lines: str) -> list[str]:
    file = tmp_path / "grpo_x.yaml"
    file.write_text("\n".join(["model_name_or_path: policy/seedling", "task: worlds", *lines]))
    return ["--config", str(file)]


@pytest.mark.parametrize("algorithm", [None, RLOO], ids=["grpo", "rloo"])
def test_a_config_says_which_model_is_asked_and_asks_it(tmp_path: Path, algorithm: object) -> None:
    more = () if algorithm is None else (algorithm,)
    with pytest.raises(ConfigError, match=r"reward_model_path is missing.*python -m rl.reward_model --config"):
        read(config(tmp_path, f"rewards: {SAFE}"), *more)
    with pytest.raises(ConfigError, match="reward_model_path would be ignored"):
        read(config(tmp_path, "reward_model_path: runs/reward_model"), *more)
    with pytest.raises(ConfigError, match=r"Write less than 0\.24"):
        argv = config(tmp_path, "rewards: {blended: 0.8, reward_model: 0.3}", "reward_model_path: runs/reward_model")
        read(argv, *more)


def test_a_model_that_is_not_there_is_told_with_the_command_that_trains_it(tmp_path: Path) -> None:
    argv = config(tmp_path, f"rewards: {SAFE}", f"reward_model_path: {tmp_path}/grpo_seedling")
    with pytest.raises(ConfigError, match=r"no reward model is there.*--config configs/grpo_seedling.yaml trains one"):
        resolve(argv)
    (tmp_path / "grpo_seedling/policy").mkdir(parents=True)
    (tmp_path / "grpo_seedling/policy" / MARK).write_text("{}")
    assert resolve(argv).own.reward_model_path == f"{tmp_path}/grpo_seedling"
    assert folder(f"{tmp_path}/grpo_seedling") == folder(f"{tmp_path}/grpo_seedling/policy")


def test_a_run_that_is_resumed_beside_another_reward_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / MARK).write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"one")
    environment = tmp_path / "environment.json"
    same_reward_model(environment, str(tmp_path))
    environment.write_text(json.dumps({"reward_model": weights_of(str(tmp_path))}))
    same_reward_model(environment, str(tmp_path))
    (tmp_path / "model.safetensors").write_bytes(b"two")
    with pytest.raises(ConfigError, match="began with another reward model"):
        same_reward_model(environment, str(tmp_path))


def test_a_reward_model_is_not_asked_about_a_schema_in_a_style_that_it_never_read():
    told = learned_reward_is_bounded(
        {"rewards": {"reward_model": 0.1}, "reward_model_path": "runs/reward_model", "schema_style": "compact"}
    )
    assert told is not None and "schema_style is compact" in told
