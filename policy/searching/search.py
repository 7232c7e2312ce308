"""The loop of a search: stage after stage, trial after trial, beside other processes that are at the same search."""

import time
from collections.abc import Callable, Sequence

import optuna

from policy import yaml_file
from policy.config_error import ConfigError
from policy.searching.claim import Claim, fresh, left
from policy.searching.plan import Plan
from policy.searching.studies import (
    COMPLETE,
    FAIL,
    PRUNED,
    RUNNING,
    Settings,
    open_storage,
    ranked,
    same_plan,
    study_of,
    trials_of,
)
from policy.searching.told_to_stop import ToldToStop
from policy.searching.trial import Told, run

IN_A_ROW = 3
"""Failures after which a process stops: something is wrong that another setting will not mend."""


def search(plan: Plan, after_each: Callable[[Sequence[optuna.Study]], None]) -> list[optuna.Study]:
    """The study of every stage, all trials done. `after_each` is called with those that have begun when a trial ends.

    Raises ConfigError when three trials in a row fail, or none of a stage comes to its end. SIGTERM and Ctrl-C stop
    the trial, which saves first, and leave it to be gone on with.
    """
    stop = ToldToStop()
    if not plan.by_value:
        same_plan(plan)
    storage = open_storage(plan)
    studies: list[optuna.Study] = []
    settings: Settings = list(plan.grid)
    for at, stage in enumerate(plan.stages):
        study = study_of(plan, at, settings, storage)
        studies.append(study)
        count = min(stage.trials, len(settings)) if settings else stage.trials
        _all_trials(plan, at, study, count, stop, lambda: after_each(studies))
        best = ranked(study)
        if not best:
            raise ConfigError(f"no trial of stage {at + 1} came to its end, so there is nothing to choose from")
        if at + 1 < len(plan.stages):
            settings = [one.params for one in best[: plan.stages[at + 1].trials]]
    return studies


def _all_trials(
    plan: Plan, stage: int, study: optuna.Study, count: int, stop: ToldToStop, after: Callable[[], None]
) -> None:
    failures, waiting = 0, False
    while True:
        stop.leave_if_told()
        claim = left(plan, stage, study, count) or fresh(plan, stage, study, count)
        if claim is None:
            running = [one.number + 1 for one in trials_of(study) if one.state == RUNNING]
            if not running and len(trials_of(study)) >= count:
                return
            if running and not waiting:
                print(f"stage {stage + 1}: waiting for other processes, at trials {running}", flush=True)
            waiting = True
            time.sleep(2)
            continue
        waiting = False
        print(_begins(plan, stage, count, claim), flush=True)
        told = run(plan, stage, study, claim, stop)
        print(_ends(plan, told), flush=True)
        after()
        failures = failures + 1 if told.state == FAIL else 0
        if failures == IN_A_ROW:
            raise ConfigError(
                f"{failures} trials in a row failed, so the search stopped; the last because: {told.why} "
                f"({claim.log}). The same command goes on with the trials that are left."
            )


def _begins(plan: Plan, stage: int, count: int, claim: Claim) -> str:
    values = plan.values(claim.trial.params)
    shown = ", ".join(f"{key} {yaml_file.write(value)}" for key, value in values.items())
    verb = "goes on with" if (claim.folder / "config.yaml").is_file() else "begins"
    return f"stage {stage + 1}, {verb} trial {claim.trial.number + 1} of {count}: {shown} ..."


def _ends(plan: Plan, told: Told) -> str:
    if told.state == COMPLETE and told.value is not None:
        return f"  {plan.asked.metric} {told.value:.4f}"
    return f"  {'pruned' if told.state == PRUNED else 'failed'}: {told.why}"
