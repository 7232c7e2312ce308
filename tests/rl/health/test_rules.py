"""Each disease has a name and gets it in time; a healthy run hears nothing. Recorded runs (`runs/`, the first line of
each says what made it) and, for what no small run falls ill with, histories written down here."""

import json
import random
from math import inf, nan
from pathlib import Path
from statistics import fmean

import pytest

from rl.health import rules
from rl.health.physician import Physician, lines

RUNS = Path(__file__).parent / "runs"
HEALTHY = sorted(RUNS.glob("healthy_*.jsonl"))
PLANTED = sorted(set(RUNS.glob("*.jsonl")) - set(HEALTHY))
IN_TIME = 20
"""Steps within which a disease must have its name."""


def heard(found, **settings):
    """The names and steps that a run of these lines is told."""
    physician = Physician(**settings)
    return [(one.name, one.step) for line in found for one in physician.look(line)]


def steps(count, first=1, **metrics):
    """That many logs, a step each: a metric is a number, or a function of the step. Names are spelled with __ for /."""
    return [
        {"step": step} | {k.replace("__", "/"): (v(step) if callable(v) else v) for k, v in metrics.items()}
        for step in range(first, first + count)
    ]


def after(step, before, then):
    """A metric that changes after a step."""
    return lambda now: before if now <= step else then


def wavering(at, by=0.05):
    """A metric that goes up and down as batches do."""
    return lambda step: at + by * (-1) ** step


def evaluation(step, accuracy, half=0.05):
    name = "eval_execution_accuracy"
    return {"step": step, name: accuracy, f"{name}_low": accuracy - half, f"{name}_high": accuracy + half}


ILL = {
    "accuracy_collapse": [evaluation(0, 0.6), evaluation(10, 0.52), evaluation(20, 0.4)],
    "all_groups_tied": steps(10, reward=wavering(0.5), reward_std=0.2, sql__tied=0.95),
    "answers_grow": [line | {"eval_completions/mean_length": tokens} for line, tokens in (
        (evaluation(0, 0.6), 30.0), (evaluation(10, 0.6), 40.0), (evaluation(20, 0.58), 46.0))],
    "chosen_likelihood_falls": steps(20, loss=0.4, logps__chosen=after(10, -112.0, -160.0),
        rewards__margins=after(10, 0.1, 4.0), rewards__chosen=after(10, 0.0, -4.8)),
    "entropy_collapse": steps(20, loss=0.0, entropy=after(10, 0.08, 0.01)),
    "gradient_too_large": steps(8, loss=0.0, grad_norm=after(5, 0.3, 4.0)),
    "gradient_zero": steps(5, loss=0.0, grad_norm=0.0, reward=wavering(0.5), reward_std=0.2),
    "kl_too_large": steps(5, loss=0.0, kl=2.5),
    "length_at_the_cap": steps(10, loss=0.0, completions__clipped_ratio=after(5, 0.0, 0.35)),
    "limits_hit": steps(10, loss=0, sql__forbidden=0, sql__timeout=after(5, 0, 0.1), sql__memory=0, sql__crash=0),
    "margins_explode": steps(5, loss=0.001, rewards__margins=9.0, rewards__accuracies=1.0, grad_norm=1e-9),
    "not_a_number": steps(3, loss=after(2, 0.1, nan)),
    "reward_model_drifts": steps(10, reward=wavering(0.5), reward_std=0.2, reward_model__misordered=wavering(0.5)),
    "rewards_failing": steps(1, reward=0.5, sql__reward_errors=0.02, sql__unscored=0.02),
    "sampler_mismatch": steps(3, loss=0.0, sampling__sampling_logp_difference__mean=0.15),
    "unscored": steps(3, reward=0.5, sql__unscored=0.2, sql__reward_errors=0.0),
}  # fmt: skip


@pytest.mark.parametrize("run", PLANTED, ids=lambda run: run.stem)
def test_a_planted_disease_gets_its_name_within_20_steps(run):
    name, step = heard(lines(run))[0]
    assert name == run.stem and step <= IN_TIME, "the first name must be the right one"


