"""Which trial a process takes up after another has died."""

import errno
import time
from pathlib import Path
from types import SimpleNamespace

import optuna
from optuna.distributions import FloatDistribution
from optuna.trial import TrialState, create_trial

from policy.searching import claim
from policy.searching.plan import Plan, Stage
from policy.searching.space import Parameter
from policy.searching.studies import trials_of

from .parabola import COMMAND


def test_a_trial_past_its_stage_whose_process_died_before_it_gave_it_back_is_not_trained(tmp_path, monkeypatch):
    one = Parameter("x", low=0.0, high=1.0)
    plan = Plan(Path("x"), None, COMMAND, Path("x"), (one,), (Stage(2, {}),), tmp_path)
    study = optuna.create_study()
    for _ in range(2):
        drawn = {"x": FloatDistribution(0, 1)}
        study.add_trial(create_trial(state=TrialState.COMPLETE, value=1.0, params={"x": 0.5}, distributions=drawn))
    study.ask()
    later = time.time() + 120
    monkeypatch.setattr(claim.time, "time", lambda: later)
    assert claim.left(plan, 0, study, 2) is None
    assert [one.number for one in trials_of(study)] == [0, 1] and study.trials[2].state == TrialState.FAIL
    study.ask()
    found = claim.left(plan, 0, study, 4)
    assert found is not None and found.trial.number == 3
    found.let_go()


def drawn(tmp_path, suggest=None):
    """A study with one trial that another process of this host has drawn."""
    one = Parameter("x", low=0.0, high=1.0)
    parameter = SimpleNamespace(key="x", suggest=suggest or one.suggest)
    plan = Plan(Path("x"), None, COMMAND, Path("x"), (parameter,), (Stage(1, {}),), tmp_path)
    study = optuna.create_study()
    trial = study.ask()
    one.suggest(trial)
    trial.set_user_attr("beat", {"host": claim.HOST, "process": 1, "time": time.time()})
    return plan, study


def test_a_trial_that_ends_while_it_is_looked_at_is_let_go(tmp_path):
    plan, study = drawn(tmp_path, suggest=lambda trial: study.tell(trial.number, 1.0))
    assert claim.left(plan, 0, study, 1) is None and study.trials[0].state == TrialState.COMPLETE


def test_where_a_file_system_knows_no_locks_silence_alone_says_that_a_trial_was_left(tmp_path, monkeypatch):
    def knows_none(handle, what):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(claim, "flock", knows_none)
    monkeypatch.setattr(claim.time, "sleep", lambda seconds: None)
    plan, study = drawn(tmp_path)
    assert claim.left(plan, 0, study, 1) is None, "its process may well be at it"
    later = time.time() + claim.LOST
    monkeypatch.setattr(claim.time, "time", lambda: later)
    found = claim.left(plan, 0, study, 1)
    assert found is not None and found.trial.number == 0
    found.let_go()
