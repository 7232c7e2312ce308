"""The quickstart: every stage is a command that a person can type, and what stops it loses nothing."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from eval.quickstart import stages
from eval.stage import Stage, run
from policy.config_error import ConfigError

ROOT = Path(__file__).parent.parent.parent


def test_what_a_failed_stage_said_is_shown_and_kept(tmp_path):
    failing = Stage("scores", "eval.score", ("--samples", str(tmp_path / "nothing.jsonl")))
    said = r"(?s)exit status 2 after .*there are no samples at .*all that it said is in"
    with pytest.raises(ConfigError, match=said):
        run(failing, "1/1", tmp_path / "log/1.txt")
    assert "there are no samples" in (tmp_path / "log/1.txt").read_text()
    with pytest.raises(ConfigError, match="cannot be written"):
        run(failing, "1/1", tmp_path / "log/1.txt/below")


def test_a_stage_that_is_told_to_stop_is_waited_for(tmp_path):
    """A child that takes a second to save what it has: it must have, when the parent is gone."""
    (tmp_path / "saves.py").write_text(
        "import signal, sys, time, pathlib\n"
        "def save(*_):\n    time.sleep(1); pathlib.Path('saved').touch(); sys.exit(3)\n"
        "signal.signal(signal.SIGTERM, save); pathlib.Path('begun').touch(); time.sleep(60)\n"
    )
    asked = "from pathlib import Path; from eval.stage import Stage, run; run(Stage('', 'saves', ()), '', Path('log'))"
    parent = subprocess.Popen(
        [sys.executable, "-c", asked], cwd=tmp_path, env={**os.environ, "PYTHONPATH": f"{ROOT}:{tmp_path}"},
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while not (tmp_path / "begun").exists():
        time.sleep(0.05)
    parent.send_signal(signal.SIGTERM)
    _, told = parent.communicate(timeout=30)
    assert (tmp_path / "saved").exists()
    assert told.strip().endswith("KeyboardInterrupt")


@pytest.mark.slow
def test_from_nothing_to_a_verdict(tmp_path, monkeypatch):
    """Every stage as it is, but for fewer steps and questions; then the first again, which finds nothing left to do."""
    monkeypatch.chdir(ROOT)
    few = {
        "sft.train": ("--train_size", "64", "--max_steps", "2", "--held_out_size", "8", "--save_steps", "2"),
        "rl.grpo": ("--train_size", "16", "--max_steps", "1", "--held_out_size", "8", "--save_steps", "1"),
    }
    each = [replace(stage, words=(*stage.words, *few.get(stage.module, ()))) for stage in stages(tmp_path, 16)]
    told = [run(stage, str(number), tmp_path / f"log/{number}.txt") for number, stage in enumerate(each)]
    assert "on 16 test questions of worlds, one seed each." in told[-1]
    page = told[-1].rpartition("\n\n")[2].split(" (and ")[0]
    assert Path(page).read_text().startswith("<!doctype html>")
    first = stages(tmp_path, 16)[0]
    again = replace(first, words=(*first.words, *few[first.module]))
    assert "is finished: its report is in" in run(again, "again", tmp_path / "log/again.txt")
