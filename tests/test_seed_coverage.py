"""docs/seed-coverage.md has every row of every seed project, with commands that can be typed and tests that exist."""

import ast
import re
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "seed-coverage.md").read_text(encoding="utf-8")
ROWS = {cells[0]: cells[1:] for line in PAGE.splitlines() if (cells := line.strip("| ").split(" | "))[0][1:2].isdigit()}
COUNTS = {"A": 36, "Q": 19, "G": 16, "B": 26, "D": 20}
OWN_KEYS = {"sft.train", "rl.grpo", "rl.dpo", "rl.reward_model"}
"""Commands whose options are the keys of a config, TRL's among them: `tests/test_configs.py` holds what they take."""


def test_every_row_of_every_project_is_there():
    numbered = {re.fullmatch(r"([A-Z]\d+)[a-z]?", row)[1] for row in ROWS}
    assert numbered == {f"{project}{i}" for project, rows in COUNTS.items() for i in range(1, rows + 1)}


@pytest.mark.parametrize("row", ROWS)
def test_a_row_has_a_command_and_a_test_and_is_whole(row):
    what, commands, tests = ROWS[row]
    assert what and "partly" not in " ".join(ROWS[row])
    assert re.findall(r"`([^`]+)`", commands), "no command"
    for command in re.findall(r"`([^`]+)`", commands):
        _can_be_typed(command)
    assert re.findall(r"`([^`]+)`", tests), "no test"
    for named in re.findall(r"`([^`]+)`", tests):
        path, _, function = named.partition("::")
        assert (ROOT / path).is_file(), f"{path} is not there"
        assert not function or function in _functions(path), f"{named} is not there"


def _can_be_typed(command: str) -> None:
    for config in re.findall(r"configs/\S+", command):
        assert (ROOT / config).is_file(), f"{config} is not there"
    called = re.match(r"(?:accelerate launch .*? -m|python -m) (\S+)(.*)", command)
    if called is None:
        return
    module, arguments = called.groups()
    assert find_spec(module), f"python -m {module} does not exist"
    if module not in OWN_KEYS:
        for option in re.findall(r"--(\w+)", arguments):
            assert re.search(rf"\b{option}\b", _help(module, arguments)), f"{module} does not know --{option}"


@cache
def _help(module: str, arguments: str) -> str:
    """With the words before the first option, which choose a part of the command where it has parts."""
    words = [word for word in arguments.split(" --")[0].split() if word.islower() and word.isalpha()]
    asked = [sys.executable, "-m", module, *words, "--help"]
    return subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True).stdout


@cache
def _functions(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
