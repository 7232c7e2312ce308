"""Sampling that is killed again and again leaves the file that it leaves undisturbed, to the byte."""

import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from ..warm import ALONE, ROOT, Warm
from .killing import killed_at_random

ASKED = ["--policy", "policy/seedling", "--task", "worlds", "--limit", "32", "--max_new_tokens", "48"]
ASKED += ["--samples", "2", "--temperature", "1.0", "--batch_size", "8"]


def rows(file: Path) -> int:
    return file.read_bytes().count(b"\n") if file.is_file() else 0


@pytest.mark.slow
def test_killed_at_random_the_file_is_the_same_to_the_byte(tmp_path):
    whole, file = tmp_path / "whole.jsonl", tmp_path / "samples.jsonl"
    command = [sys.executable, "-m", "eval.generate", *ASKED, "--output"]
    beside = subprocess.Popen([*command, str(whole)], cwd=ROOT, stdout=subprocess.DEVNULL, env=ALONE)
    left: list[int] = []

    def enough(drawn: Random) -> int:
        left.append(rows(file))
        return rows(file) + drawn.randrange(1, 7)

    kills = killed_at_random([*command, str(file)], Random(2), enough, lambda: rows(file), Warm)
    print(f"killed {kills} times, with {left[1:]} rows of batches of 8 in the file")
    assert kills >= 3 and beside.wait() == 0
    assert file.read_bytes() == whole.read_bytes()
