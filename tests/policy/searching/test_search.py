"""A search over a training that is arithmetic, with real processes, a real storage and real kills."""

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from policy import yaml_file

ROOT = Path(__file__).parents[3]
STAGES = "[{trials: 4, train_size: 10}, {trials: 2, train_size: 20}, {trials: 1, train_size: null}]"


def written(folder: Path, base: str, **keys: str) -> Path:
    """The config of a search over a parabola's config."""
    (folder / "parabola.yaml").write_text(f"{base}\n")
    told = {"config": str(folder / "parabola.yaml"), "output_dir": str(folder / "runs"), "stages": STAGES} | keys
    file = folder / "search_parabola.yaml"
    file.write_text("".join(f"{key}: {value}\n" for key, value in told.items()))
    return file


def begin(config: Path, *more: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.policy.searching", "--config", str(config), *more]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def searched(config: Path, *more: str) -> tuple[int, str]:
    process = begin(config, *more)
    told, _ = process.communicate(timeout=200)
    return process.returncode, told


def when(true: Callable[[], bool], seconds: float = 60) -> None:
    started = time.monotonic()
    while not true():
        assert time.monotonic() - started < seconds
        time.sleep(0.05)


def begun(log: str) -> Counter[str]:
    """How often each trial was begun, over all that processes said."""
    return Counter(line.partition(":")[0] for line in log.splitlines() if ", begins trial " in line)


SPACE = "{x: {low: -10, high: 10}, wide: {choices: [true, false]}}"


@pytest.mark.slow
def test_each_stage_trains_the_best_of_the_one_before_again_and_the_winner_runs_as_it_is(tmp_path: Path) -> None:
    config = written(tmp_path, "x: 1", space=SPACE)
    code, told = searched(config)
    assert code == 0, told
    runs = tmp_path / "runs"
    kept = {at: list((runs / f"stage{at}").glob("*/summary.json")) for at in (1, 2, 3)}
    assert [len(found) for found in kept.values()] == [4, 2, 1]
    shares = {at: sorted(json.loads(file.read_text())["after"]["mean"] for file in found) for at, found in kept.items()}
    assert shares[2] == shares[1][-2:] and shares[3] == shares[1][-1:]
    sizes = {yaml_file.read(file.with_name("config.yaml"))["train_size"].value for file in kept[2]}
    splits = {yaml_file.read(file)["held_out_split"].value for file in runs.glob("stage*/*/config.yaml")}
    assert sizes == {20} and splits == {"validation"}
    best = runs / "best.yaml"
    again = [sys.executable, "-m", "tests.policy.searching.parabola", "--config", str(best)]
    subprocess.run(again, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    assert json.loads((runs / "best/summary.json").read_text())["after"]["mean"] == shares[3][0]
    assert (runs / "best/config.yaml").read_text().startswith("# python -m tests.policy.searching.parabola")
    for plot in ("history", "parallel", "importance"):
        assert f"({plot}.svg)" in (runs / "search.md").read_text() and (runs / f"{plot}.svg").stat().st_size > 5000
    assert searched(config)[1].count("begins") == 0, "a finished search trains nothing again"


@pytest.mark.slow
def test_two_processes_share_the_trials_and_one_that_is_killed_is_gone_on_with(tmp_path: Path) -> None:
    config = written(tmp_path, "seconds: 0.7", space=SPACE)
    one, other = begin(config), begin(config)

    def each_is_in_a_trial_that_has_taken_a_step() -> bool:
        trials = [file.parent for file in (tmp_path / "runs").glob("stage1/*/config.yaml")]
        going = [folder for folder in trials if not (folder / "summary.json").is_file()]
        return len(going) == 2 and all((folder / "metrics.jsonl").is_file() for folder in going)

    when(each_is_in_a_trial_that_has_taken_a_step)
    one.kill()
    when(lambda: _lives(one) == 0)
    third = begin(config)
    told = "".join(process.communicate(timeout=200)[0] for process in (one, other, third))
    assert (other.returncode, third.returncode) == (0, 0), told
    counts = begun(told)
    assert len(counts) == 7 and set(counts.values()) == {1}, "4 + 2 + 1 trials, none begun twice"
    assert told.count("goes on with") == 1
    logs = [file.read_text() for file in (tmp_path / "runs").glob("stage1/*.log")]
    resumed = next(log for log in logs if log.count("begins at step") == 2)
    assert int(resumed.split()[-1]) > 0, "it went on from the step that it had reached"
    configs = [yaml_file.read(file)["x"].value for file in (tmp_path / "runs").glob("stage1/*/config.yaml")]
    assert len(set(configs)) == 4, "no two processes drew the same"


def _lives(process: "subprocess.Popen[str]") -> int:
    """Trainings that this process started and that have not ended."""
    process.poll()
    found = subprocess.run(["ps", "-eo", "ppid,args"], text=True, capture_output=True, check=True).stdout
    return sum("parabola" in line and line.split()[0] == str(process.pid) for line in found.splitlines())


@pytest.mark.parametrize("storage", ["shared.db", "shared.journal"])
def test_a_search_told_to_stop_leaves_its_trial_to_be_gone_on_with(tmp_path: Path, storage: str) -> None:
    stages = "[{trials: 2}]"
    keys = {"storage": str(tmp_path / storage), "space": "{x: {low: 0, high: 6}}", "stages": stages}
    config = written(tmp_path, "seconds: 0.5", **keys)
    process = begin(config)
    when(lambda: (tmp_path / "runs/stage1/0001/metrics.jsonl").is_file())
    process.send_signal(signal.SIGTERM)
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM and "goes on from here" in told
    code, told = searched(config)
    assert code == 0 and told.count("goes on with") == 1 and told.count("begins") == 1, told


def test_a_trial_that_fails_is_told_with_its_sentence_and_the_search_goes_on(tmp_path: Path) -> None:
    space = "{kind: {choices: [crash, nan, well]}}"
    config = written(tmp_path, "{x: 3, seconds: 1.5}", space=space, sampler="grid", stages="[{trials: null}]")
    code, told = searched(config)
    assert code == 0, told
    assert "failed: MemoryError: CUDA out of memory. Tried to allocate 2.00 GiB" in told
    assert "failed: loss is nan at step 2" in told
    assert not (tmp_path / "runs/nan/summary.json").exists(), "it was stopped, and not trained to its end"
    assert "Chosen: kind well" in told and "2 failed" in told


def test_three_failures_in_a_row_stop_the_search(tmp_path: Path) -> None:
    config = written(tmp_path, "kind: crash", space=SPACE)
    code, told = searched(config)
    assert code == 2 and "3 trials in a row failed" in told and len(begun(told)) == 3


def test_a_trial_that_falls_behind_is_stopped_and_said_so(tmp_path: Path) -> None:
    keys = {"space": "{x: {choices: [3.0, 2.0, 6.0]}}", "sampler": "grid", "pruner": "median"}
    config = written(tmp_path, "seconds: 1.2", stages="[{trials: null}]", **keys)
    code, told = searched(config)
    assert code == 0, told
    assert "pruned: fell behind at evaluation 1 of 4" in told
    kept = {file.name for file in (tmp_path / "runs/6.0").iterdir()}
    assert "config.yaml" in kept and not kept & {"summary.json", "checkpoints"}
    assert "Chosen: x 3.0" in told and "At the edge" not in told.partition("## ")[0].replace("x 3.0", "")


def test_another_search_does_not_join_the_folder_of_the_first(tmp_path: Path) -> None:
    assert searched(written(tmp_path, "x: 1", space=SPACE, stages="[{trials: 1}]"))[0] == 0
    code, told = searched(written(tmp_path, "x: 2", space=SPACE, stages="[{trials: 2}]"))
    assert code == 2 and "holds a search with another config and stages" in told


def test_a_grid_of_one_key_that_grows_trains_only_what_is_new(tmp_path: Path) -> None:
    keys = {"sampler": "grid", "stages": "[{trials: null}]"}
    assert searched(written(tmp_path, "wide: true", space="{x: {choices: [1.0, 2.0]}}", **keys))[0] == 0
    first = (tmp_path / "runs/1.0/summary.json").stat().st_mtime_ns
    code, told = searched(written(tmp_path, "wide: true", space="{x: {choices: [1.0, 2.0, 9.0]}}", **keys))
    assert code == 0 and told.count("begins") == 1 and "Chosen: x 2.0" in told, told
    assert (tmp_path / "runs/1.0/summary.json").stat().st_mtime_ns == first
