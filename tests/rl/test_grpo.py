"""The main command, run as a person runs it: bad input gets a sentence, a run leaves what it promises."""

import json
import sys

import pytest
import yaml

from policy.finished_run import finished_run
from policy.rollouts import questions, read

from ..warm import run

SEEDLING = ["--config", "configs/grpo_seedling.yaml"]
TINY = [
    *SEEDLING, "--train_size", "32", "--held_out_size", "12", "--max_steps", "2", "--per_device_train_batch_size", "8",
    "--gradient_accumulation_steps", "1", "--max_completion_length", "24", "--save_steps", "1",
]  # fmt: skip


def grpo(*arguments):
    return run([sys.executable, "-m", "rl.grpo", *arguments])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([*SEEDLING, "--learnin_rate", "1e-5"], "learning_rate"),
        ([*SEEDLING, "--num_generations", "2.5"], "num_generations is 2.5"),
        ([*SEEDLING, "--rewards", "{exec_match: 1.0}"], "execution_match"),
        ([*SEEDLING, "--task", "spidre"], "spider"),
        ([*SEEDLING, "--task", "spider", "--task_path", "nowhere"], "nothing is there"),
        ([*SEEDLING, "--train_size", "3"], "3 training examples"),
        ([*SEEDLING, "--loss_type", "drgrpo"], "dr_grpo"),
        (["--config", "configs/nope.yaml"], "there is no file"),
        (["--config", "configs/grpo_lr1e6.yaml", "--stand_in", "never"], "stand_in is never"),
        ([*SEEDLING, "--model_name_or_path", "./nowhere"], "no such folder"),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else "",
)
def test_bad_input_gets_a_sentence_and_exit_code_2(arguments, told, tmp_path):
    done = grpo(*arguments, "--output_dir", tmp_path / "run")
    assert done.returncode == 2, done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "run").exists(), "a run that cannot start leaves nothing behind"


def test_a_database_that_is_not_one_is_named(tmp_path):
    for name in "abcdefgh":
        database = tmp_path / f"database/{name}/{name}.sqlite"
        database.parent.mkdir(parents=True)
        database.write_text("not a database, only text " * 100)
    rows = [{"db_id": name, "question": "How many?", "query": "SELECT COUNT(*) FROM t"} for name in "abcdefgh" * 9]
    (tmp_path / "train.json").write_text(json.dumps(rows))
    done = grpo(*SEEDLING, "--task", "spider", "--task_path", tmp_path, "--output_dir", tmp_path / "run")
    assert done.returncode == 2, done.stderr
    assert ".sqlite" in done.stderr and "not a database" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "tiny"
    done = grpo(*TINY, "--output_dir", folder)
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


@pytest.mark.slow
def test_a_run_leaves_its_config_metrics_rollouts_policy_and_report(finished):
    folder, told = finished
    assert "execution accuracy" in told and "before" in told
    assert yaml.safe_load((folder / "config.yaml").read_text())["task"] == "worlds"
    assert json.loads((folder / "environment.json").read_text())["packages"]["trl"] == "1.16.0"
    assert (folder / "policy/model.safetensors").is_file()
    assert "execution accuracy" in (folder / "report.md").read_text()
    metrics = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    assert [m["step"] for m in metrics if "reward" in m] == [1, 2]
    for name in ("before", "after"):
        assert len((folder / f"eval/{name}.jsonl").read_text().splitlines()) == 12


@pytest.mark.slow
def test_a_run_tells_the_methods_table_what_it_cost(finished):
    told = finished_run(finished[0])
    assert (told.method, told.peft, told.trained_on) == ("GRPO", "full", "32 questions")
    cost = told.cost
    assert cost.trainable_parameters == cost.parameters == 3_672_832
    assert cost.in_steps and cost.memory and cost.peak_mib and cost.peak_mib > 100
    assert cost.training_seconds and cost.samples_per_second
    assert cost.samples_per_second * cost.training_seconds == pytest.approx(16, rel=0.05), "completions"


@pytest.mark.slow
def test_every_completion_of_every_step_is_kept_with_its_advantage(finished):
    folder, _ = finished
    rows = list(read(folder / "rollouts"))
    assert len(rows) == 16
    groups = {}
    for row in rows:
        groups.setdefault((row["step"], row["example"]), []).append(row)
    assert {len(group) for group in groups.values()} == {8}
    assert {example for _, example in groups} == questions(folder / "rollouts").keys()
    for group in groups.values():
        # What TRL learned from must follow from the rewards on file: the same order, the same completions.
        by_reward = sorted(group, key=lambda row: row["rewards"]["blended"])
        assert [r["advantage"] for r in by_reward] == sorted(r["advantage"] for r in group)
        # Where all rewards are alike, TRL divides their float32 rounding by 1e-4: sums of 2e-3 are seen.
        assert abs(sum(row["advantage"] for row in group)) < 1e-2


@pytest.mark.slow
def test_a_folder_that_holds_a_run_is_refused_and_its_run_kept(finished):
    folder, _ = finished
    before = (folder / "metrics.jsonl").read_bytes()
    done = grpo(*TINY, "--output_dir", folder)
    assert done.returncode == 2 and "already holds a run" in done.stderr
    other = grpo(*TINY, "--output_dir", folder, "--resume", "--learning_rate", "1e-3")
    assert other.returncode == 2 and "learning_rate" in other.stderr
    assert (folder / "metrics.jsonl").read_bytes() == before


@pytest.mark.slow
def test_without_hub_or_gpu_the_stand_in_runs_lora_and_says_so(tmp_path):
    done = grpo(
        "--config", "configs/grpo_lr1e6.yaml", "--stand_in", "always", "--max_steps", "1",
        "--output_dir", tmp_path / "run",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "STAND-IN RUN" in done.stdout and "Qwen/Qwen3-0.6B" in done.stdout
    assert (tmp_path / "run/policy/adapter_config.json").is_file()
    assert json.loads((tmp_path / "run/summary.json").read_text())["stand_in"] is True
    assert "STAND-IN" in (tmp_path / "run/report.md").read_text()


@pytest.mark.slow
def test_a_dry_run_shows_what_would_happen_and_writes_nothing(tmp_path):
    done = grpo(*TINY, "--dry_run", "--output_dir", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    for part in ("--- config", "--- arithmetic", "CREATE TABLE", "blended 1.0"):
        assert part in done.stdout
    assert not (tmp_path / "run").exists()
