"""A training that computes no numbers any more ends before anything of it is saved, whoever trains."""

from pathlib import Path

import pytest
import torch
from torch import nn
from transformers import Trainer, TrainingArguments

from policy.config_error import ConfigError
from policy.stays_finite import StaysFinite, all_finite


class Line(nn.Module):
    """One number that is learned; at the third look its loss, or its gradient alone, is none."""

    def __init__(self, ill: str) -> None:
        super().__init__()
        self.slope, self.ill, self.looks = nn.Parameter(torch.ones(1)), ill, 0

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        self.looks += self.training
        loss = (self.slope * x).square().mean()
        if self.looks < 3 or not self.training:
            return {"loss": loss}
        if self.ill == "loss":
            return {"loss": loss * torch.nan}
        return {"loss": loss + (self.slope - self.slope.detach()).abs().sqrt().sum()}


class Watched(StaysFinite, Trainer):
    pass


@pytest.mark.parametrize(
    ("ill", "told"), [("loss", "the loss is nan at step 3"), ("gradient", "the weights are no numbers any more at st")]
)
@pytest.mark.parametrize("saves", [1, 2])
def test_a_training_that_is_lost_ends_at_once_and_leaves_its_last_checkpoint(
    ill: str, told: str, saves: int, tmp_path: Path
) -> None:
    given = {"save_steps": saves, "save_total_limit": 1, "logging_steps": 5, "max_steps": 6, "learning_rate": 0.03}
    arguments = TrainingArguments(str(tmp_path), use_cpu=True, report_to="none", disable_tqdm=True, **given)
    rows = [{"x": torch.ones(1)} for _ in range(64)]
    watched = Watched(Line(ill), arguments, train_dataset=rows)
    with pytest.raises(ConfigError) as ended:
        watched.train()
    assert str(ended.value).startswith(told) and "learning_rate 0.01 (is 0.03), max_grad_norm 0.2" in str(ended.value)
    assert f"{tmp_path}/checkpoint-2 is the last that was saved" in str(ended.value)
    assert [found.name for found in tmp_path.iterdir()] == ["checkpoint-2"]
    assert watched.state.log_history[-1]["step"] == 3, "trackers and the log see what was seen"


def test_one_number_that_is_none_is_found_in_any_precision() -> None:
    for kind in (torch.float32, torch.bfloat16, torch.float16):
        well = [torch.ones(3, 5, dtype=kind), torch.zeros(0, dtype=kind)]
        assert all_finite(well)
        for none in (torch.nan, torch.inf, -torch.inf):
            ill = torch.ones(7, dtype=kind)
            ill[3] = none
            assert not all_finite([*well, ill])


def test_every_trainer_of_the_lab_is_watched() -> None:
    from rl.dpo.trainer import LabDPOTrainer
    from rl.reward_modelling.trainer import LabRewardTrainer
    from rl.trainer import LabGRPOTrainer, LabRLOOTrainer
    from sft.trainer import AnsweringSFTTrainer

    for trainer in (AnsweringSFTTrainer, LabDPOTrainer, LabRewardTrainer, LabGRPOTrainer, LabRLOOTrainer):
        assert trainer.training_step is StaysFinite.training_step
        assert trainer._maybe_log_save_evaluate is StaysFinite._maybe_log_save_evaluate
