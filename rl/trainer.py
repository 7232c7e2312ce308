"""TRL's trainers of sampled completions, with the few overrides this lab needs (TRL 1.16, transformers 5.17).

- `_get_train_sampler`: an order of prompts that a resumed run finds again in every epoch (`rl/sampler.py`).
- `_generate_and_score_completions`: where a batch is complete, advantages included. TRL keeps only the last batch
  before each log step, and an evaluation overwrites it; here every rollout goes to disk.
- `evaluate`: greedy execution accuracy on validation questions, which is not the reward. TRL samples, and scores by
  the reward.
- `_load_from_checkpoint`: trained numbers come back in the precision they had.

`tests/rl/test_trainer.py` fails loudly when TRL moves one of them.
"""

import time
from collections.abc import Callable
from math import nan
from pathlib import Path
from typing import Any

from datasets import Dataset
from torch import nn
from torch.utils.data import Sampler
from trl import GRPOTrainer, RLOOTrainer

from policy.ended_training import StaysEnded
from policy.held_out import Examination
from policy.load import same_precision
from policy.rollouts import SCHEMA, Rollouts, row
from policy.stays_finite import StaysFinite
from rewards.paired import Interval
from rl.reward_adapter import Judges
from rl.sampler import Choice, EpochRepeatSampler


class LabOverrides(StaysFinite, StaysEnded):
    """Beside a trainer of TRL's. `judges` are those whose functions were given as `reward_funcs`; `answer` answers the
    validation questions with the policy as it is, None where there are none; `choice` says which questions an epoch
    asks."""

    judges: Judges
    rollouts: Rollouts
    answer: Callable[[], Examination] | None = None
    asked: list[str]
    answers_folder: Path
    choice: Choice | None = None

    def _get_train_sampler(self, dataset: Dataset | None = None) -> Sampler:
        sampler = EpochRepeatSampler(
            data_source=self.train_dataset if dataset is None else dataset,
            mini_repeat_count=self.num_generations,
            batch_size=self.args.generation_batch_size // self.num_generations,
            repeat_count=self.num_iterations * self.args.steps_per_generation,
            shuffle=getattr(self, "shuffle_dataset", True),
            seed=self.args.seed,
        )
        sampler.choice = self.choice
        return sampler

    def _generate(self, *args: Any, **kwargs: Any) -> Any:
        started = time.perf_counter()
        output = super()._generate(*args, **kwargs)
        self._spent("generation", started)
        return output

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        self.asked = [one["example_id"] for one in inputs]
        self.judges.begin()
        output = super()._generate_and_score_completions(inputs)
        started = time.perf_counter()
        judged = self.judges
        advantages = output["advantages"].float().reshape(len(judged.rollouts), -1)[:, 0].tolist()
        whole = {*self.eos_token_ids, self.processing_class.pad_token_id}
        told = {
            "schema": SCHEMA,
            "step": self.state.global_step,
            "epoch": self.state.epoch,
            "process": self.accelerator.process_index,
        }
        rows = [
            told
            | row(rollout, {name: values[at] for name, values in judged.scores.items()})
            | {"advantage": advantages[at], "tokens": len(ids), "truncated": not ids or ids[-1] not in whole}
            | (judged.exchanges[at].row() if judged.exchanges else {})
            for at, (rollout, ids) in enumerate(zip(judged.rollouts, judged.completion_ids, strict=True))
        ]
        new = self.rollouts.unasked([rollout.example.id for rollout in judged.rollouts])
        self.rollouts.append_questions(self.state.global_step, judged.golds(new))
        self.rollouts.append(rows)
        self._spent("recording", started)
        return output

    def _spent(self, what: str, started: float) -> None:
        self._metrics["train"][f"time/{what}"].append(time.perf_counter() - started)

    def evaluate(self, *_: Any, metric_key_prefix: str = "eval", **__: Any) -> dict[str, float]:
        """Shares in [0, 1] with a 95% interval, by which transformers chooses the best checkpoint and stops early; no
        number where no answer could be scored. The answers are kept in `eval/step-N.jsonl`."""
        if self.answer is None:
            return {}
        found = self.answer()
        if self.accelerator.is_main_process:
            found.save(self.answers_folder / f"step-{self.state.global_step:06d}.jsonl", {"decoding": "greedy"})
        scored = any(score is not None for score in found.scores)
        accuracy = found.accuracy() if scored else Interval(nan, nan, nan, 0, len(found.scores))
        metrics = {
            f"{metric_key_prefix}_execution_accuracy{part}": value
            for part, value in (("", accuracy.mean), ("_low", accuracy.low), ("_high", accuracy.high))
        }
        self.model.eval()  # in training mode TRL would hand out, and forget, what the next log of a step is to say
        self.log(metrics)
        self.model.train()
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: nn.Module | None = None) -> None:
        with same_precision(self.model):
            super()._load_from_checkpoint(resume_from_checkpoint, model)


class LabGRPOTrainer(LabOverrides, GRPOTrainer):
    """Group relative policy optimisation, and the family of losses that TRL's `loss_type` names."""


class LabRLOOTrainer(LabOverrides, RLOOTrainer):
    """REINFORCE with the mean of a group's other rewards as the baseline (Ahmadian et al., 2024, arXiv:2402.14740)."""
