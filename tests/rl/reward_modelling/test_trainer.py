"""The few places where TRL's reward trainer is overridden still do what they are overridden for."""

import inspect
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from datasets import Dataset
from trl import RewardConfig, RewardTrainer

from policy.load import load_tokenizer
from rl.health.physician import Physician
from rl.pairs.pair import Pair
from rl.reward_modelling.data import ids_of
from rl.reward_modelling.trainer import LabRewardTrainer


@pytest.fixture
def built(pair: Callable[..., Pair], small_model: Path, tmp_path: Path) -> LabRewardTrainer:
    tokenizer = load_tokenizer(str(small_model))
    rows = [ids_of(tokenizer, pair(f"{n}", f"museum{n}", "name" * n), None) for n in range(1, 8)]
    told = {"use_cpu": True, "bf16": False, "report_to": "none", "max_length": None, "gradient_checkpointing": False}
    return LabRewardTrainer(
        model=str(small_model),
        args=RewardConfig(str(tmp_path), per_device_train_batch_size=4, per_device_eval_batch_size=4, **told),
        train_dataset=Dataset.from_list([dict(row) for row in rows]),
        eval_dataset=Dataset.from_list([dict(row) for row in rows]),
        processing_class=tokenizer,
    )


def test_it_has_one_scalar_head_and_takes_the_ids_untouched(built: LabRewardTrainer) -> None:
    assert built.model.config.num_labels == 1 and built.model.score.out_features == 1
    row, batch = built.train_dataset[0], built.data_collator([built.train_dataset[0]])
    for ids, seen, name in zip(
        batch["input_ids"], batch["attention_mask"], ("chosen_ids", "rejected_ids"), strict=True
    ):
        assert ids[seen.bool()].tolist() == row[name]


def test_an_evaluation_counts_pairs_one_by_one_and_not_by_batches(built: LabRewardTrainer) -> None:
    with torch.no_grad():
        built.model.score.weight.mul_(50)
        built.model.eval()
        margins = []
        for row in built.eval_dataset:
            said = built.model(**built.data_collator([row])).logits[:, 0]
            margins.append(float(said[0] - said[1]))
    logged = built.evaluate()
    assert len(margins) == 7, "a batch of four and one of three"
    assert logged["eval_margin"] == pytest.approx(sum(margins) / 7, rel=1e-3)
    losses = [float(torch.nn.functional.softplus(torch.tensor(-margin))) for margin in margins]
    assert logged["eval_loss"] == pytest.approx(sum(losses) / 7, rel=1e-3)
    assert logged["eval_accuracy"] == pytest.approx(sum(margin > 0 for margin in margins) / 7)
    assert built.state.log_history[-1]["eval_margin"] == pytest.approx(logged["eval_margin"])


def test_what_a_healthy_run_logs_is_no_illness_and_a_loss_that_is_none_is(built: LabRewardTrainer) -> None:
    dice = torch.Generator().manual_seed(1)
    for weight in built.model.parameters():
        if weight.dim() > 1:
            torch.nn.init.normal_(weight, std=0.02, generator=dice)
    built.args.max_steps, built.args.logging_steps, built.args.save_strategy = 24, 1, "no"
    built.train()
    physician = Physician(1.0)
    found = [one.name for line in built.state.log_history for one in physician.look(line)]
    assert found == [] and len([line for line in built.state.log_history if "loss" in line]) == 24
    assert [one.name for one in physician.look({"step": 25, "loss": float("nan"), "grad_norm": 1.0})] == [
        "not_a_number"
    ]


def test_trl_still_has_what_is_overridden() -> None:
    for name in ("evaluation_loop", "prediction_step", "_load_from_checkpoint", "_set_signature_columns_if_needed"):
        assert callable(getattr(RewardTrainer, name)), name
        assert name in vars(LabRewardTrainer), f"{name} is no override any more: this test is to follow"
    source = inspect.getsource(RewardTrainer)
    for part in ("self._metrics[mode]", "self._total_train_tokens", '"accuracy"', '"margin"', '"mean_reward"'):
        assert part in source, part
    assert '"num_labels"] = 1' in source, "one scalar head, whatever a checkpoint says"
