"""The containers install and run what the README says, word for word. They are not built here."""

import json
import re
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parent.parent
HELD = dict(re.findall(r"<!-- (train|tests) -->\n```bash\n(.*)\n```", (ROOT / "README.md").read_text(encoding="utf-8")))
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
DEVCONTAINER = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8"))


def test_the_image_is_installed_and_started_by_the_readme_s_first_command():
    *install, start = HELD["train"].split(" && ")
    assert re.findall(r"^RUN (.+)$", DOCKERFILE, re.MULTILINE) == [" && ".join(install)]
    (words,) = re.findall(r"^CMD (.+)$", DOCKERFILE, re.MULTILINE)
    assert " ".join(json.loads(words)) == start


def test_the_development_container_is_installed_by_the_readme_s_second_command():
    *install, _ = HELD["tests"].split(" && ")
    assert DEVCONTAINER["postCreateCommand"] == " && ".join(install)


@pytest.mark.parametrize("image", [*re.findall(r"^FROM (.+)$", DOCKERFILE, re.MULTILINE), DEVCONTAINER["image"]])
def test_both_have_a_python_that_the_lab_takes(image):
    wanted = re.search(r'requires-python = "(.+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert wanted and image.startswith("python:") and f"{image.removeprefix('python:')}.0" in SpecifierSet(wanted[1])


def test_an_environment_and_runs_of_the_host_stay_outside_the_image():
    left_out = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {".venv", "runs"} <= set(left_out)
