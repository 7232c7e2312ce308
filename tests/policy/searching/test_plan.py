"""A search's config is checked in full before anything trains, and what its trials are asked is what they must be."""

import math
import subprocess
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
import yaml

from policy.config import read_config
from policy.config_error import ConfigError
from policy.searching.command import would_run
from policy.searching.fields import SearchFields
from policy.searching.plan import Plan, share
from policy.searching.read_plan import plan_of
from policy.searching.sweep import sweep_config, sweep_text
from rl.search import main as rl_search
from sft.search import TRAIN
from sft.search import main as sft_search

SPACE = "{learning_rate: {low: 1e-5, high: 1e-2, log: true}, optim: {choices: [nadam, adamw_torch]}}"


def planned(folder: Path, **keys: str) -> Plan:
    told = {"config": "configs/sft_seedling_full.yaml", "space": SPACE, "stages": "[{trials: 4, train_size: 64}]"}
    file = folder / "search_x.yaml"
    file.write_text("".join(f"{key}: {value}\n" for key, value in (told | keys).items()))
    return plan_of(read_config(SearchFields, ["--config", str(file)], module="sft.search"), TRAIN)


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"space": "{learning_rat: {choices: [1e-3]}}"}, "there is no key learning_rat. Did you mean learning_rate?"),
        ({"space": "{optim: {choices: [nadamw]}}"}, "optim is 'nadamw'; it must be one of"),
        ({"space": "{optim: {low: 1, high: 2}}"}, "optim is no number, so it has no range. Write choices"),
        ({"space": "{learning_rate: {low: 1e-3, high: 1e-5}}"}, "low must be below high"),
        ({"space": "{weight_decay: {low: 0, high: 0.1, log: true}}"}, "low is 0, which has no logarithm"),
        ({"space": "{learning_rate: {low: 1e-5, hihg: 1e-3}}"}, "there is no hihg; it has choices, low, high"),
        ({"space": "{lora_r: {low: 4, high: 8.5}}"}, "lora_r is 8.5, which is a decimal number; it must be an integer"),
        ({"space": "{lora_r: {low: 4, high: 8, step: 5}}"}, "step is 5, which is past high, and 4 all that is left"),
        ({"space": "{train_size: {choices: [4, 8]}}"}, "the stages say how much a trial trains"),
        ({"fixed": "{held_out_split: test}"}, "trials must answer the same questions"),
        ({"fixed": "{optim: sgd}"}, "optim is in space and in fixed"),
        ({"stages": "[{trials: 2}, {trials: 3}]"}, "stage 1 has 2 trials and stage 2 takes the best 3 of them"),
        ({"stages": "[{trial: 2}]"}, "there is no trial; it has trials, train_size, max_steps, num_train_epochs. Did"),
        ({"stages": "[{trials: 2, train_size: many}]"}, "train_size is 'many'"),
        ({"sampler": "grid"}, "a grid cannot list space.learning_rate (from 1e-05 to 0.01, drawn in logs)"),
        ({"sampler": "tpee"}, "it must be one of tpe, random, grid. Did you mean tpe?"),
        ({"evaluations": "0"}, "evaluations is 0; it must be at least 1"),
        ({"space": "{max_length: {choices: [512, 0]}}"}, "with max_length 0 cannot run:"),
    ],
)
def test_a_mistake_is_a_sentence_before_anything_runs(tmp_path: Path, keys: dict[str, str], sentence: str) -> None:
    with pytest.raises(ConfigError) as told:
        planned(tmp_path, **keys)
    assert sentence in str(told.value)


@pytest.mark.parametrize(
    ("command", "words", "sentence"),
    [
        (sft_search, "configs/sft_lora_r16.yaml --max_steps 4", "is the config of one training, and sft.search takes"),
        (rl_search, "configs/grpo_seedling.yaml", "such as configs/search_grpo.yaml"),
        (rl_search, "configs/search_sft_lora.yaml", "rl.grpo cannot run the config that it searches: configs/sft_lora"),
    ],
)
def test_the_config_of_a_training_is_called_that_and_one_of_another_command_too(
    command: Callable[[list[str]], None], words: str, sentence: str
) -> None:
    with pytest.raises(ConfigError) as told:
        command(["--config", *words.split()])
    assert sentence in str(told.value)


@pytest.mark.parametrize("pruner", ["none", "median"])
def test_a_trial_is_one_that_its_command_runs_and_reads_no_test_split(tmp_path: Path, pruner: str) -> None:
    plan = planned(tmp_path, pruner=pruner)
    for drawn in ({"learning_rate": 1.23456789e-4, "optim": "nadam"}, {"learning_rate": 1e-2, "optim": "adamw_torch"}):
        values = plan.values(drawn)
        trial = TRAIN.read(plan.argv(values, 0, tmp_path / "trial"))
        assert {key: trial[key] for key in values} == values
        assert (trial["held_out_split"], trial["train_size"]) == ("validation", 64)
        assert (trial["eval_strategy"] == "no") is (pruner == "none")
        assert not trial["load_best_model_at_end"] and trial["output_dir"] == str(tmp_path / "trial")


def test_a_trial_is_asked_as_often_as_the_search_says_and_at_its_end() -> None:
    for evaluations, times in product(range(1, 33), range(1, 40)):
        assert math.ceil(evaluations * times * share(evaluations)) == times


def test_what_would_run_is_told_with_its_number_of_trainings(tmp_path: Path) -> None:
    told = would_run(planned(tmp_path, stages="[{trials: 4, train_size: 64}, {trials: 2, train_size: null}]"))
    assert "6 trainings at most" in told and "stage 2: 2 trainings, the best of stage 1; train_size null" in told
    assert "learning_rate: from 1e-05 to 0.01, drawn in logs" in told
    assert "python -m sft.train --config configs/sft_seedling_full.yaml" in told


def test_numbers_at_the_edge_are_told_from_those_inside_and_words_have_none(tmp_path: Path) -> None:
    rate, optim = planned(tmp_path).parameters
    assert [rate.at_edge(value) for value in (1e-5, 1.1e-5, 1e-4, 9e-3, 1e-2)] == [True, True, False, True, True]
    assert not optim.at_edge("nadam")
    (steps,) = planned(tmp_path, space="{warmup_steps: {low: 4, high: 63, step: 4}}").parameters
    assert [steps.at_edge(value) for value in (4, 56, 60)] == [True, False, True], "60 is the last that is tried"


def test_the_same_space_is_a_sweep_that_wandb_takes_and_whose_words_the_command_takes(tmp_path: Path) -> None:
    plan = planned(tmp_path, pruner="hyperband")
    sweep = sweep_config(plan)
    assert yaml.safe_load(sweep_text(plan)) == sweep, "as wandb reads it"
    script = sweep["command"][3].replace("exec python -m sft.train", "printf '%s\\n'")
    command = ["bash", "-c", script, "trial", "--learning_rate=0.001", "--optim=nadam"]
    said = subprocess.run(command, env={"WANDB_RUN_ID": "abc"}, text=True, capture_output=True, check=True).stdout
    trial = TRAIN.read(said.splitlines())
    assert trial["output_dir"] == "runs/search_x/sweep/abc" and trial["optim"] == "nadam"
    assert trial["report_to"] == "wandb" and trial["held_out_split"] == "validation"
    assert trial["validation_answers"] == plan.asked.watched_questions and trial["eval_strategy"] == "steps"
    assert sweep["metric"] == {"name": "accuracy/execution_accuracy", "goal": "maximize"}
    schema = pytest.importorskip("sweeps.config")
    assert schema.schema_violations_from_proposed_config(sweep) == []
