"""Which trial a process takes next: one that a dead process left, or a new one. Never one that is somebody else's.

A process holds the lock of each trial that it runs, and writes down now and then that it lives. A RUNNING trial of this
host whose lock is free was left; one of another host when it has not been heard of for `LOST` seconds, too. Where a
file system knows no locks, silence alone decides.
"""

import os
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import Any

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
    """A trial that is this process's: run it in `folder`. `lock` is held until it is closed; `sole` says that the file
    system gives it to nobody else, which one that knows no locks cannot."""

    trial: Trial
    folder: Path
    lock: int
    sole: bool

    @property
    def log(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}.log")

    def beat(self) -> None:
        self.trial.set_user_attr("beat", {"host": HOST, "process": os.getpid(), "time": time.time()})

    def is_ours(self, now: FrozenTrial) -> bool:
        """Whether nobody else has said since that the trial is theirs."""
        said = now.user_attrs["beat"]
        return (said["host"], said["process"]) == (HOST, os.getpid())

    def let_go(self) -> None:
        os.close(self.lock)


def held(folder: Path) -> tuple[int, bool] | None:
    """The lock of a trial, and whether the file system knows locks; None where another process holds it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder.with_name(f"{folder.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
    try:
        flock(handle, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    except OSError:
        return handle, False
    return handle, True


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
        if told and told["host"] != HOST and not _silent(told):
            continue
        trial = Trial(study, found._trial_id)
        for one in plan.parameters:
            one.suggest(trial)  # what its process did not live to draw; the rest is as it was
        folder = plan.folder_of(stage, trial.number, trial.params)
        if (lock := held(folder)) is None:
            continue
        claim = Claim(trial, folder, *lock)
        if _taken_over(study, claim, told):
            return claim
        claim.let_go()
    return None


def _silent(told: Mapping[str, Any] | None) -> bool:
    return told is None or time.time() - told["time"] >= LOST


def _taken_over(study: optuna.Study, claim: Claim, told: Mapping[str, Any] | None) -> bool:
    """Whether the trial was nobody's, and is this process's now; `told` is its last sign of life."""
    at = claim.trial.number
    if not (claim.sole or _silent(told)) or study.get_trials(deepcopy=False)[at].state != RUNNING:
        return False  # somebody is at it, or came to its end and let go of it a moment ago
    claim.beat()
    if not claim.sole or (told and told["host"] != HOST):
        time.sleep(2)  # two may have heard the same silence: the last to say so has it
    now = study.get_trials(deepcopy=False)[at]
    return now.state == RUNNING and claim.is_ours(now)


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
    folder = plan.folder_of(stage, trial.number, trial.params)
    if (lock := held(folder)) is None:
        return None
    claim = Claim(trial, folder, *lock)
    claim.beat()
    return claim
