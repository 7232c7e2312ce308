"""A GRPO config that cannot work is refused before anything is loaded, with the arithmetic and the fix."""

import json
from pathlib import Path

import pytest

from policy.config import ConfigError, Resolved
from rl.batch import batch_of
from rl.checks import CHECKS
from rl.config import GrpoRun, check_train_set, read

CHOOSING = "--eval_strategy steps --eval_steps 10 --metric_for_best_model execution_accuracy"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "grpo_small.yaml"
    file.write_text("task: worlds\nmodel_name_or_path: Qwen/Qwen3-0.6B\n")
    return file


def typed(config: Path, line: str) -> Resolved[GrpoRun]:
    return read(["--config", str(config), *line.split()])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--task world", "there is no task named 'world'; envs/tasks/ has"),
        ("--task_path /no/such/place", "task_path is '/no/such/place', and nothing is there"),
        ("--rewards.exec_match 1", "there is no reward named 'exec_match'; rewards/ has blended"),
        ("--rewards.blended 0", "rewards {blended: 0} weigh nothing"),
        ("--sandbox_workers 0", "sandbox_workers is 0; it must be at least 1."),
        ("--train_size 0", "train_size is 0; it must be at least 1, or null."),
        ("--sql_timeout 0", "sql_timeout is 0; it must be above 0"),
        ("--model_name_or_path null", "model_name_or_path is missing"),
        ("--num_generations 1", "num_generations is 1; it must be at least 2; the advantage"),
        ("--beta=-0.1", "beta is -0.1; it must be at least 0."),
        ("--learning_rate 0", "learning_rate is 0; it must be above 0"),
        ("--temperature 0", "temperature is 0; it must be above 0."),
        ("--max_steps 0", "nothing would be trained"),
        (
            "--num_generations 6",
            "8 a device x 1 process x 1 steps a generation = 8 completions, which num_generations (6)",
        ),
        ("--num_generations 6", "Write num_generations 4 or 8, or per_device_train_batch_size 12."),
        ("--steps_per_generation 2 --generation_batch_size 16", "Keep one of them."),
        ("--generation_batch_size 12", "does not divide. Write 8 or 16."),
        ("--num_generations_eval 4", "num_generations_eval is not read"),
        ("--eval_strategy steps --eval_on_start", "eval_on_start is not read"),
        ("--load_best_model_at_end --save_steps 10", "Write eval_strategy: steps."),
        ("--early_stopping_patience 2", "Write eval_strategy: steps."),
        ("--eval_strategy steps --load_best_model_at_end", "metric_for_best_model is null"),
        ("--eval_strategy steps --metric_for_best_model reward", "an evaluation measures one: execution_accuracy"),
        (
            "--eval_strategy steps --eval_steps 8 --save_steps 4 --load_best_model_at_end "
            "--metric_for_best_model execution_accuracy",
            "write a multiple of eval_steps, 8.",
        ),
        ("--eval_strategy steps --validation_size 0", "validation_size is 0; it must be at least 1, or null."),
        ("--num_iterations 2 --save_steps 25", "1 steps_per_generation x 2 num_iterations = 2 passes of 1 a step"),
        ("--steps_per_generation 4 --save_steps 30", "Write a multiple of 4, such as 32."),
        ("--steps_per_generation 4 --save_steps 0.1", "a share of the run"),
        ("--reward_weights [1.0]", "a weight stands beside its reward"),
        ("--resume_from_checkpoint x", "--resume continues the run"),
        ("--eval_steps 0", "eval_steps is 0; it must be above 0"),
        ("--logging_steps -1", "logging_steps is -1; it must be above 0"),
        ("--top_k -1", "0, which takes every token"),
        ("--top_p 2", "top_p is 2; it must be above 0 and at most 1"),
        ("--epsilon -1", "epsilon is -1; it must be above 0"),
        ("--seed -1", "at least 0 and below 2**32"),
        (f"{CHOOSING} --early_stopping_patience 0", "early_stopping_patience is 0; it must be at least 1, or null"),
        (f"{CHOOSING} --early_stopping_patience 1 --early_stopping_threshold -1", "it must be at least 0"),
        ("--save_only_model", "a checkpoint without its optimizer cannot be resumed"),
        ("--ignore_data_skip", "would ask again what it has asked already"),
        ("--beta 0.04 --sync_ref_model", "no checkpoint holds the reference that moved"),
        ("--save_strategy best", "Write save_strategy: steps with load_best_model_at_end: true"),
        ("--lora_r 8", "lora_r would be ignored, because use_peft is false"),
        ("--load_in_4bit", "quantised weights cannot be trained. Write use_peft: true."),
        ("--use_peft --load_in_4bit --load_in_8bit", "Keep one of them."),
        ("--use_peft --lora_target_modules [lm_head,q_proj]", "would never be trained. Leave lm_head out"),
        ("--use_peft --load_in_4bit --use_vllm", "sample from another policy than is trained. Write use_vllm: false."),
        ("--use_peft --lora_r 600 --use_vllm", "vLLM serves adapters up to rank 512. Write use_vllm: false."),
        ("--use_peft --use_dora --use_vllm", "vLLM serves plain LoRA alone"),
        ("--use_vllm --sampler_gap_limit 0", "it must be above 0 nats"),
    ],
)
def test_what_cannot_work_is_refused_with_the_reason_and_the_fix(config: Path, line: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        typed(config, line)
    assert str(caught.value).startswith(f"{config}: ") and said in str(caught.value)


@pytest.mark.parametrize(
    "line",
    [
        "--num_generations 4",
        "--steps_per_generation 4 --save_steps 32",
        "--num_iterations 2 --gradient_accumulation_steps 2 --steps_per_generation 1 --save_steps 25",
        "--use_peft --use_vllm",
        "--use_peft --use_vllm --dtype bfloat16",
        "--use_peft --load_in_4bit --lora_target_modules all-linear",
        "--rewards.executes 0 --rewards.brevity=-0.5",
        "--eval_strategy steps --eval_steps 10 --metric_for_best_model execution_accuracy --early_stopping_patience 3",
    ],
)
def test_what_works_is_let_through(config: Path, line: str) -> None:
    assert typed(config, line)


def test_a_prompt_tuning_adapter_cannot_be_served_by_vllm(config: Path, tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text(json.dumps({"peft_type": "PROMPT_TUNING"}))
    with pytest.raises(ConfigError, match="PROMPT_TUNING adapter, which vLLM does not serve"):
        typed(config, f"--use_vllm --model_name_or_path {tmp_path}")


def test_a_train_set_smaller_than_one_generation_is_refused_once_its_size_is_known(config: Path) -> None:
    resolved = typed(config, "--gradient_accumulation_steps 4 --num_generations 4")
    check_train_set(resolved, 8)
    with pytest.raises(ConfigError, match="there are 7 training examples and one generation needs 8 prompts"):
        check_train_set(resolved, 7)


def test_epochs_that_shift_checkpoints_into_a_generation_are_refused(config: Path) -> None:
    line = "--gradient_accumulation_steps 4 --steps_per_generation 6 --save_steps 3 --max_steps 12"
    check_train_set(typed(config, line), 12)
    with pytest.raises(ConfigError, match="an epoch of 6 examples has 6 passes, which gradient_accumulation_steps"):
        check_train_set(typed(config, line), 6)
    check_train_set(typed(config, line.replace("--max_steps 12", "--num_train_epochs 1")), 6)


def test_the_batch_is_counted_as_trl_counts_it(config: Path) -> None:
    values = typed(config, "--gradient_accumulation_steps 2").values()
    batch = batch_of(values)
    assert (batch.completions, batch.prompts, batch.completions_per_step) == (16, 2, 16)
    assert batch.steps(9750) == 4875 and batch.steps(9751) == 4875 and batch.steps(1) == 0
    assert batch.steps(9750, epochs=2) == 9750 and batch.steps(9750, max_steps=60) == 60
    assert batch_of(values, processes=4).prompts == 8


def test_the_launcher_says_how_many_processes_share_a_generation(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "3")
    with pytest.raises(ConfigError, match="8 a device x 3 processes x 1 steps a generation = 24 completions"):
        typed(config, "--num_generations 16")
    assert typed(config, "--num_generations 6")


def test_every_check_is_content_with_trl_s_own_defaults(config: Path) -> None:
    values = typed(config, "").values()
    assert [told for ask in CHECKS if (told := ask(values))] == []
