"""Sampling that is killed again and again leaves the file that it leaves undisturbed, to the byte."""

import sys
from pathlib import Path
from random import Random

import pytest

from eval.generate import main

from .killing import killed_at_random

ASKED = ["--policy", "policy/seedling", "--task", "worlds", "--limit", "18", "--max_new_tokens", "48"]
ASKED += ["--samples", "3", "--temperature", "1.0", "--batch_size", "3"]


def rows(file: Path) -> int:
    return file.read_bytes().count(b"\n") if file.is_file() else 0


@pytest.mark.slow
def test_killed_at_random_the_file_is_the_same_to_the_byte(tmp_path):
    whole, file = tmp_path / "whole.jsonl", tmp_path / "samples.jsonl"
    main([*ASKED, "--output", str(whole)])
    command = [sys.executable, "-m", "eval.generate", *ASKED, "--output", str(file)]
    kills = killed_at_random(command, Random(2), lambda drawn: rows(file) + drawn.randrange(1, 6), lambda: rows(file))
    assert kills >= 3
    assert file.read_bytes() == whole.read_bytes()
