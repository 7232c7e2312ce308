"""Which trial a process takes up after another has died."""

import time
from types import SimpleNamespace

import optuna
from optuna.distributions import FloatDistribution
from optuna.trial import TrialState, create_trial

from policy.searching import claim
from policy.searching.space import Parameter
from policy.searching.studies import trials_of


def test_a_trial_past_its_stage_whose_process_died_before_it_gave_it_back_is_not_trained(tmp_path, monkeypatch):
    plan = SimpleNamespace(parameters=(Parameter("x", low=0.0, high=1.0),), grid=(), folder=tmp_path)
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
