"""The learned reward model of a run: one a machine, held by its first process, whichever of them asks."""

from collections.abc import Sequence
from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING

import torch

from envs.example import Example
from envs.rollout import Rollout
from policy import processes
from policy.config_error import ConfigError
from policy.learned_reward import LearnedReward
from rewards.parseable import parseable

if TYPE_CHECKING:
    from rl.trainer import LabOverrides


class NodeRewardModel:
    """Make it, and ask it, in every process at once. Raises ConfigError where the folder holds no reward model."""

    def __init__(self, path: str, device: str | torch.device) -> None:
        self._first, self._here = processes.node()
        self._model: LearnedReward | None = None
        if processes.index() == self._first:
            with torch.random.fork_rng():  # the run's own dice fall as they would without it
                self._model = LearnedReward(path, device)

    def rate(self, rollouts: Sequence[Rollout]) -> list[Rollout]:
        """Each with what the model thinks of its query, `learned`: a logit; minus infinity where there is none that may
        run, None where it is too long to be read. Queries that are alike are read once."""
        mine = {_key(one): one.example for one in rollouts if parseable(one)}
        asked: dict[tuple[str, str], Example] = {}
        for part in processes.gather(mine)[self._first : self._first + self._here]:
            asked |= part
        found: dict[tuple[str, str], float | None] = {}
        if self._model is not None:
            logits = self._model.logits([(example, sql) for (_, sql), example in asked.items()])
            found = dict(zip(asked, logits, strict=True))
        found = processes.gather(found)[self._first]
        return [replace(one, learned=found[_key(one)] if parseable(one) else -inf) for one in rollouts]


def reward_model_beside(trainer: "LabOverrides", path: str) -> NodeRewardModel:
    """On the trainer's device. Raises ConfigError under stage 3 of DeepSpeed's ZeRO, where transformers cuts up every
    model that it loads over all processes, and this one is whole in one process a machine."""
    plugin = getattr(trainer.accelerator.state, "deepspeed_plugin", None)
    if plugin is not None and plugin.zero_stage == 3:
        raise ConfigError(
            "a learned reward model cannot be loaded under ZeRO 3. Launch with configs/accelerate/ddp.yaml, fsdp2.yaml "
            "or zero2.yaml"
        )
    return NodeRewardModel(path, trainer.accelerator.device)


def _key(rollout: Rollout) -> tuple[str, str]:
    return rollout.example.id, rollout.sql
