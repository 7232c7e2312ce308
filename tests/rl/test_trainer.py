"""The few places where TRL's trainers are overridden still do what they are overridden for."""

import inspect

import pytest
from trl import GRPOTrainer, RLOOTrainer
from trl.trainer.utils import RepeatSampler

from rl.sampler import EpochRepeatSampler
from rl.trainer import LabGRPOTrainer, LabOverrides, LabRLOOTrainer

SHAPE = {"data_source": range(10), "mini_repeat_count": 2, "batch_size": 3, "repeat_count": 2, "seed": 7}


def order(sampler: RepeatSampler, epoch: int) -> list[int]:
    sampler.set_epoch(epoch)
    return list(sampler)


def test_the_first_epoch_is_trls_own_and_every_later_one_is_found_again_by_a_resumed_run() -> None:
    running = EpochRepeatSampler(**SHAPE)
    epochs = [order(running, epoch) for epoch in range(3)]
    assert epochs[0] == list(RepeatSampler(**SHAPE))
    assert epochs[0] != epochs[1] != epochs[2] != epochs[0]
    assert [order(EpochRepeatSampler(**SHAPE), epoch) for epoch in (2, 1)] == [epochs[2], epochs[1]]
    assert len(epochs[1]) == len(running) == 9 * 2 * 2 and set(epochs[1][:6]) == set(epochs[1][6:12])


def test_an_epoch_can_be_told_which_questions_to_ask() -> None:
    sampler = EpochRepeatSampler(**SHAPE)
    sampler.choice = lambda epoch: [0] * 10 if epoch else None
    assert set(order(sampler, 1)) == {0} and len(order(sampler, 1)) == len(sampler)
    assert len(set(order(sampler, 0))) == 9


@pytest.mark.parametrize("trainer", [GRPOTrainer, RLOOTrainer])
def test_trl_still_has_what_is_overridden(trainer: type) -> None:
    for name in (
        "_get_train_sampler",
        "_generate",
        "_generate_and_score_completions",
        "evaluate",
        "_load_from_checkpoint",
    ):
        assert callable(getattr(trainer, name)), name
        assert name in vars(LabOverrides), f"{name} is no override any more: this test is to follow"
    source = inspect.getsource(trainer)
    for name in ("self.eos_token_ids", "self.num_generations", "self.num_iterations", "self._metrics[mode]"):
        assert name in source, name
    theirs = inspect.getsource(trainer._get_train_sampler)
    for part in (
        "generation_batch_size // self.num_generations",
        "self.num_iterations * self.args.steps_per_generation",
    ):
        assert part in theirs, "TRL repeats prompts in another way now, and rl/trainer.py must follow"


def test_the_overrides_stand_before_trls_own() -> None:
    for trainer in (LabGRPOTrainer, LabRLOOTrainer):
        assert trainer.__mro__[1] is LabOverrides