@pytest.mark.parametrize("run", HEALTHY, ids=lambda run: run.stem)
def test_a_healthy_run_hears_nothing(run):
    assert list(lines(run))[-1]["step"] >= 25, "too short to say"
    assert heard(lines(run)) == []


@pytest.mark.parametrize("every", [1, 5])
def test_no_order_of_healthy_batches_sounds_an_alarm(every):
    """Every step of the healthy runs, drawn 10 times 200: what chance alone makes of them, logged as often or less."""
    pool = [line for run in HEALTHY if run.stem != "healthy_stand_in" for line in lines(run) if "reward" in line]
    dice = random.Random(1)
    for _ in range(10):
        drawn = [dice.choice(pool) for _ in range(200)]
        parts = [drawn[at : at + every] for at in range(0, len(drawn), every)]
        names = set.intersection(*(set(line) for line in pool))
        means = [{name: fmean(one[name] for one in part) for name in names} for part in parts]
        assert heard(mean | {"step": every * (at + 1)} for at, mean in enumerate(means)) == []


@pytest.mark.parametrize("name", sorted(ILL))
def test_each_rule_speaks_alone_and_only_of_its_own(name):
    assert {told for told, _ in heard(ILL[name])} == {name}
    half = {"accuracy_collapse": 2, "not_a_number": 2, "rewards_failing": 0}.get(name, len(ILL[name]) - 1)
    assert heard(ILL[name][:half]) == [], "it speaks at the last line and not before"


def test_every_rule_is_the_function_that_its_file_is_called_after_and_is_tried_here():
    assert sorted({*ILL, *(run.stem for run in PLANTED)}) == rules.NAMES
    for name in rules.NAMES:
        assert rules.load(name).__name__ == name
        assert rules.explained_by(name) <= set(rules.NAMES) - {name}


@pytest.mark.parametrize(
    "harmless",
    [
        steps(10, reward=0.5, reward_std=0.2),
        steps(10, loss=0.0, grad_norm=after(5, 0.01, 0.2)),
        [*steps(4, loss=0.0, reward=0.5), {"step": 4, "train_runtime": 60.0, "reward": nan}],
        steps(
            20,
            loss=0.2,
            entropy=after(10, 0.1, 0.01),
            grad_norm=15.0,
            logps__chosen=after(10, -20.0, -24.0),
            rewards__chosen=-0.4,
            rewards__margins=after(10, 0.1, 2.0),
            rewards__accuracies=1.0,
        ),
        steps(20, loss=0.2, logps__chosen=after(10, -20.0, -40.0), rewards__chosen=0.3, rewards__margins=0.5),
        steps(20, loss=0.0, entropy=after(10, 0.1, 0.05), kl=0.4, completions__clipped_ratio=0.25, sql__tied=0.75),
    ],
    ids=[
        "batches alike in the mean",
        "a small gradient grows",
        "the end",
        "preferences learned",
        "longer answers",
        "usual numbers",
    ],
)
def test_what_only_looks_like_a_disease_is_not_told(harmless):
    assert heard(harmless) == []


def test_a_rule_is_silent_where_its_numbers_are_not_logged():
    assert heard(steps(30, loss=wavering(0.6), **{"rewards/accuracies": 0.7})) == []


@pytest.mark.parametrize("name", sorted({*ILL, *(run.stem for run in PLANTED)}))
def test_a_diagnosis_says_what_why_and_what_to_try(name):
    found = ILL.get(name) or lines(RUNS / f"{name}.jsonl")
    physician = Physician()
    one = next(one for line in found for one in physician.look(line) if one.name == name)
    assert one.told.endswith(".") and one.threshold and one.advice and one.evidence
    assert json.loads(json.dumps(one.row()))["evidence"]


@pytest.mark.parametrize(("metric", "value"), [("loss", nan), ("grad_norm", inf), ("reward", -inf), ("kl", nan)])
def test_a_number_that_is_none_is_told_at_once(metric, value):
    assert heard([{"step": 7, "loss": 0.1, "reward": 0.5, metric: value}]) == [("not_a_number", 7)]


def test_parse_failures_that_come_up_are_named_while_they_are_few():
    rising = steps(10, loss=0.0, sql__no_sql=after(5, 0.0, 0.25), sql__rejected=0.0, sql__syntax=0.0)
    assert heard(rising) == [("parse_failures", 10)]


