"""A config is read strictly: what is wrong is said in one sentence, with the place, before anything is loaded."""

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest

from policy import yaml_file
from policy.config import ConfigError, Resolved, Source, exit_with_sentence, read_config
from policy.fields import check, fields_of
from policy.model_fields import ModelFields
from policy.trl_fields import ROOT, TABLES, source_of
from rl.grpo_fields import GrpoFields


@dataclass(frozen=True)
class Own:
    """Own fields of a command that only these tests have."""

    task: Annotated[str, "what is asked"]
    rewards: Annotated[dict[str, float], "name: weight"] = field(default_factory=lambda: {"blended": 1.0})
    prompt: Annotated[Literal["strict", "loose"], "how it is asked"] = "strict"
    dry_run: Annotated[bool, "print and leave"] = False


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "grpo_small.yaml"


def read(config: Path, text: str | bytes, *typed: str) -> Resolved[Own]:
    config.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_config(Own, ["--config", str(config), *typed], GrpoFields, ModelFields, module="rl.grpo")


def complaint(config: Path, text: str | bytes, *typed: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read(config, text, *typed)
    return str(caught.value)


def test_numbers_words_and_null_are_read_as_yaml_1_2_reads_them() -> None:
    said = {"1e-6": 1e-6, "3": 3, "1_000": 1000, "no": "no", "true": True, "~": None, "2026-01-01": "2026-01-01"}
    assert {text: yaml_file.parse(text) for text in said} == said


@pytest.mark.parametrize(
    "value", [1e-6, 5, True, None, "1e-6", "no", "true", "", [1, "a b"], {"a": 1.0}, "a\nb", "x # y"]
)
def test_a_written_value_is_read_back_as_it_was(value: Any) -> None:
    assert yaml_file.parse(yaml_file.write(value)) == value


def test_a_value_keeps_its_place_and_a_default_says_that_it_is_one(config: Path) -> None:
    resolved = read(config, "task: worlds\nlearning_rate: 1e-6\n", "--beta", "0.1")
    assert resolved["learning_rate"] == 1e-6 and resolved.settings["learning_rate"].place == f"{config} line 2"
    assert resolved.source("beta") is Source.COMMAND_LINE and resolved.source("epsilon") is Source.DEFAULT
    assert resolved["epsilon"] == 0.2 and "epsilon" not in resolved.given(GrpoFields)


def test_the_stem_of_the_file_names_the_folder_and_the_run(config: Path) -> None:
    resolved = read(config, "task: worlds\n")
    assert (resolved["output_dir"], resolved["run_name"]) == ("runs/grpo_small", "grpo_small")
    assert read(config, "task: worlds\n", "--output_dir", "runs/two")["run_name"] == "two"


def test_the_command_line_wins_in_both_spellings_and_a_flag_may_stand_alone(config: Path) -> None:
    resolved = read(config, "task: worlds\nbeta: 0.5\n", "--beta=0.1", "--max_steps", "-1", "--dry-run", "--use_vllm")
    assert (resolved["beta"], resolved["max_steps"], resolved["use_vllm"]) == (0.1, -1, True)
    assert resolved.own.dry_run and not read(config, "task: a\n", "--dry_run", "false").own.dry_run


def test_a_dotted_key_changes_one_key_of_a_mapping(config: Path) -> None:
    text = "task: worlds\nrewards: {blended: 1.0, executes: 0}\n"
    assert read(config, text, "--rewards.executes", "0.5").own.rewards == {"blended": 1.0, "executes": 0.5}
    assert read(config, "task: worlds\n", "--rewards.executes=1").own.rewards == {"blended": 1.0, "executes": 1}
    assert "which is no mapping" in complaint(config, text, "--beta.x", "1")


def test_text_typed_for_a_text_key_need_not_be_quoted_twice(config: Path) -> None:
    resolved = read(config, "task: worlds\n", "--run_name", "2026", "--task", "a: b")
    assert (resolved["run_name"], resolved.own.task) == ("2026", "a: b")


def test_an_int_will_do_for_a_number_and_stays_as_it_was_written(config: Path) -> None:
    assert read(config, "task: worlds\nsave_steps: 30\n").to_yaml().count("save_steps: 30 ") == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("num_generations: 2.5", "num_generations is 2.5, which is a decimal number; it must be an integer or null."),
        ("num_generations: 8.0", "it must be an integer or null. Write 8."),
        ("max_steps: true", "max_steps is True, which is true or false; it must be an integer."),
        ("beta: null", "beta is null; it must be a number."),
        ("beta: .nan", "beta is nan; it must be a finite number."),
        ("temperature: [1, 2]", "temperature is [1, 2], which is a list; it must be a number."),
        ("use_vllm: yes", "it must be true or false. YAML here knows only true and false."),
        ("loss_type: drgrpo", "one of grpo, dr_grpo, dapo, bnpo, cispo, sapo, luspo, vespo. Did you mean dr_grpo"),
        ("scale_rewards: groups", "one of group, batch, none or true or false. Did you mean group?"),
        ("rewards: {blended: high}", "rewards.blended is 'high', which is text; it must be a number."),
        ("rewards: [blended]", "it must be a mapping of words, each to a number."),
        ("learnin_rate: 1e-6", "there is no key learnin_rate. Did you mean learning_rate?"),
        ("max_prompt_length: 512", "max_prompt_length is no longer a setting. TRL no longer cuts prompts"),
        ("warmup_ratio: 0.1", "Write the share as warmup_steps: 0.1"),
        ("overwrite_output_dir: true", "--resume continues it"),
    ],
)
def test_a_wrong_line_is_named_with_the_value_and_what_it_must_be(config: Path, line: str, said: str) -> None:
    told = complaint(config, f"task: worlds\n{line}\n")
    assert told.startswith(f"{config} line 2: ") and said in told and "\n" not in told


