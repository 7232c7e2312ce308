"""TRL's GRPO trainer, with the one override this lab needs so far: every rollout is written to disk.

TRL keeps only the last generation batch before each log step (`_logs`, 1.16), and an evaluation at that step overwrites
it. `_generate_and_score_completions` is where a batch is complete, advantages included.
"""

from pathlib import Path
from typing import Any

from trl import GRPOTrainer

from policy.held_out import row
from policy.run_folder import append_json
from rl.reward_adapter import Judges


class RecordingGRPOTrainer(GRPOTrainer):
    """`judges` are those whose functions were given as `reward_funcs`; rollouts go to `rollouts/PROCESS.jsonl`."""

    judges: Judges
    rollout_folder: Path

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        output = super()._generate_and_score_completions(inputs)
        if self.model.training:
            advantages = output["advantages"].float().reshape(len(self.judges.rollouts), -1)[:, 0].tolist()
            file = self.rollout_folder / f"train-{self.accelerator.process_index}.jsonl"
            for at, rollout in enumerate(self.judges.rollouts):
                scored = {name: values[at] for name, values in self.judges.scores.items()}
                told = {"schema": 1, "step": self.state.global_step, "epoch": self.state.epoch}
                append_json(file, told | row(rollout) | {"rewards": scored, "advantage": advantages[at]})
        return output
