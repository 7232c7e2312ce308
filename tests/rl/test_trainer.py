"""The few places where TRL's trainers are overridden still do what they are overridden for."""

import inspect
from pathlib import Path

import pytest
import torch
from datasets import Dataset
from trl import GRPOConfig, GRPOTrainer, RLOOConfig, RLOOTrainer
from trl.trainer.utils import RepeatSampler

from policy.load import load_tokenizer
from rl.build import stop_as_examined
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


@pytest.mark.parametrize(
    ("trainer", "arguments"), [(LabGRPOTrainer, GRPOConfig), (LabRLOOTrainer, RLOOConfig)], ids=["grpo", "rloo"]
)
def test_a_completion_ends_in_training_where_it_ends_when_it_is_examined(
    trainer: type, arguments: type, small_model: Path, tmp_path: Path
) -> None:
    tokenizer = load_tokenizer(str(small_model))
    tokenizer.eos_token = "<|endoftext|>"  # as a base model has it whose chat template writes <|im_end|>
    batch = {"per_device_train_batch_size": 2, "num_generations": 2, "max_completion_length": 4}
    built = trainer(
        model=str(small_model),
        reward_funcs=lambda completions, **_: [0.0 for _ in completions],
        args=arguments(str(tmp_path), use_cpu=True, bf16=False, report_to="none", **batch),
        train_dataset=Dataset.from_list([{"prompt": "a"}, {"prompt": "b"}]),
        processing_class=tokenizer,
    )
    written, prompt = tokenizer.convert_tokens_to_ids("<|im_end|>"), torch.tensor([[5, 6]])
    built.generation_config.suppress_tokens = [token for token in range(len(tokenizer)) if token != written]
    lengths = [built.model.generate(prompt, generation_config=built.generation_config).shape[1] - 2]
    stop_as_examined(built)
    lengths += [built.model.generate(prompt, generation_config=built.generation_config).shape[1] - 2]
    assert lengths == [4, 1] and written in built.eos_token_ids, "TRL's own goes on to the longest completion"