def test_one_overflow_of_float16_does_not_stop_a_run_and_two_do():
    physician = Physician()
    stops = []
    for line in steps(5, loss=0.1, grad_norm=lambda step: inf if step in (2, 4, 5) else 1.0):
        physician.look(line)
        stops.append([one.name for one in physician.ill if one.stop])
    assert stops == [[], [], [], [], ["not_a_number"]]


def test_a_run_whose_held_out_accuracy_collapsed_is_to_stop():
    physician = Physician()
    for line in ILL["accuracy_collapse"]:
        physician.look(line)
    assert [one.name for one in physician.ill if one.stop] == ["accuracy_collapse"]


@pytest.mark.parametrize(("share", "stops"), [(0.4, False), (0.6, True)])
def test_a_run_bears_as_many_unscored_completions_as_its_config_says(share, stops):
    for errors in (0.0, share):
        physician = Physician(max_unscored_share=0.5)
        for line in steps(3, reward=0.5, sql__unscored=share, sql__reward_errors=errors):
            physician.look(line)
        assert [(one.name, one.stop) for one in physician.ill] == [
            ("rewards_failing" if errors else "unscored", stops)
        ], "one failure has one name"


def test_held_out_accuracy_that_does_not_follow_the_reward_is_suspicious_and_one_that_may_have_is_not():
    risen = steps(40, reward=lambda step: 0.3 + 0.01 * step, reward_std=0.2)
    told = [(name, step) for name, step in heard([evaluation(0, 0.5, 0.02), *risen, evaluation(40, 0.5, 0.02)])]
    assert told == [("reward_hacking", 40)]
    assert heard([evaluation(0, 0.5, 0.02), *risen, evaluation(40, 0.6, 0.02)]) == []
    assert heard([evaluation(0, 0.5, 0.3), *risen, evaluation(40, 0.5, 0.3)]) == [], "twelve questions cannot tell"


def test_a_learned_reward_that_rises_alone_drifts_and_one_that_rises_with_the_truth_does_not():
    def rising(step):
        return wavering(0.4 + 0.02 * step, 0.01)(step)

    learned = {"reward_model__mean": rising, "reward_model__misordered": 0.2, "reward_std": 0.2}
    alone = steps(20, reward=rising, reward_model__right_share=wavering(0.5), **learned)
    assert heard(alone) == [("reward_model_drifts", 12)], "which explains the reward that rises with it"
    assert heard(steps(20, reward=rising, reward_model__right_share=rising, **learned)) == []
    useful = steps(20, reward=wavering(0.5), reward_std=0.2, reward_model__misordered=wavering(0.3, 0.3))
    assert heard(useful) == []


def test_a_disease_is_told_again_only_after_it_had_gone():
    def fever(step):
        return 3.0 if step <= 10 or 13 <= step <= 20 or step > 40 else 0.1

    assert heard(steps(60, loss=0.0, kl=fever)) == [("kl_too_large", 5), ("kl_too_large", 44)]
    sparse = [{"step": step, "loss": 0.0, "kl": 3.0} for step in range(30, 300, 30)]
    assert heard(sparse) == [("kl_too_large", 30)], "a log of 30 steps is no silence"


def test_steps_that_share_one_generation_tell_of_it_once_and_hide_nothing():
    def constant(step):
        return {"reward": 0.5, "reward_std": 0.0} if step % 4 == 1 else {}

    assert heard({"step": step, "loss": 0.0} | constant(step) for step in range(1, 21)) == [("reward_constant", 5)]


@pytest.mark.parametrize("run", [*PLANTED, *HEALTHY], ids=lambda run: run.stem)
def test_a_run_resumed_anywhere_is_told_what_the_undisturbed_one_is(run):
    found = list(lines(run))
    undisturbed = heard(found)
    for cut in range(0, len(found), 3):
        resumed = Physician()
        for line in found[:cut]:
            resumed.look(line)
        rest = [(one.name, one.step) for line in found[cut:] for one in resumed.look(line)]
        assert [*heard(found[:cut]), *rest] == undisturbed
