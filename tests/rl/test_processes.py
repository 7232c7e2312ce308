"""Two processes are one run: the same questions in the same order, the same rewards, and a resume that is exact."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import Any

import psutil
import pytest

from benchmarks.resume import differences, metrics, step_reached
from policy.device import how_to_launch, visible_gpus
from policy.rollouts import questions, read

from ..warm import ALONE, Warm
from ..warm import run as finished

ROOT = Path(__file__).parent.parent.parent
ACCELERATE = ROOT / "configs/accelerate"
RUN = """
model_name_or_path: policy/seedling
task: worlds
train_size: 24
held_out_size: 6
held_out_split: test
answer_batch_size: 2
rewards: {blended: 1.0, brevity: 0.1}
learning_rate: 1e-4
beta: 0.05
num_generations: 4
gradient_accumulation_steps: 2
max_completion_length: 24
max_steps: 8
save_steps: 2
logging_steps: 1
eval_strategy: steps
eval_steps: 4
validation_size: 6
"""
"""Four questions a generation, six generations an epoch, so that the run ends in the second."""
ONE = [sys.executable, "-m", "rl.grpo"]
TWO = [sys.executable, "-m", "accelerate.commands.launch", "--config_file", str(ACCELERATE / "cpu2.yaml")]
TWO += ["-m", "rl.grpo"]
Rows = list[dict[str, Any]]


def test_every_shipped_config_is_one_that_accelerate_reads_and_its_comment_types_it() -> None:
    from accelerate.commands.config.config_args import load_config_from_file

    types = {"ddp": "MULTI_GPU", "fsdp2": "FSDP", "zero2": "DEEPSPEED", "zero3": "DEEPSPEED", "multi_node": "MULTI_GPU"}
    types["cpu2"] = "MULTI_GPU"
    files = sorted(ACCELERATE.glob("*"))
    assert {file.stem for file in files} == types.keys()
    for file in files:
        found = load_config_from_file(str(file))
        assert found.distributed_type.value == types[file.stem]
        assert found.num_processes > 1
        comment = "\n".join(line for line in file.read_text().splitlines() if line.startswith("#"))
        assert f"accelerate launch --config_file configs/accelerate/{file.name}" in comment
        configs = [ROOT / word for word in comment.split() if word.startswith("configs/grpo_")]
        assert configs and all(config.is_file() for config in configs)
    for name, part in (("fsdp2", "fsdp_config"), ("zero2", "deepspeed_config"), ("zero3", "deepspeed_config")):
        options = getattr(load_config_from_file(str(ACCELERATE / f"{name}.yaml")), part)
        assert all(known(option) for option in options), options


def known(option: str) -> bool:
    """Whether `accelerate launch` has an option of that name: what it has not it would pass over in silence."""
    from accelerate.commands.launch import launch_command_parser

    return any(action.dest == option for action in launch_command_parser()._actions)


def test_where_several_gpus_are_visible_a_plain_command_is_told_what_to_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    for name in ("nvidia0", "nvidia1", "nvidia2", "nvidiactl", "nvidia-uvm"):
        (tmp_path / name).touch()
    told = how_to_launch("rl.grpo", ["--config", "a b.yaml"], tmp_path)
    assert told.startswith("3 GPUs are visible")
    assert "configs/accelerate/ddp.yaml --num_processes 3 -m rl.grpo --config 'a b.yaml'" in told
    assert "CUDA_VISIBLE_DEVICES=0 python -m rl.grpo --config 'a b.yaml'" in told
    for shown, count in (("0", 1), ("1,2", 2), ("", 0), ("-1", 0), ("0,1,2,3", 3)):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", shown)
        assert visible_gpus(tmp_path) == count
        assert bool(how_to_launch("rl.grpo", [], tmp_path)) == (count > 1)
    monkeypatch.setenv("WORLD_SIZE", "3")
    assert how_to_launch("rl.grpo", [], tmp_path) == ""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Runs a command to its end in a folder of its own, or in one that is there already."""
    config = tmp_path_factory.mktemp("config") / "grpo_two.yaml"
    config.write_text(RUN)

    def ran(command: list[str], *more: object, run: Path | None = None, until: int | None = None) -> Path:
        run = run or tmp_path_factory.mktemp("runs") / "run"
        words = ["--config", config, "--run_name", "two", "--output_dir", run, *more]
        own = ALONE | {"TMPDIR": str(run.parent)}
        started = [*command, *map(str, words)]
        if command == ONE:
            process = Warm(started, own)
        else:
            process = subprocess.Popen(
                started, cwd=ROOT, env=own, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
            if until is not None:
                kill_one_rank(process, run, until)
        told, wrong = process.communicate()
        (run / "told").write_text(told)
        assert (process.returncode == 0) == (until is None), wrong[-3000:]
        return run

    return ran


def kill_one_rank(launcher: subprocess.Popen[str], run: Path, step: int) -> None:
    """SIGKILL to the first process once it logged a step; the others must not stay."""
    while launcher.poll() is None and step_reached(run) < step:
        time.sleep(0.02)
    everybody = psutil.Process(launcher.pid).children(recursive=True)
    ranks = [process for process in everybody if "rl.grpo" in process.cmdline()]
    assert len(ranks) == 2 and len(everybody) > 2, "two ranks, and the sandbox of one of them"
    (first,) = [process for process in ranks if process.environ()["RANK"] == "0"]
    os.kill(first.pid, signal.SIGKILL)
    _, alive = psutil.wait_procs(everybody, timeout=40)
    assert not alive
    assert not list(run.parent.glob("text2sql-*"))


def by_step(run: Path, *names: str) -> list[list[str]]:
    """Of each step the rows, those of all processes together, in an order that says nothing of who wrote them."""
    rows = groupby(read(run / "rollouts"), key=lambda row: row["step"])
    return [sorted(json.dumps([row[name] for name in names]) for row in step) for _, step in rows]


@pytest.fixture(scope="module")
def alike(ran: Callable[..., Path]) -> tuple[Path, Path]:
    """One process and two, of one batch. Only the likeliest token is sampled, so that both write the same."""
    same = ["--top_k", "1", "--max_steps", "4", "--steps_per_generation", "2"]
    one = ran(ONE, *same, "--per_device_train_batch_size", "8")
    return one, ran(TWO, *same, "--per_device_train_batch_size", "4")


@pytest.mark.slow
def test_two_processes_ask_the_questions_of_one_in_the_same_order_and_reward_alike(alike: tuple[Path, Path]) -> None:
    one, two = alike
    assert {row["process"] for row in read(two / "rollouts")} == {0, 1}
    asked = [[list(dict.fromkeys(row["example"] for row in step)) for _, step in groupby(
        read(run / "rollouts"), key=lambda row: row["step"])] for run in alike]  # fmt: skip
    assert asked[0] == asked[1] and len(asked[0]) == 4
    names = ("example", "completion", "sql", "status", "correct", "rewards", "truncated", "tokens")
    assert by_step(one, *names)[0] == by_step(two, *names)[0]
    assert by_step(one, "example", "completion", "rewards") == by_step(two, "example", "completion", "rewards")
    assert len({row["rewards"]["blended"] for row in read(two / "rollouts")}) > 3
    assert questions(one / "rollouts") == questions(two / "rollouts")


@pytest.mark.slow
def test_two_processes_answer_the_held_out_questions_as_one_and_say_it_once(alike: tuple[Path, Path]) -> None:
    def answers(run: Path, name: str) -> list[str]:
        lines = (run / f"eval/{name}.jsonl").read_text().splitlines()
        return [json.dumps(json.loads(line) | {"seconds": 0}) for line in lines]

    one, two = alike
    assert answers(one, "before") == answers(two, "before") and len(answers(one, "before")) == 6
    assert answers(one, "step-000000") == answers(two, "step-000000")
    told = (two / "told").read_text()
    assert told.count("golds run") == (one / "told").read_text().count("golds run")
    assert told.count("before training") == 1
    assert json.loads((two / "environment.json").read_text())["processes"] == 2
    refused = finished([*ONE, "--config", two / "config.yaml", "--output_dir", two, "--run_name", "two", "--resume"])
    assert refused.returncode == 0 and "is finished" in refused.stdout
    (two / "summary.json").unlink()
    refused = finished(refused.args)
    assert refused.returncode == 2 and "was started with 2 processes" in refused.stderr


@pytest.mark.slow
def test_a_group_over_two_processes_is_one_group_and_a_killed_run_resumes_exactly(ran: Callable[..., Path]) -> None:
    torn = ["--per_device_train_batch_size", "1", "--steps_per_generation", "2", "--train_size", "6"]
    alone = ran(TWO, *torn)
    for _, step in groupby(read(alone / "rollouts"), key=lambda row: row["step"]):
        for _, rows in groupby(sorted(step, key=lambda row: row["example"]), key=lambda row: row["example"]):
            group = list(rows)
            assert len(group) == 4
            assert {row["process"] for row in group} == {0, 1}
            assert abs(sum(row["advantage"] for row in group)) < 1e-2
    assert any(abs(row["advantage"]) > 0.5 for row in read(alone / "rollouts")), "some rewards differ"
    killed = ran(TWO, *torn, until=5)
    ran(TWO, *torn, "--resume", run=killed)
    assert differences(alone, killed) == []
    assert len(metrics(alone)) == len(metrics(killed)) > 8
