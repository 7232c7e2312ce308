"""The search chooses by the finished trials' rows, and a trial asks for what it must."""

import json
from pathlib import Path

import pytest

from policy.finished_run import finished_run
from sft.search import Trial, best, verdict


def finished(folder: Path, rate: float, right: float) -> Path:
    """A run's folder as `sft.train` leaves it, in the files that say what became of it."""
    folder.mkdir()
    (folder / "config.yaml").write_text(f"learning_rate: {rate}\n")
    share = {"mean": right, "low": right - 0.05, "high": right + 0.05, "scored": 200, "unscored": 0}
    change = {"mean": 0.1, "low": 0.05, "high": 0.15, "gained": 22, "lost": 2, "p": 0.01}
    summary = {"stand_in": False, "questions": 200, "method": "LoRA r16", "steps": 60}
    summary |= {"task": "worlds", "split": "validation", "prompt": "strict"}
    summary |= {"before": share | {"mean": 0.4}, "after": share, "difference": change}
    (folder / "summary.json").write_text(json.dumps(summary))
    return folder


RATES = [("a", 1e-4, 0.4), ("b", 1e-3, 0.6), ("c", 3e-3, 0.58), ("d", 1e-2, 0.1)]


def test_the_rate_with_the_most_right_answers_is_chosen_and_what_is_as_good_is_named(tmp_path: Path) -> None:
    rows = [finished_run(finished(tmp_path / name, rate, right)) for name, rate, right in RATES]
    assert best(rows).learning_rate == 1e-3
    assert verdict(rows) == "Chosen: learning_rate 0.001. Within its interval: 0.003."
    assert verdict(rows[:2]).endswith("It is at the edge of what was tried: try further out.")


@pytest.mark.parametrize("begun", [False, True])
def test_a_trial_never_reads_the_test_split_and_resumes_what_was_begun(tmp_path: Path, begun: bool) -> None:
    trial = Trial(1e-3, tmp_path / "0.001")
    if begun:
        (tmp_path / "0.001").mkdir()
        (tmp_path / "0.001/config.yaml").touch()
    command = trial.command(Path("configs/sft_x.yaml"), ["--max_steps", "5"])
    assert command[command.index("--held_out_split") + 1] == "validation"
    assert (command[-1] == "--resume") is begun
