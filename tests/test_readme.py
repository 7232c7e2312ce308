"""The README's commands are commands: the modules exist, the configs parse, the two set-up lines say what they do."""

import os
import re
import sqlite3
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^(?:.*\.venv/bin/)?python -m (\S+)((?: .*?)?)(?:\s{2,}#.*)?$", README, re.MULTILINE)
HELD = dict(re.findall(r"<!-- (train|tests) -->\n```bash\n(.*)\n```", README))


def test_two_commands_do_all_the_set_up():
    assert set(HELD) == {"train", "tests"}
    for command in HELD.values():
        assert command.startswith("python3 -m venv .venv && .venv/bin/pip install -e ")


def test_ci_calls_the_second_one():
    assert "<!-- tests -->" in (ROOT / ".ci/run").read_text(encoding="utf-8")


@pytest.mark.parametrize(("module", "arguments"), COMMANDS, ids=lambda text: text.strip()[:60])
def test_every_command_names_a_module_and_files_that_exist(module, arguments):
    assert find_spec(module), f"python -m {module} does not exist"
    for config in re.findall(r"configs/\S+", arguments):
        assert (ROOT / config).is_file(), f"{config} does not exist"


@pytest.mark.parametrize("module", sorted({module for module, _ in COMMANDS if module not in ("venv", "pytest")}))
def test_every_command_has_a_page_of_help(module):
    told = subprocess.run(
        [sys.executable, "-m", module, "--help"], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert told.returncode == 0, told.stderr
    assert "--" in told.stdout


def test_the_example_of_the_judge_runs(tmp_path):
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    with sqlite3.connect(tmp_path / "shop.sqlite") as shop:
        shop.executescript(
            "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT);"
            "INSERT INTO customers VALUES (1, 'Ann'), (2, 'Bob');"
        )
    shop.close()
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert said.stdout.strip() == "True True True False False right here, but not on a twin of the database", (
        said.stderr
    )


def test_no_figure_was_left_out():
    assert "@@" not in README


def test_the_tree_in_the_readme_is_the_tree():
    for folder in re.findall(r"^(\w+)/ ", README, re.MULTILINE):
        assert (ROOT / folder).is_dir(), f"{folder}/ is in the README and not in the repository"
