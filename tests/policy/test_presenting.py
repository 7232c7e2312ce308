"""A run's keys say how its questions are presented; what is said here is what evaluation asks later."""

from dataclasses import replace

import pytest

from envs.example import Shot
from envs.presentation import Presentation
from envs.tasks import load
from policy.config_error import ConfigError
from policy.named_policy import Named, way_of
from policy.presenting import fitted, present
from policy.questions import load_splits, load_validation
from policy.task_fields import TaskFields, task_can_be_asked


def test_a_run_shows_shots_and_a_cut_schema_and_says_what_the_cut_lost():
    run = TaskFields("worlds", train_size=30, held_out_size=20, shots=2, schema_tokens=70)
    splits = load_splits(run, seed=0)
    validation = load_validation(run, splits.held_out, 5)
    for one in (*splits.train, *splits.held_out, *validation):
        assert len(one.shots) == 2 and one.gold_sql not in {shot.gold_sql for shot in one.shots}
    assert (
        "keeps all tables of the gold in" in splits.cut
        and "% of train" in splits.cut
        and "% of validation" in splits.cut
    )
    assert sum(bool(one.shown) for one in splits.train) > 10
    golds = {one.gold_sql for one in load("worlds", "train")}
    assert all(shot.gold_sql in golds for one in splits.held_out for shot in one.shots)
    asked = present(load("worlds", "validation"), Presentation(shots=2, schema_tokens=70), "worlds", None).examples
    assert {one.id: one for one in asked}.items() >= {one.id: one for one in splits.held_out}.items()


def test_shots_that_do_not_fit_go_before_the_question_does_the_least_alike_first():
    one = load("worlds", "test")[0]
    shots = tuple(Shot(f"question {i}", f"SELECT {i}", "sqlite") for i in range(3))
    one = replace(one, shots=shots)

    def length(example):
        return 10 * len(example.shots)

    assert fitted(one, length, 20).shots == shots[:2] and fitted(one, length, 5).shots == ()
    assert fitted(one, length, None) is one


def test_a_run_s_policy_is_asked_as_the_run_asked_unless_somebody_says_otherwise():
    run = {"shots": 3, "shot_choice": "fixed", "schema_tokens": 90, "schema_notes": "profile", "max_prompt_tokens": 700}
    way = way_of(Named("p", "p", None, run), None, None, None)
    assert way.presentation == Presentation("ddl", 90, "profile", 3, "fixed") and way.most_prompt == 700
    said = way_of(Named("p", "p", None, run), None, None, None, {"shots": 0, "schema_tokens": None})
    assert said.presentation == Presentation(schema_tokens=90, schema_notes="profile")
    assert way_of(Named("p", "p", None, {}), None, None, None).presentation == Presentation()


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"shots": -1}, "shots is -1; it must be 0, for none, to 64"),
        ({"schema_tokens": 0}, "schema_tokens is 0; it must be at least 1, or null"),
        ({"shot_choice": "fixed"}, "shot_choice would be ignored: shots is 0"),
        ({"shots": 1, "shot_path": "/nowhere/at/all"}, "shot_path is '/nowhere/at/all', and nothing is there"),
    ],
)
def test_keys_that_cannot_be_used_are_refused_in_a_sentence(keys, told):
    assert told in (task_can_be_asked(TaskFields("worlds", **keys)) or "")


def test_a_task_without_a_train_split_has_no_shots(tmp_path):
    file = tmp_path / "dev.json"
    file.write_text("[]")
    with pytest.raises(ConfigError, match=r"shots come from the train split of task spider.*Name in shot_path"):
        present(load("worlds", "test")[:1], Presentation(shots=1), "spider", str(file))
