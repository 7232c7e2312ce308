"""What a search says of its winner, from trials that are told to a real study."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import optuna
import pytest
from optuna.distributions import FloatDistribution
from optuna.trial import create_trial

from policy.searching.fields import SearchFields
from policy.searching.plan import Plan, Stage
from policy.searching.report import written
from policy.searching.space import Parameter
from policy.searching.verdict import sentences

from .parabola import COMMAND

RATE = Parameter("learning_rate", low=1e-4, high=1e-2, log=True)


def told_of(rights: dict[float, int], metric: str, folder: Path) -> tuple[Plan, optuna.Study]:
    """`rights`: of 200 questions how many each rate answers, the first ones."""
    asked = SearchFields("x", {}, [], metric=metric)  # type: ignore[arg-type]
    plan = Plan(Path("x"), asked, COMMAND, folder / "x.yaml", (RATE,), (Stage(9, {}),), folder)
    study = optuna.create_study(direction="minimize" if plan.falls else "maximize")
    for rate, right in rights.items():
        marks = "1" * right + "0" * (200 - right)
        params, kinds = {"learning_rate": rate}, {"learning_rate": FloatDistribution(1e-4, 1e-2, log=True)}
        trial = create_trial(params=params, distributions=kinds, value=right / 200, user_attrs={"scores": marks})
        study.add_trial(trial)
    return plan, study


def said(rights: dict[float, int], metric: str = "execution_accuracy") -> str:
    plan, study = told_of(rights, metric, Path("x"))
    return " ".join(sentences(plan, [study]))


def test_a_winner_by_many_questions_is_apart_and_one_by_two_is_not() -> None:
    assert "It is apart from the second: +10.0 points [" in said({1e-3: 120, 3e-3: 100})
    near = said({1e-3: 120, 3e-3: 118, 5e-3: 60})
    assert "It is not apart from the second: +1.0 points [" in near and "As good by these questions: 1 of 2" in near


@pytest.mark.parametrize(("rate", "edge"), [(1e-4, True), (1e-3, False)])
def test_a_winner_at_the_edge_is_said_so(rate: float, edge: bool) -> None:
    assert ("At the edge of what was tried: learning_rate." in said({rate: 120, 3e-3: 100})) is edge


def test_of_losses_the_smallest_wins_without_an_interval_and_of_equals_the_first() -> None:
    assert "Chosen: learning_rate 0.003" in said({1e-3: 120, 3e-3: 100}, "eval_loss")
    assert "Chosen: learning_rate 0.001" in said({1e-3: 120, 3e-3: 120})
    assert "a loss of one run has no interval" in said({1e-3: 120, 3e-3: 100}, "eval_loss")


def test_processes_that_write_the_report_at_once_wait_for_each_other(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("x: 1\n")
    plan, study = told_of({1e-3: 120, 3e-3: 100}, "execution_accuracy", tmp_path)
    with ThreadPoolExecutor(4) as processes:
        for told in [processes.submit(written, plan, [study]) for _ in range(40)]:
            assert "Chosen: learning_rate 0.001" in told.result()
    assert "Chosen: learning_rate 0.001" in (tmp_path / "search.html").read_text()
