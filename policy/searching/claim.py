"""Which trial a process takes next: one that a dead process left, or a new one. Never one that is somebody else's.

A process holds the lock of each trial that it runs, and writes down now and then that it lives. A RUNNING trial of this
host whose lock is free was left; one of another host when it has not been heard of for `LOST` seconds, too. Where a
file system knows no locks, silence alone decides.
"""

import os
import socket
import time
from dataclasses import dataclass
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

import optuna
from optuna.trial import FrozenTrial, Trial

from policy.searching.plan import Plan
from policy.searching.studies import FAIL, RUNNING, SURPLUS, trials_of

LOST = 600.0
"""Seconds of silence after which a trial of another host is taken for left."""

BEAT = 30.0
"""Seconds between two signs of life."""

HOST = socket.gethostname()


@dataclass(frozen=True, slots=True)
class Claim:
    """A trial that is this process's: run it in `folder`. `lock` is held until it is closed."""

    trial: Trial
    folder: Path
    lock: int

    @property
    def log(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}.log")

    def beat(self) -> None:
        self.trial.set_user_attr("beat", {"host": HOST, "process": os.getpid(), "time": time.time()})

    def let_go(self) -> None:
        os.close(self.lock)


def folder_of(plan: Plan, stage: int, trial: FrozenTrial | Trial) -> Path:
    """A grid of one key names its folders by its values, anything else by the trials' numbers, from 1."""
    if plan.grid and len(plan.parameters) == 1:
        label = str(trial.params[plan.parameters[0].key]).replace("/", "_")
        return plan.folder / label if len(plan.stages) == 1 else plan.folder / f"stage{stage + 1}" / label
    return plan.folder / f"stage{stage + 1}" / f"{trial.number + 1:04d}"


def held(folder: Path) -> int | None:
    """The lock of a trial, None where another process holds it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder.with_name(f"{folder.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
    try:
        flock(handle, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    except OSError:
        pass
    return handle


def left(plan: Plan, stage: int, study: optuna.Study, count: int) -> Claim | None:
    """A trial that a dead process was at, to be gone on with; None where there is none. One past the stage's `count`,
    whose process died before it gave it back, is given back now."""
    for found in trials_of(study):
        if found.state != RUNNING:
            continue
        told = found.user_attrs.get("beat")
        if told is None and (found.datetime_start is None or time.time() - found.datetime_start.timestamp() < 60):
            continue  # drawn this moment by somebody who has not locked it yet
        if told is None and found.number >= count:
            study._storage.set_trial_user_attr(found._trial_id, SURPLUS, True)
            study.tell(found.number, state=FAIL, skip_if_finished=True)
            continue
        if told and told["host"] != HOST and time.time() - told["time"] < LOST:
            continue
        trial = Trial(study, found._trial_id)
        for one in plan.parameters:
            one.suggest(trial)  # what its process did not live to draw; the rest is as it was
        lock = held(folder_of(plan, stage, trial))
        if lock is None:
            continue
        claim = Claim(trial, folder_of(plan, stage, trial), lock)
        claim.beat()
        if told and told["host"] != HOST:
            time.sleep(2)  # two hosts may have heard the same silence: the last to say so has it
        now = study.get_trials(deepcopy=False)[found.number]
        if now.state == RUNNING and now.user_attrs["beat"]["host"] == HOST:
            return claim
        claim.let_go()
    return None


def fresh(plan: Plan, stage: int, study: optuna.Study, count: int) -> Claim | None:
    """A new trial, None where the stage has all of its `count`. Numbers are given by the storage, so that of two
    processes that draw the last one the later gives its back."""
    if len(study.get_trials(deepcopy=False)) >= count:
        return None
    trial = study.ask()
    if trial.number >= count:
        trial.set_user_attr(SURPLUS, True)
        study.tell(trial, state=FAIL)
        return None
    for one in plan.parameters:
        one.suggest(trial)
    folder = folder_of(plan, stage, trial)
    lock = held(folder)
    if lock is None:
        return None
    claim = Claim(trial, folder, lock)
    claim.beat()
    return claim