def test_an_unknown_key_says_whether_it_was_typed_or_written(config: Path) -> None:
    assert complaint(config, "task: a\n", "--learnin_rate", "1").startswith(
        "command line: there is no key learnin_rate."
    )


def test_a_key_that_stands_twice_is_an_error_with_both_lines(config: Path) -> None:
    told = complaint(config, "task: a\nbeta: 0\nseed: 1\nbeta: 1\n")
    assert told == f"{config} line 4: beta stands on line 2 and again on line 4: keep one of them."
    assert "stands on line 2" in complaint(config, "task: a\nrewards: {blended: 1, blended: 2}\n")
    assert "--beta is given twice" in complaint(config, "task: a\n", "--beta", "1", "--beta=2")


def test_a_required_key_that_is_missing_is_asked_for(config: Path) -> None:
    assert "task is missing; write `task: ...`. It is what is asked." in complaint(config, "beta: 0.1\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty: a config is lines of `key: value`"),
        ("- task\n", "holds no mapping"),
        ("just words\n", "holds no mapping"),
        (b"\x00\xff\xfe\x80", "is not a text file: byte 1 is not UTF-8"),
        (b"\x00\x01\x02", "is not YAML: special characters are not allowed"),
        ("task: [a\n", "line 2: "),
        ("task: &a x\nrun_name: *a\n", "line 2: aliases (*name) are not read"),
        ("task: !!python/object:os.system x\n", "line 1: could not determine a constructor"),
        ("1: x\n", "line 1: the key 1 is not a word"),
    ],
)
def test_a_file_that_is_no_config_is_refused_in_one_line(config: Path, text: str | bytes, said: str) -> None:
    told = complaint(config, text)
    assert said in told and "\n" not in told


def test_a_missing_file_and_a_folder_name_the_configs_beside_them(config: Path) -> None:
    config.write_text("task: a\n")
    for wrong, said in ((config.with_name("grpo_smal.yaml"), "there is no file"), (config.parent, "is a folder")):
        with pytest.raises(ConfigError, match=said) as caught:
            read_config(Own, ["--config", str(wrong)], module="rl.grpo")
        assert "grpo_small.yaml" in str(caught.value)


def test_words_that_belong_to_no_key_are_refused(config: Path) -> None:
    assert "Write --config other.yaml." in complaint(config, "task: a\n", "other.yaml")
    assert "--beta stands alone" in complaint(config, "task: a\n", "--beta")
    assert "--config is given twice" in complaint(config, "task: a\n", "--config", "b.yaml")
    with pytest.raises(ConfigError, match="--config FILE is missing"):
        read_config(Own, ["--dry_run"], module="rl.grpo")


def test_the_resolved_config_asks_for_the_same_run(config: Path, tmp_path: Path) -> None:
    first = read(
        config, "task: worlds\nloss_type: grpo\n", "--rewards.executes", "0.5", "--run_name", "1e-6", "--dry_run"
    )
    again = tmp_path / "config.yaml"
    again.write_text(first.to_yaml())
    second = read_config(Own, ["--config", str(again)], GrpoFields, ModelFields, module="rl.grpo")
    assert second.values() == {**first.values(), "dry_run": False}


def test_help_is_one_page_that_names_the_own_keys_and_the_borrowed_tables(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        read_config(Own, ["--help"], GrpoFields, ModelFields, module="rl.grpo")
    page = capsys.readouterr().out
    assert left.value.code == 0 and len(page.splitlines()) < 40
    assert all(key in page for key in fields_of(Own)) and "TRL's GRPOConfig" in page and "lora_r" in page


def test_an_error_leaves_as_one_sentence_with_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left, exit_with_sentence():
        raise ConfigError("beta is wrong.")
    assert left.value.code == 2 and capsys.readouterr().err == "error: beta is wrong.\n"


def test_ctrl_c_leaves_in_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left, exit_with_sentence():
        raise KeyboardInterrupt
    assert left.value.code == 130 and capsys.readouterr().err == "\nstopped by Ctrl-C\n"


def test_the_default_of_every_field_is_one_that_the_field_takes() -> None:
    for table in (GrpoFields, ModelFields):
        for found in fields_of(table).values():
            check(found, found.default, "default")


def test_reading_a_config_imports_neither_torch_nor_trl(config: Path) -> None:
    config.write_text("task: worlds\n")
    code = (
        "import sys; from policy.config import read_config; from rl.config import GrpoRun, GrpoFields, ModelFields;"
        f"read_config(GrpoRun, ['--config', {str(config)!r}], GrpoFields, ModelFields, module='rl.grpo');"
        "print([name for name in ('torch', 'trl', 'transformers', 'huggingface_hub') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.slow
@pytest.mark.parametrize("path", TABLES)
def test_the_field_tables_say_what_the_installed_trl_says(path: str) -> None:
    pytest.importorskip("trl")
    written, fresh = (ROOT / path).read_text(encoding="utf-8"), source_of(path)
    assert written.partition("@dataclass")[2] == fresh.partition("@dataclass")[2], "run python -m policy.trl_fields"
