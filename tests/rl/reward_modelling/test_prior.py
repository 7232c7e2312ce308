"""What a reward model begins from is the same in training, in its folder, and where it is asked."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from datasets import Dataset
from transformers import AutoModelForSequenceClassification
from trl import RewardConfig

from policy.learned_reward import PRIOR, Asking, LearnedReward
from policy.load import load_tokenizer
from policy.log_prob import LogProb
from rl.pairs.pair import Pair
from rl.reward_modelling.data import ids_of
from rl.reward_modelling.prior import MOST, Prior, fitted
from rl.reward_modelling.together import Together, rows
from rl.reward_modelling.trainer import LabRewardTrainer
from rl.reward_modelling.whole_model import keep_beside


def test_the_weight_is_where_the_likelihood_of_the_training_pairs_is_largest() -> None:
    differences = np.random.default_rng(1).normal(1.0, 3.0, 500)

    def loss(weight: float) -> float:
        return float(np.logaddexp(0, -weight * differences).sum())

    weight = fitted(differences)
    assert 0.05 < weight < 1
    assert loss(weight) < min(loss(weight + 0.01), loss(weight - 0.01))
    assert fitted(-differences) == 0, "what speaks for wrong queries is no prior"
    assert fitted(np.ones(9)) == MOST, "all told apart: any weight is better than one below it"
    assert fitted(np.array([4000.0, -9000.0])) == 0, "and no overflow"


def test_training_and_asking_add_the_same(pair: Callable[..., Pair], small_model: Path, tmp_path: Path) -> None:
    pairs = [pair(f"{n}", f"museum{n % 2}", f"column{n}") for n in range(5)]
    pairs.append(replace(pairs[0], rejected="SELECT 1", rejected_sql="SELECT 1"))
    tokenizer = load_tokenizer(str(small_model))
    policy = LogProb(str(small_model), "strict", None)
    asked = [(one.asked(), sql) for one in pairs for sql in (one.chosen_sql, one.rejected_sql)]
    likely = {(one.id, sql): value for (one, sql), value in zip(asked, policy.logits(asked), strict=True)}
    prior = Prior(0.3, -40.0, {key: value for key, value in likely.items() if value is not None})
    table = [{**ids_of(tokenizer, one, None), **more} for one, more in zip(pairs, prior.of(pairs), strict=True)]
    told = {"use_cpu": True, "bf16": False, "report_to": "none", "max_length": None, "gradient_checkpointing": False}
    trainer = LabRewardTrainer(
        model=str(small_model),
        args=RewardConfig(str(tmp_path / "checkpoints"), per_device_train_batch_size=8, max_steps=1, **told),
        train_dataset=Dataset.from_list(rows(table, [one.example for one in pairs], 8)),
        processing_class=tokenizer,
        data_collator=Together(tokenizer.pad_token_id),
    )
    with torch.no_grad():
        trainer.model.score.weight.normal_(std=0.3)
    (batch,) = trainer.get_train_dataloader()
    trainer.model.eval()
    _, output = trainer.compute_loss(trainer.model, batch, return_outputs=True)

    trainer.model.save_pretrained(tmp_path / "model")
    tokenizer.save_pretrained(tmp_path / "model")
    keep_beside(str(small_model), tmp_path / "model" / PRIOR)
    Asking("strict", None, None, prior.weight, prior.mean).save(tmp_path / "model")
    said = LearnedReward(str(tmp_path / "model")).logits(asked)
    assert sorted(output.logits.reshape(-1).tolist()) == pytest.approx(sorted(float(z or 0) for z in said), abs=1e-3)

    Asking("strict", None, None).save(tmp_path / "model")
    heads = LearnedReward(str(tmp_path / "model")).logits(asked)
    added = [0.3 * (likely[one.id, sql] + 40) for one, sql in asked]
    assert said == pytest.approx([(head or 0) + more for head, more in zip(heads, added, strict=True)], abs=1e-3)
    assert np.std(added) > 0.1 and np.std([float(head or 0) for head in heads]) > 0.1, "both say something"
    theirs = AutoModelForSequenceClassification.from_pretrained(tmp_path / "model")
    assert theirs.config.num_labels == 1, "the head alone opens without this lab"
