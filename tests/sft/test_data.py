"""What is taught: whole examples or none, and never a question that is held out for the report."""

from pathlib import Path

import pytest

from envs.complexity import joins
from policy.config import ConfigError, Resolved
from policy.load import load_tokenizer
from policy.questions import environment, load_splits, load_validation
from policy.run_folder import RunFolder
from sft.config import SftRun, read
from sft.data import Lessons, prepare, rows
from sft.lesson_report import keep


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


def test_what_a_mixture_leaves_out_is_counted_by_lesson_and_what_is_watched_asks_for_sql(tmp_path: Path) -> None:
    mixture = ["--lessons", '{"text_to_sql": 1, "repair": 0.5, "syntax": 0.25}']
    alone, some = (lessons(resolved(tmp_path, "--max_length", "250", *more)) for more in ([], mixture))
    assert alone.part and some.part and not alone.mixed
    assert some.part.of("text_to_sql") == alone.train and some.validation == alone.validation
    assert some.part.made == {"text_to_sql": 40, "repair": 20, "syntax": 10}
    kept = {kind: len(some.part.of(kind)) for kind in some.part.made}
    assert sum(kept.values()) == len(some.train) and kept["repair"] < 20
    assert some.part.too_long == {kind: n - kept[kind] for kind, n in some.part.made.items() if n > kept[kind]}
    assert f"| repair | 20 | 20 | {20 - kept['repair']} | {kept['repair']} |" in some.summary(250)
    assert "| lesson |" not in alone.summary(250)
    watched = {kind: len(found) for kind, found in some.watched.items()}
    assert watched.keys() <= {"repair", "syntax"} and 0 < watched["repair"] <= 5


def test_a_lesson_that_no_question_of_the_task_gives_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"evidence .*none of the 40 training questions of task worlds gives one"):
        lessons(resolved(tmp_path, "--lessons", '{"text_to_sql": 1, "evidence": 0.5}'))


def test_a_resumed_run_teaches_the_repairs_it_began_with_and_refuses_other_lessons(tmp_path: Path) -> None:
    mixture = ["--output_dir", str(tmp_path), "--lessons", '{"text_to_sql": 1, "repair": 1.5}']
    asked, folder = resolved(tmp_path, *mixture), RunFolder(tmp_path)
    found, file = lessons(asked), tmp_path / "lessons.jsonl"
    keep(found, folder)
    kept = file.read_text()
    assert len(kept.splitlines()) == len(found.train)
    folder.config.write_text(asked.to_yaml())
    lines = kept.splitlines(keepends=True)
    gone = next(line for line in lines if '"lesson": "repair"' in line and "Error" in line)
    other = "".join(line.replace("Error", "Slower") for line in lines if line != gone)  # as another machine ended it
    file.write_text(other)
    with pytest.raises(ConfigError, match="other lessons than were made now"):
        keep(found, folder)
    resumed = lessons(resolved(tmp_path, *mixture, "--resume"))
    assert len(resumed.train) == len(found.train) - 1 and resumed.train != found.train[:-1]
    keep(resumed, folder)
    assert file.read_text() == other
    file.write_text(other.replace("SELECT", "SELEKT"))
    with pytest.raises(ConfigError, match=r"line \d+ teaches .* the data changed"):
        lessons(resolved(tmp_path, *mixture, "--resume"))
    with pytest.raises(ConfigError, match="started with another config: learning_rate"):
        lessons(resolved(tmp_path, *mixture, "--resume", "--learning_rate", "1"))


def test_train_alone_is_cut_by_the_joins_of_its_golds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    simple, complex_, whole = (
        load_splits(resolved(tmp_path, "--train_size", "null", *more).own, 42)
        for more in (["--most_joins", "1"], ["--fewest_joins", "2"], [])
    )
    assert {joins(e) for e in simple.train} == {0, 1} and {joins(e) for e in whole.train} == {0, 1, 2}
    assert {joins(e) for e in complex_.train} == {2}
    assert simple.held_out == complex_.held_out == whole.held_out
    assert sorted(e.id for e in (*simple.train, *complex_.train)) == sorted(e.id for e in whole.train)
    told = f"{len(simple.train):,} of {len(whole.train):,} training questions have golds within most_joins 1"
    assert told in capsys.readouterr().out


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
