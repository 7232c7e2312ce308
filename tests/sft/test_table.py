"""The methods' table is made from run folders alone, and the search chooses by it."""

import json
from pathlib import Path

import pytest

from policy.config import ConfigError
from sft.search import Trial, best, verdict
from sft.table import row, table


def finished(folder: Path, rate: float, right: float) -> Path:
    """A run's folder as `sft.train` leaves it, in the files that the table reads."""
    folder.mkdir()
    (folder / "config.yaml").write_text(f"learning_rate: {rate}\n")
    (folder / "environment.json").write_text(json.dumps({"commit": "abcdef0123", "uncommitted_changes": False}))
    (folder / "metrics.jsonl").write_text('{"step": 1, "eval_perplexity": 3.0}\n{"step": 2, "eval_perplexity": 1.5}\n')
    share = {"mean": right, "low": right - 0.05, "high": right + 0.05, "scored": 200, "unscored": 0}
    cost = {"trainable_parameters": 10, "parameters": 1000, "samples_per_second": 31.25, "peak_rss_mib": 512.4}
    change = {"mean": 0.1, "low": 0.05, "high": 0.15, "gained": 22, "lost": 2, "p": 0.01}
    summary = {"stand_in": False, "questions": 200, "method": "LoRA r16", "steps": 60, "measures": cost, "best_step": 1}
    summary |= {"task": "worlds", "split": "test", "prompt": "strict"}
    summary |= {"before": share | {"mean": 0.4}, "after": share, "difference": change}
    (folder / "summary.json").write_text(json.dumps(summary))
    return folder


def test_a_row_holds_what_the_folder_says(tmp_path: Path) -> None:
    found = row(finished(tmp_path / "sft_x", 3e-4, 0.5))
    assert found.markdown() == (
        "| sft_x | LoRA r16 | 0.0003 | 60 | 10 (1.00%) | 512 RSS | 31.2 | 3.000 | 40.0 [45.0, 55.0] "
        "| 50.0 [45.0, 55.0] | +10.0 [+5.0, +15.0] | 22 / 2 |"
    )
    assert "200 questions of worlds (test, strict), held out; commit abcdef0." in table([found])


def test_a_folder_that_is_no_finished_run_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not a finished run"):
        row(tmp_path)


def test_the_rate_with_the_most_right_answers_is_chosen_and_what_is_as_good_is_named(tmp_path: Path) -> None:
    rows = [row(finished(tmp_path / name, rate, right)) for name, rate, right in RATES]
    assert best(rows).learning_rate == 1e-3
    assert verdict(rows) == "Chosen: learning_rate 0.001. Within its interval: 0.003."
    assert verdict(rows[:2]).endswith("It is at the edge of what was tried: try further out.")


RATES = [("a", 1e-4, 0.4), ("b", 1e-3, 0.6), ("c", 3e-3, 0.58), ("d", 1e-2, 0.1)]


def test_a_trial_never_reads_the_test_split_and_resumes_what_was_begun(tmp_path: Path) -> None:
    trial = Trial(1e-3, tmp_path / "0.001")
    command = trial.command(Path("configs/sft_x.yaml"), ["--max_steps", "5"])
    assert command[command.index("--held_out_split") + 1] == "validation" and "--resume" not in command
    (tmp_path / "0.001").mkdir()
    (tmp_path / "0.001/config.yaml").touch()
    assert trial.command(Path("configs/sft_x.yaml"), [])[-1] == "--resume"
