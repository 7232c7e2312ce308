"""A checkpoint is written where a run goes on exactly, and a signal that nobody is to hear is not heard."""

import os
import signal
from pathlib import Path

import pytest
from transformers import DefaultFlowCallback, TrainerControl, TrainerState, TrainingArguments
from transformers.trainer_callback import CallbackHandler

from policy.callbacks import LogBeforeSave
from policy.preemption import SaveWhenTold


def trained(tmp_path: Path, *callbacks, **given) -> tuple[CallbackHandler, TrainingArguments, TrainerState]:
    arguments = TrainingArguments(str(tmp_path), use_cpu=True, report_to="none", logging_steps=100, **given)
    handler = CallbackHandler([DefaultFlowCallback(), LogBeforeSave(), *callbacks], None, None, None, None)
    return handler, arguments, TrainerState(global_step=25, max_steps=90, logging_steps=100, save_steps=1000)


def test_a_run_that_is_told_to_stop_logs_what_its_checkpoint_does_not_hold(tmp_path: Path) -> None:
    told = SaveWhenTold(every=5)
    handler, arguments, state = trained(tmp_path, told)
    with told.listening():
        os.kill(os.getpid(), signal.SIGTERM)
        control = handler.on_step_end(arguments, state, TrainerControl())
    assert control.should_save and control.should_log
    assert not control.should_training_stop, "the checkpoint would say that the training is over"
    assert handler.on_save(arguments, state, control).should_training_stop


def test_what_is_saved_at_the_end_of_an_epoch_is_logged_there_too(tmp_path: Path) -> None:
    handler, arguments, state = trained(tmp_path, save_strategy="epoch")
    control = handler.on_epoch_end(arguments, state, TrainerControl())
    assert control.should_save and control.should_log


@pytest.mark.parametrize("started", [signal.SIG_IGN, signal.SIG_DFL], ids=["under nohup", "in a terminal"])
def test_a_closed_terminal_is_heard_unless_the_run_was_started_under_nohup(started: signal.Handlers) -> None:
    before = signal.signal(signal.SIGHUP, started)
    told = SaveWhenTold()
    try:
        with told.listening():
            os.kill(os.getpid(), signal.SIGHUP)
        assert told.heard == (None if started is signal.SIG_IGN else signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is started
    finally:
        signal.signal(signal.SIGHUP, before)
