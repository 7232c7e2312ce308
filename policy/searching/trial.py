"""One trial: the training command in a process of its own, watched while it runs, and told to the study at its end."""

import ctypes
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

import optuna
from optuna.trial import TrialState

from policy.config_error import ConfigError
from policy.run_folder import RunFolder, same_config
from policy.searching import outcome
from policy.searching.claim import BEAT, Claim
from policy.searching.plan import Plan
from policy.searching.studies import COMPLETE, FAIL, PRUNED
from policy.searching.told_to_stop import ToldToStop

PATIENCE = 300.0
"""Seconds that a trial has to save after SIGTERM, before it is killed."""

PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Told:
    """How a trial ended, and why in a sentence where it did not come to its end."""

    state: TrialState
    value: float | None = None
    why: str = ""


def run(plan: Plan, stage: int, study: optuna.Study, claim: Claim, stop: ToldToStop) -> Told:
    """Begin or go on with the trial, and tell the study. Raises ConfigError where somebody else stops it: the trial
    stays as it is, to be gone on with."""
    argv = plan.argv(plan.values(claim.trial.params), stage, claim.folder)
    try:
        told = _told_before(plan, claim, argv) or _trained(plan, claim, argv, stop)
    except ConfigError as error:
        claim.let_go()
        raise error
    claim.trial.set_user_attr("folder", str(claim.folder))
    if told.state == COMPLETE:
        for name, fact in outcome.facts(claim.folder).items():
            claim.trial.set_user_attr(name, fact)
    if told.state != FAIL:
        shutil.rmtree(claim.folder / "checkpoints", ignore_errors=True)  # nobody goes on from them
    if told.why:
        claim.trial.set_user_attr("why", told.why)
    study.tell(claim.trial, told.value, told.state)
    claim.let_go()
    return told


def _told_before(plan: Plan, claim: Claim, argv: list[str]) -> Told | None:
    """The end of a trial whose process ended while nobody listened, or of an earlier search in the same folder."""
    if not outcome.ended(claim.folder):
        return None
    try:
        same_config(RunFolder(claim.folder), plan.command.resolve(argv).to_yaml())
    except ConfigError as error:
        return Told(FAIL, why=str(error))
    _report(plan, claim)
    return _end(plan, claim)


def _end(plan: Plan, claim: Claim) -> Told:
    value = outcome.value(claim.folder, plan.asked.metric)
    if why := outcome.illness(outcome.logged(claim.folder)):
        return Told(FAIL, why=why)
    if value is None:
        return Told(FAIL, why=f"it trained to its end and never measured {plan.asked.metric}")
    return Told(COMPLETE, value)


def _trained(plan: Plan, claim: Claim, argv: list[str], stop: ToldToStop) -> Told:
    begun = ["--resume"] if (claim.folder / "config.yaml").is_file() else []
    command = [sys.executable, "-m", plan.command.module, *argv, *begun]
    with claim.log.open("a" if begun else "w", encoding="utf-8") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # what stops a whole group would reach it twice, and then it would not save
            preexec_fn=_dies_with_us,
            pass_fds=(claim.lock,),  # as long as the training lives, however this process ends, nobody takes it over
        )
        try:
            stopped = _watched(plan, claim, process, stop)
        except BaseException:
            _stop(process)
            raise
    if stopped:
        _stop(process)
        return stopped
    if process.returncode == 0 and outcome.ended(claim.folder):
        _report(plan, claim)
        return _end(plan, claim)
    if process.returncode in (-signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP, 128 + signal.SIGTERM, 130, 129):
        raise ConfigError(f"the training in {claim.folder} was told to stop. Start the same search to go on with it")
    return Told(FAIL, why=outcome.last_words(claim.log, process.returncode))


def _watched(plan: Plan, claim: Claim, process: "subprocess.Popen[bytes]", stop: ToldToStop) -> Told | None:
    """Until the process ends: None; or how it is to be stopped."""
    beaten = time.monotonic()
    while True:
        try:
            process.wait(timeout=1.0)
            return None
        except subprocess.TimeoutExpired:
            stop.leave_if_told()
        if time.monotonic() - beaten > BEAT:
            claim.beat()
            beaten = time.monotonic()
        if why := outcome.illness(outcome.logged(claim.folder)):
            return Told(FAIL, why=why)
        if _report(plan, claim) and (at := _behind(plan, claim)):
            return Told(PRUNED, why=f"fell behind at evaluation {at} of {plan.asked.evaluations}")


def _report(plan: Plan, claim: Claim) -> bool:
    """Tell the study what is new; whether anything was. What a resumed trial measures again is told once."""
    if not plan.watched:
        return False
    known = claim.trial.storage.get_trial(claim.trial._trial_id).intermediate_values
    new = False
    for at, value in enumerate(outcome.evaluations(outcome.logged(claim.folder), plan.asked.metric), start=1):
        if at not in known:
            claim.trial.report(value, at)
            new = True
    return new


def _behind(plan: Plan, claim: Claim) -> int:
    """The evaluation at which it fell behind, 0 where it did not. The last is the trial's end, which says more."""
    last = claim.trial.storage.get_trial(claim.trial._trial_id).last_step or 0
    return last if last < plan.asked.evaluations and claim.trial.should_prune() else 0


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """SIGTERM, which a training saves after (`policy/preemption.py`); killed where it does not leave."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _dies_with_us() -> None:
    """Linux sends the training SIGTERM when the search dies, even by kill -9: no training goes on unwatched."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
