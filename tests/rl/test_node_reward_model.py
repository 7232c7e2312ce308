"""A learned reward beside GRPO: asked once of each query, the same whatever stands beside it, resumed to the bit, and
held by the first of two processes alone."""

import json
import subprocess
import sys
from dataclasses import replace
from itertools import groupby
from math import inf
from pathlib import Path

import pytest
import torch

from benchmarks.resume import differences, kill_at, metrics
from envs.example import Database, Example
from envs.execution import Execution, Status
from envs.rollout import Rollout
from envs.sql_env import SqlEnv
from envs.verdict import Verdict
from policy.learned_reward import FILE, Asking
from policy.rollouts import read
from rl.learned_checks import MARK
from rl.node_reward_model import NodeRewardModel
from rl.reward_adapter import Judges

from ..warm import ALONE, Warm
from ..warm import run as finished

ROOT = Path(__file__).parent.parent.parent
SCRIPT = "CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1), (2);"
ASKED = Example(
    "sum", "What is the sum?", Database("sqlite", script=SCRIPT), SCRIPT, "t", "SELECT SUM(a) FROM t", "sqlite"
)
SQL = ["SELECT SUM(a) FROM t", "SELECT a FROM t WHERE a > 1 ORDER BY a DESC LIMIT 1", "SELECT MAX(a) FROM t"]
RUN = """
task: worlds
train_size: 24
held_out_size: 4
held_out_split: test
rewards: {blended: 0.8, reward_model: 0.2, execution_match: 0}
num_generations: 4
max_completion_length: 24
learning_rate: 1e-4
logging_steps: 1
"""


