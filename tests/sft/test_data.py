"""What is taught: whole examples or none, and never a question that is held out for the report."""

from pathlib import Path

import pytest

from policy.config import ConfigError, Resolved
from policy.load import load_tokenizer
from policy.questions import environment, load_splits, load_validation
from sft.config import SftRun, read
from sft.data import Lessons, prepare, rows


def resolved(tmp_path: Path, *typed: str) -> Resolved[SftRun]:
    file = tmp_path / "sft_x.yaml"
    file.write_text("task: worlds\nmodel_name_or_path: policy/seedling\ntrain_size: 40\nheld_out_size: 20\n")
    watched = [] if "--validation_size" in typed else ["--validation_size", "10"]
    return read(["--config", str(file), "--eval_strategy", "epoch", *watched, *typed])


def lessons(asked: Resolved[SftRun]) -> Lessons:
    splits = load_splits(asked.own, asked["seed"])
    validation = load_validation(asked.own, splits.held_out, asked.own.validation_size)
    with environment(asked.own, (*splits.train, *splits.held_out, *validation)) as env:
        return prepare(asked, env, splits, validation, load_tokenizer("policy/seedling"))


def test_what_is_longer_than_max_length_is_left_out_whole_and_counted(tmp_path: Path) -> None:
    everything = lessons(resolved(tmp_path, "--max_length", "null"))
    lengths = sorted(len(one.ids) for one in (*everything.train, *everything.validation))
    middle = lengths[len(lengths) // 2]
    some = lessons(resolved(tmp_path, "--max_length", str(middle)))
    assert some.too_long == sum(length > middle for length in lengths) > 0 == everything.too_long
    assert {tuple(one.ids) for one in some.train} == {
        tuple(one.ids) for one in everything.train if len(one.ids) <= middle
    }
    assert f"{some.too_long} were longer than max_length {middle} and left out whole" in some.summary(middle)


def test_the_rows_hold_ids_and_labels_and_nothing_that_trl_would_mask_anew(tmp_path: Path) -> None:
    found = lessons(resolved(tmp_path))
    for one, row in zip(found.train, rows(found.train), strict=True):
        assert set(row) == {"input_ids", "labels"} and row["labels"][: one.answer_at] == [-100] * one.answer_at
        assert row["labels"][one.answer_at :] == one.ids[one.answer_at :] != []


def test_what_chooses_a_policy_is_never_what_reports_on_it(tmp_path: Path) -> None:
    asked = resolved(tmp_path, "--held_out_split", "validation", "--validation_size", "null")
    splits = load_splits(asked.own, 42)
    watched = load_validation(asked.own, splits.held_out, asked.own.validation_size)
    assert watched and not {example.id for example in watched} & {example.id for example in splits.held_out}


def test_nothing_left_to_teach_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the shortest has"):
        lessons(resolved(tmp_path, "--max_length", "8"))


def test_no_held_out_question_left_is_a_sentence_before_any_training(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="held-out questions is left"):
        lessons(resolved(tmp_path, "--max_prompt_tokens", "8"))
