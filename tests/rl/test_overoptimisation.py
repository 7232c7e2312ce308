"""The over-optimisation curve is made of a run's own rollouts, and says where the learned reward left the truth."""

import json
from pathlib import Path

from policy.rollouts import SCHEMA, Rollouts
from policy.run_folder import RunFolder
from rl.overoptimisation import PLOT, report, told, windows


def row(step: int, value: float | None, correct: bool | None, **said: object) -> dict[str, object]:
    plain = {"vacuous": False, "constant": False, "twins": None, "sql": "SELECT 1", "gate": ""}
    rewards = {"blended": 1.0} | ({} if value is None else {"reward_model": value})
    return {"schema": SCHEMA, "step": step, "example": "a", "rewards": rewards, "correct": correct} | plain | said


def run(folder: Path, right: list[int]) -> RunFolder:
    """Twenty steps of ten completions, of which so many are right in each fifth of them; the model likes more and more,
    and the wrong ones most."""
    folder.mkdir(exist_ok=True)
    found = RunFolder(folder)
    rollouts = Rollouts(found.rollouts)
    for step in range(20):
        liked, wrong = 0.4 + 0.02 * step, 10 - right[step // 4]
        rows = [row(step, liked + 0.1, False) for _ in range(wrong)]
        rollouts.append(rows + [row(step, liked, True) for _ in range(10 - wrong)])
    lines = [{"step": step, "eval_execution_accuracy": 0.5 + step / 100} for step in (0, 10, 20)]
    found.metrics.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return found


def test_each_window_holds_its_steps_once_and_the_accuracy_that_was_measured_in_it(tmp_path: Path) -> None:
    found = windows(run(tmp_path, [3, 5, 6, 4, 2]), most=5)
    assert [(one.first, one.last) for one in found] == [(1, 4), (5, 8), (9, 12), (13, 16), (17, 20)]
    assert [one.completions for one in found] == [40] * 5
    assert [round(one.metrics["right_share"], 6) for one in found] == [0.3, 0.5, 0.6, 0.4, 0.2]
    assert [one.held_out for one in found] == [None, None, 0.6, None, 0.7]
    assert all(one.metrics["misordered"] > 0.9 for one in found)


def test_the_report_names_where_the_learned_reward_rose_and_the_truth_fell(tmp_path: Path) -> None:
    folder = run(tmp_path, [3, 5, 6, 4, 2])
    lines = report(folder)
    assert "After steps 10 to 12" in lines[-1] and "over-optimised" in lines[-1]
    assert "over-optimised" not in told(windows(run(tmp_path / "other", [2, 3, 4, 5, 6])))
    assert sum(line.startswith("| ") for line in lines) == 1 + len(windows(folder))
    svg = (tmp_path / PLOT).read_bytes()
    assert b"held-out accuracy" in svg
    report(folder)
    assert (tmp_path / PLOT).read_bytes() == svg, "a resumed run draws the same"


def test_what_was_not_rated_or_cannot_be_judged_is_left_out(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    Rollouts(folder.rollouts).append([row(0, None, True), row(0, 0.5, None)])
    assert report(folder) == []
    Rollouts(folder.rollouts).append([row(1, 0.5, True, vacuous=True), row(1, 0.0, False, sql="")])
    (only,) = windows(folder)
    assert (only.completions, only.metrics["right_share"]) == (2, 0.0), "an equality that proves nothing is not right"
