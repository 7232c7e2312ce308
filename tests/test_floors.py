"""Imports point down: envs <- rewards <- policy <- the commands. No floor imports its roof or its neighbour."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BELOW = {
    "envs": set[str](),
    "rewards": {"envs"},
    "policy": {"envs", "rewards"},
    "sft": {"envs", "rewards", "policy"},
    "rl": {"envs", "rewards", "policy"},
    "eval": {"envs", "rewards", "policy"},
    "serve": {"envs", "rewards", "policy"},
}
HEAVY = {"torch", "transformers", "trl", "peft", "accelerate", "vllm", "wandb", "bitsandbytes"}
SAY_NOTHING = {"utils", "util", "common", "core", "models", "helpers", "misc"}


def imports(source: str) -> set[str]:
    """Top-level packages that a module names, `importlib.import_module("...")` with a literal included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Call) and "import_module" in ast.unparse(node.func) and node.args:
            text = ast.unparse(node.args[0]).removeprefix("f").strip("'\"")
            found.add(text)
    return {name.split(".")[0] for name in found}


def files(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("package", BELOW)
def test_imports_point_down(package: str) -> None:
    for file in files(package):
        reached = imports(file.read_text(encoding="utf-8")) & BELOW.keys()
        assert reached <= BELOW[package] | {package}, f"{file} reaches {reached - BELOW[package] - {package}}"


@pytest.mark.parametrize("package", ["envs", "rewards"])
def test_the_ground_floors_name_no_training_stack(package: str) -> None:
    for file in files(package):
        assert not imports(file.read_text(encoding="utf-8")) & HEAVY, f"{file} must stay importable without torch"


@pytest.mark.parametrize(
    "module",
    [
        "rewards",
        "envs.sql_env",
        "rl.config",
        "sft.train",
        "sft.merge.__main__",
        "envs.explore",
        "eval.head_to_head.__main__",
        "serve.ask",
        "serve.api.options",
    ],
)
def test_importing_it_loads_neither_torch_nor_trl(module: str) -> None:
    asked = f"import sys, {module}; print(sorted({HEAVY!r} & sys.modules.keys()))"
    told = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


@pytest.mark.parametrize("source", ["import torch.nn", "from trl import GRPOTrainer", "import_module('rl.grpo')"])
def test_the_reader_of_imports_sees_every_way_to_import(source: str) -> None:
    assert imports(source) & (HEAVY | BELOW.keys())


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert not [file for package in BELOW for file in files(package) if file.stem in SAY_NOTHING]


def test_configs_are_imported_by_nobody() -> None:
    assert not list((ROOT / "configs").rglob("*.py"))
