"""One word everywhere: the file, the function in it, the key in a config and the test have one name."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

import rewards
from envs import tasks

ROOT = Path(__file__).parent.parent
CONFIGS = sorted((ROOT / "configs").rglob("*.yaml"))


def config_of(file: Path) -> dict[str, Any]:
    found = yaml.safe_load(file.read_text(encoding="utf-8"))
    return found if isinstance(found, dict) else {}


@pytest.mark.parametrize("name", rewards.NAMES)
def test_a_reward_is_the_function_that_its_file_is_called_after(name):
    assert rewards.load(name).__name__ == name, f"rewards/{name}.py must define {name}(rollout)"
    assert rewards.load(name).__module__ == f"rewards.{name}", f"rewards/{name}.py only imports {name}"


@pytest.mark.parametrize("name", rewards.NAMES)
def test_every_reward_has_its_test(name):
    assert (ROOT / f"tests/rewards/test_{name}.py").is_file(), f"tests/rewards/test_{name}.py is missing"


@pytest.mark.parametrize("name", tasks.NAMES)
def test_a_task_is_a_file_with_a_load(name):
    assert callable(getattr(import_module(f"envs.tasks.{name}"), "load", None)), f"envs/tasks/{name}.py defines no load"


@pytest.mark.parametrize("name", tasks.NAMES)
def test_every_task_has_its_test(name):
    assert (ROOT / f"tests/envs/tasks/test_{name}.py").is_file(), f"tests/envs/tasks/test_{name}.py is missing"


@pytest.mark.parametrize("file", CONFIGS, ids=lambda f: f.stem)
def test_a_config_names_rewards_and_tasks_that_exist(file):
    config = config_of(file)
    unknown = sorted(set(config.get("rewards") or {}) - set(rewards.NAMES))
    assert not unknown, f"{file.name}: rewards/ has no {', '.join(unknown)}; it has {', '.join(rewards.NAMES)}"
    task = config.get("task")
    assert task is None or task in tasks.NAMES, (
        f"{file.name}: envs/tasks/ has no {task}; it has {', '.join(tasks.NAMES)}"
    )


def test_an_unknown_name_lists_the_choices():
    with pytest.raises(ValueError, match=r"no reward named 'exec_match'; rewards/ has: .*execution_match"):
        rewards.load("exec_match")
    with pytest.raises(ValueError, match=r"no task named 'bard'; envs/tasks/ has: .*spider"):
        tasks.load("bard", "train")