@pytest.fixture(scope="module")
def model(small_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reward model of two layers and random weights, that reads the strict prompt."""
    from transformers import AutoModelForSequenceClassification

    from policy.load import load_tokenizer

    folder, tokenizer = tmp_path_factory.mktemp("reward_model"), load_tokenizer(str(small_model))
    torch.manual_seed(1)
    found = AutoModelForSequenceClassification.from_pretrained(small_model, num_labels=1, dtype="float32")
    found.config.pad_token_id = tokenizer.pad_token_id
    torch.nn.init.normal_(found.score.weight, std=0.5)
    found.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    Asking("strict", None, 512).save(folder)
    return folder


def rollout(sql: str, gate: str = "") -> Rollout:
    return Rollout(ASKED, sql, sql, gate, Execution(Status.OK), Verdict(True))


def test_a_folder_is_known_by_what_the_reward_model_writes_into_it() -> None:
    assert MARK == FILE


def test_each_query_is_read_once_and_alike_whatever_stands_beside_it(model: Path) -> None:
    before = torch.get_rng_state()
    beside = NodeRewardModel(str(model), "cpu")
    assert torch.equal(before, torch.get_rng_state()), "loading must not move the dice of the run"
    asked: list[int] = []
    inner = beside._model
    assert inner is not None
    answer = inner.logits
    inner.logits = lambda pairs: asked.append(len(pairs)) or answer(pairs)
    batch = [*map(rollout, [*SQL, SQL[0]]), rollout(""), rollout("DROP TABLE t", "a write"), rollout("SELECT " * 600)]
    together = [one.learned for one in beside.rate(batch)]
    assert asked == [4], "three queries, and one that is too long"
    assert together[0] == together[3] and together[4] == together[5] == -inf and together[6] is None
    alone = [beside.rate([one])[0].learned for one in batch[:3]]
    assert together[:3] == pytest.approx(alone, abs=1e-4) and len({round(logit, 3) for logit in alone}) == 3
    assert together == [one.learned for one in beside.rate(batch)]


def test_what_the_model_says_reaches_trl_the_log_and_the_rollouts(model: Path) -> None:
    weights, logged = {"blended": 0.8, "learned_if_wrong": 0.2}, {}
    with SqlEnv([ASKED, replace(ASKED, id="broken", gold_sql="SELECT b FROM t")], workers=1) as env:
        judges = Judges(env, weights)
        judges.rate = NodeRewardModel(str(model), "cpu").rate
        asked = [("sum", SQL[0]), ("sum", SQL[1]), ("sum", ""), ("broken", SQL[0]), ("sum", "SELECT " * 600)]
        told = [
            function([text for _, text in asked], [name for name, _ in asked], logged.__setitem__)
            for function in judges.functions()
        ]
    right, wrong, silent, unruled, _ = judges.scores["reward_model"]
    assert judges.rollouts[0].learned is not None and 0 < right < 1 and silent == 0.0 and unruled is None
    assert told[1][:3] == [1.0, pytest.approx(wrong / 2), 0.0]
    assert logged["reward_model/auc"] == float(right > wrong)
    assert logged["reward_model/right_share"] >= 0.25 and logged["time/reward_model"] > 0
    assert told[0][3] is None, "without a ruler nothing is scored, whatever the model thinks"


@pytest.mark.slow
def test_killed_and_resumed_with_a_learned_reward_it_is_the_same_run_and_its_curve_is_reported(
    model: Path, tmp_path: Path
) -> None:
    config = tmp_path / "grpo_learned.yaml"
    config.write_text(f"model_name_or_path: policy/seedling\nreward_model_path: {model}\n{RUN}")
    command = [sys.executable, "-m", "rl.grpo", "--config", str(config), "--run_name", "learned"]
    command += ["--per_device_train_batch_size", "8", "--max_steps", "6", "--save_steps", "2", "--output_dir"]
    alone, killed, log = tmp_path / "alone", tmp_path / "killed", tmp_path / "log"
    with (tmp_path / "beside").open("w") as told:
        beside = subprocess.Popen([*command, str(alone)], cwd=ROOT, stdout=told, stderr=told, env=ALONE)
    assert kill_at([*command, str(killed)], killed, 3, 0.2, log, Warm), log.read_text()[-2000:]
    done = finished([*command, str(killed), "--resume"])
    assert done.returncode == 0, done.stderr[-2000:]
    assert beside.wait() == 0, (tmp_path / "beside").read_text()[-2000:]
    assert differences(alone, killed) == []
    logged = [line for line in metrics(alone) if "reward_model/mean" in line]
    assert len(logged) == 6 and len({line["reward_model/mean"] for line in logged}) > 1
    values = {row["rewards"]["reward_model"] for row in read(alone / "rollouts")}
    assert len(values) > 5 and all(0 <= value <= 1 for value in values)
    assert "Learned reward against execution" in (alone / "report.md").read_text()
    assert (alone / "overoptimisation.svg").read_bytes() == (killed / "overoptimisation.svg").read_bytes()
    assert json.loads((alone / "environment.json").read_text())["reward_model"].startswith("sha256:")


@pytest.mark.slow
def test_two_processes_share_one_model_and_agree_on_what_it_says(model: Path, tmp_path: Path) -> None:
    config = tmp_path / "grpo_learned.yaml"
    config.write_text(f"model_name_or_path: policy/seedling\nreward_model_path: {model}\n{RUN}")
    launch = ["-m", "accelerate.commands.launch", "--config_file", str(ROOT / "configs/accelerate/cpu2.yaml")]
    runs: list[Path] = []
    for name, launcher, size in (("one", [], 8), ("two", launch, 4)):
        runs.append(tmp_path / name)
        words = f"--top_k 1 --max_steps 2 --per_device_train_batch_size {size} --config {config} --output_dir".split()
        command = [sys.executable, *launcher, "-m", "rl.grpo", *words, str(runs[-1])]
        done = (
            subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=ALONE)
            if launcher
            else finished(command)
        )
        assert done.returncode == 0, done.stderr[-3000:]
    first = []
    for run in runs:
        _, rows = next(groupby(read(run / "rollouts"), key=lambda row: row["step"]))
        first.append(sorted((row["example"], row["completion"], row["rewards"]["reward_model"]) for row in rows))
    one, two = first
    assert [row[:2] for row in one] == [row[:2] for row in two]
    assert [row[2] for row in one] == pytest.approx([row[2] for row in two], abs=1e-5)
    assert {row["process"] for row in read(runs[1] / "rollouts")} == {0, 1}
    logged = [next(line for line in metrics(run) if "reward_model/mean" in line) for run in runs]
    assert float(logged[0]["reward_model/mean"]) == pytest.approx(float(logged[1]["reward_model/mean"]), abs=1e-5)
