"""What cannot work is a sentence before any model is loaded: configs, pair files, tasks."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from policy.config import ConfigError
from policy.run_folder import RunFolder
from rl.pairs.pair import Pair, line
from rl.preferences import read_all, split_by_database
from rl.reward_modelling.config import how_many_corruptions, read
from rl.reward_modelling.data import SHARED, keep, material, once
from rl.reward_modelling.dry_run import row_count

Asked = Callable[..., list[str]]


@pytest.fixture
def asked(tmp_path: Path) -> Asked:
    """The words of a command line: a small config, and more."""
    config = tmp_path / "reward_model_small.yaml"
    config.write_text("task: worlds\nmodel_name_or_path: policy/seedling\neval_strategy: steps\n")
    return lambda *words: ["--config", str(config), *words]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--pairs", "[nowhere.jsonl]"], "pairs names nowhere.jsonl, and no file is there"),
        (["--pairs", "[]"], "pairs is an empty list"),
        (["--corruptions_each", "0"], "there is nothing to train on"),
        (["--validation_share", "1.5"], "validation_share is 1.5"),
        (["--validation_share", "0"], "eval_strategy is steps, and validation_share is 0"),
        (["--samples", "some.jsonl"], "samples is given and scores is not"),
        (["--metric_for_best_model", "rouge"], "must be one of loss, accuracy, margin"),
        (["--train_sampling_strategy", "group_by_length"], "a pair has two"),
        (["--center_rewards_coefficient", "-1"], "must be at least 0"),
        (["--load_in_4bit", "true"], "Write use_peft: true"),
        (["--chat_template_path", "x.jinja"], "chat_template_path is not read"),
        (["--task", "bard"], "there is no task named 'bard'"),
    ],
)
def test_what_cannot_work_is_told_with_key_and_value(asked: Asked, words: list[str], told: str) -> None:
    with pytest.raises(ConfigError) as error:
        read(asked(*words))
    assert told in str(error.value)


def test_corruptions_are_made_where_there_are_no_pairs_and_beside_them_where_they_are_asked_for(
    pair: Callable[..., Pair], asked: Asked, tmp_path: Path
) -> None:
    file = tmp_path / "pairs.jsonl"
    file.write_text(line(pair("a", "museum")) + "\n")
    given = asked("--pairs", f"[{file}]")
    assert how_many_corruptions(read(asked()).own) == 4
    assert how_many_corruptions(read(given).own) == 0
    assert how_many_corruptions(read([*given, "--corruptions_each", "2"]).own) == 2


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"schema": ""}, "schema is empty"),
        ({"rejected": "SELECT name FROM zoo", "rejected_sql": "SELECT name FROM zoo"}, "the same"),
        ({"verified": {}}, "not verified"),
    ],
)
def test_a_pair_that_must_not_be_trained_on_is_refused_by_line(
    pair: Callable[..., Pair], asked: Asked, tmp_path: Path, changed: dict[str, object], told: str
) -> None:
    file = tmp_path / "pairs.jsonl"
    bad = json.dumps(json.loads(line(pair("b", "zoo"))) | changed)
    file.write_text(line(pair("a", "museum")) + "\n" + bad + "\n")
    resolved = read(asked("--pairs", f"[{file}]", "--test_pairs", f"[{file}]", "--output_dir", str(tmp_path / "run")))
    with pytest.raises(ConfigError, match=rf"pairs.jsonl line 2.*{told}"):
        material(resolved)


def test_held_out_pairs_of_databases_that_are_trained_on_are_left_out_and_counted(
    pair: Callable[..., Pair], asked: Asked, tmp_path: Path
) -> None:
    files = [tmp_path / "pairs.jsonl", tmp_path / "test.jsonl"]
    files[0].write_text(line(pair("a", "museum")) + "\n")
    files[1].write_text(line(pair("b", "museum")) + "\n" + line(pair("c", "zoo")) + "\n")
    words = ["--pairs", f"[{files[0]}]", "--output_dir", str(tmp_path / "run"), "--test_pairs"]
    found = material(read(asked(*words, f"[{files[1]}]")))
    assert [one.example for one in found.held_out] == ["c"] and found.shared == 1
    folder = RunFolder(tmp_path / "run")
    folder.write_environment({SHARED: found.shared})
    keep(folder, found)
    assert material(read(asked(*words, f"[{files[1]}]", "--resume"))) == found, "and a resumed run tells so again"
    with pytest.raises(ConfigError, match="all 1 held-out pairs are about databases that are trained on"):
        material(read(asked(*words, f"[{files[0]}]")))


def test_a_task_without_a_gold_that_can_grade_is_told_before_any_model(asked: Asked, tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    rows = [
        {
            "split": split,
            "question": f"How many, {n}?",
            "script": f"CREATE TABLE t{split}{n}(a INT);",
            "sql": "SELECT b",
        }
        for split in ("train", "validation")
        for n in range(2)
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    words = ["--task", "jsonl", "--task_path", str(file), "--held_out_split", "validation"]
    with pytest.raises(ConfigError, match="none of the 2 train golds of task jsonl can grade an answer"):
        material(read(asked(*words, "--output_dir", str(tmp_path / "run"))))


def test_one_database_alone_leaves_nothing_to_watch_or_to_report_on(pair: Callable[..., Pair], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="all pairs are about one database"):
        split_by_database([pair("a", "museum"), pair("b", "museum", "age")], 0.1, 0)
    train, validation = split_by_database([pair("a", "museum"), pair("b", "zoo")], 0.1, 0)
    assert len(train) == len(validation) == 1


def test_a_batch_is_made_of_rows_of_pairs_of_one_question() -> None:
    questions = ["a", "b", "a", "a", "b", "a", "a"]
    assert [row_count(questions, together) for together in (1, 2, 8)] == [7, 4, 2]
    values = read(["--config", "configs/reward_model.yaml"]).values()
    rows = values["per_device_train_batch_size"] * values["gradient_accumulation_steps"]
    assert rows * values["pairs_together"] == 16, "pairs a step, as the config says"


def test_a_resumed_run_reads_the_pairs_that_it_began_with(
    pair: Callable[..., Pair], asked: Asked, tmp_path: Path
) -> None:
    files = [tmp_path / "pairs.jsonl", tmp_path / "test.jsonl"]
    files[0].write_text(line(pair("a", "museum")) + "\n")
    files[1].write_text(line(pair("b", "zoo")) + "\n")
    words = asked("--pairs", f"[{files[0]}]", "--test_pairs", f"[{files[1]}]", "--output_dir", str(tmp_path / "run"))
    first = material(read(words))
    keep(RunFolder(tmp_path / "run"), first)
    files[0].write_text(line(pair("c", "park")) + "\n")
    assert material(read([*words, "--resume"])).pairs == first.pairs
    assert [one.example for one in material(read(words)).pairs] == ["c"]


def test_a_pair_that_a_file_has_and_a_corruption_makes_again_is_one_pair_however_it_is_read(
    pair: Callable[..., Pair], tmp_path: Path
) -> None:
    twice = [
        pair("b", "zoo"),
        pair("a", "museum"),
        pair("b", "zoo", kind="invented_column"),
        pair("a", "museum", "age"),
    ]
    kept = once(twice)
    assert kept == [twice[0], twice[1], twice[3]]
    (tmp_path / "pairs.jsonl").write_text("".join(line(one) + "\n" for one in twice))
    assert read_all([str(tmp_path / "pairs.jsonl")], "strict", "strict") == kept, (
        "or a resumed run would take other steps"
    )
