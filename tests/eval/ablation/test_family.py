"""A family is refused in a sentence before anything runs, by its own rules and by those of the command it names."""

import subprocess
import sys
from pathlib import Path

import pytest

from eval.ablation.family import read
from eval.ablation.members import checked, words
from policy.config_error import ConfigError

ROOT = Path(__file__).parent.parent.parent.parent


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("reference: huge", "reference is 'huge'; it must be a member: small, middle, large"),
        ("vary: {lora_r: [4, 8]}", "both are there"),
        ("runs: {middle: {lora_r: 4}}", "two members or more, and this has 1"),
        ("runs: {middle: {seed: 2}, other: {}}", "middle sets seed; leave it out: seeds lists them"),
        ("runs: {middle: {task: worlds}, other: {}}", "must answer the same questions: set it under also"),
        ("runs: {middle: {}, ../up: {}}", "its name is a folder's"),
        ("also: {lora_r: 8}", "lora_r is under also, which is for all, and under small"),
        ("seeds: [1, 1]", "each once"),
        ("seeds: one", "seeds is 'one', which is text; it must be a list"),
        ("base: null", "base is missing"),
        ("command: sft.trian", "must be one of sft.train"),
        ("seedz: [1]", "there is no key seedz. Did you mean seeds"),
    ],
)
def test_what_a_family_s_file_cannot_say(line, told, family):
    with pytest.raises(ConfigError) as error:
        family(line)
    assert told in str(error.value)


def test_the_config_of_a_training_is_called_that(monkeypatch):
    monkeypatch.chdir(ROOT)
    with pytest.raises(ConfigError, match=r"the config of one training, .* such as configs/ablation_rank.yaml"):
        read(["--config", "configs/sft_lora_r16.yaml"])


def test_every_value_is_a_member_and_two_keys_are_each_with_each(family):
    made = family("runs: null", "vary: {lora_r: [4, 8], prompt: [strict, loose]}", "reference: lora_r_8_prompt_loose")
    assert made.names[0] == "lora_r_4_prompt_strict" and len(made.names) == 4
    assert dict(made.members[-1].keys) == {"lora_r": 8, "prompt": "loose"}
    with pytest.raises(ConfigError, match="would both be the member model_a_b"):
        family("runs: null", "vary: {model: [a b, a_b]}", "reference: model_a_b")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("also: {lora_q: 3}", "member small: command line: there is no key lora_q"),
        ("also: {lora_dropout: much}", "lora_dropout is 'much'"),
        ("also: {load_in_8bit: true, dtype: auto}", "dtype is auto"),
        ("runs: {middle: {lora_r: 16}, other: {}}", "middle and other would be the same run"),
    ],
)
def test_a_member_is_held_against_its_command_s_own_rules(line, told, family, monkeypatch):
    monkeypatch.chdir(ROOT)
    with pytest.raises(ConfigError) as error:
        checked(family(line))
    assert told in str(error.value)


def test_a_folder_that_holds_another_run_is_told_before_any_runs(family, ended, monkeypatch):
    monkeypatch.chdir(ROOT)
    ended("large_seed1", [True])
    with pytest.raises(ConfigError, match=r"large_seed1 was started with another config: .*or give the family another"):
        checked(family())


def test_an_override_reaches_every_member_and_a_member_of_eval_generate_is_checked_too(family, monkeypatch):
    monkeypatch.chdir(ROOT)
    made = family(argv=["--also.train_size", "64"])
    assert all("--train_size=64" in words(made, one) for one in made.members)
    asked = "also: {policy: policy/seedling, task: worlds}"
    runs = "runs: {middle: {prompt: strict}, other: {prompt: loos}}"
    with pytest.raises(ConfigError, match=r"member other: argument --prompt: invalid choice: 'loos'"):
        checked(family("command: eval.generate", "base: null", asked, runs))


def test_from_the_command_line_a_mistake_is_a_sentence_and_exit_2(family):
    made = family("also: {lora_q: 3}")
    said = subprocess.run(
        [sys.executable, "-m", "eval.ablation", "--config", str(made.path), "--dry_run"],
        cwd=ROOT, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert said.returncode == 2 and "there is no key lora_q" in said.stderr and "Traceback" not in said.stderr
