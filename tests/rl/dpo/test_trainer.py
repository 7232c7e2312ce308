"""The few places where TRL's DPO trainer is overridden still do what they are overridden for."""

import inspect
from pathlib import Path
from typing import Any

import pytest
import torch
from datasets import Dataset
from trl import DPOConfig, DPOTrainer

from policy.load import load_tokenizer
from rl.dpo.config import read
from rl.dpo.data import prepare
from rl.dpo.trainer import LabDPOTrainer
from rl.pairs.pair import Pair


@pytest.fixture(scope="module")
def rows(pairs: list[Pair], pair_file: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    config = tmp_path_factory.mktemp("config") / "dpo_small.yaml"
    config.write_text(f"task: worlds\nmodel_name_or_path: policy/seedling\npairs: ['{pair_file}']\n")
    found = prepare(read(["--config", str(config)]), pairs, load_tokenizer("policy/seedling"))
    return [dict(row) for row in (*found.train, *found.validation)]


def trainer(small_model: Path, rows: list[dict[str, Any]], folder: Path, **more: Any) -> LabDPOTrainer:
    told = {"use_cpu": True, "bf16": False, "report_to": "none", "max_length": None, "gradient_checkpointing": False}
    return LabDPOTrainer(
        model=str(small_model),
        args=DPOConfig(str(folder), per_device_train_batch_size=4, per_device_eval_batch_size=4, **told, **more),
        train_dataset=Dataset.from_list(rows[:-7]),
        eval_dataset=Dataset.from_list(rows[-7:]),
        processing_class=load_tokenizer(str(small_model)),
    )


def test_trl_takes_the_ids_untouched_and_grades_each_answer_with_its_stop_token_and_nothing_else(
    small_model: Path, rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    built = trainer(small_model, rows, tmp_path)
    assert built.train_dataset[0] == rows[0], "TRL would look for texts in it"
    batch = next(iter(built.get_train_dataloader()))
    whole = {tuple(row["prompt_ids"] + row[name]): row[name] for row in rows for name in ("chosen_ids", "rejected_ids")}
    for ids, seen, graded in zip(batch["input_ids"], batch["attention_mask"], batch["completion_mask"], strict=True):
        said = whole[tuple(ids[seen.bool()].tolist())]
        assert ids[graded.bool()].tolist() == said


def test_trl_s_own_would_still_not_take_ids(small_model: Path, rows: list[dict[str, Any]], tmp_path: Path) -> None:
    class Plain(DPOTrainer):
        pass

    with pytest.raises(KeyError):
        Plain(
            model=str(small_model),
            args=DPOConfig(str(tmp_path), use_cpu=True, bf16=False, report_to="none"),
            train_dataset=Dataset.from_list(rows),
            processing_class=load_tokenizer(str(small_model)),
        )


def test_reference_log_probabilities_are_the_same_whether_computed_before_or_beside(
    small_model: Path, rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    before, beside = (trainer(small_model, rows, tmp_path, precompute_ref_log_probs=early) for early in (True, False))
    batch = next(iter(beside.get_eval_dataloader()))
    chosen, rejected = beside.compute_ref_log_probs(beside.ref_model, batch)
    kept = before.eval_dataset[:4]
    assert torch.allclose(chosen, torch.tensor(kept["ref_chosen_logps"]), atol=1e-3)
    assert torch.allclose(rejected, torch.tensor(kept["ref_rejected_logps"]), atol=1e-3)
    assert before.ref_model is None


def test_held_out_pairs_are_counted_one_by_one_and_not_by_batches(
    small_model: Path, rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    built = trainer(small_model, rows, tmp_path, precompute_ref_log_probs=True)
    with torch.no_grad():
        for weight in built.model.parameters():
            weight.add_(torch.randn(weight.shape, generator=torch.Generator().manual_seed(1)) * 0.05)
    margins = []
    for row in Dataset.from_list([dict(one) for one in built.eval_dataset]):
        batch = built.data_collator([row])
        logps = built.compute_ref_log_probs(built.model, batch)
        margins.append(float(0.1 * (logps[0] - batch["ref_chosen_logps"] - logps[1] + batch["ref_rejected_logps"])))
    found, logged = built.ordered(), built.evaluate()
    assert len(margins) == 7, "a batch of four and one of three"
    assert found["rewards/margins"] == pytest.approx(sum(margins) / 7, rel=1e-3)
    assert found["rewards/accuracies"] == pytest.approx(sum(margin > 0 for margin in margins) / 7)
    assert logged["eval_loss"] == pytest.approx(found["loss"])
    assert built.state.log_history[-1]["eval_rewards/margins"] == pytest.approx(found["rewards/margins"])
    assert len(built.state.log_history) == 1, "`ordered` logs nothing"


def test_trl_still_has_what_is_overridden() -> None:
    for name in ("_prepare_dataset", "evaluation_loop", "prediction_step", "_load_from_checkpoint"):
        assert callable(getattr(DPOTrainer, name)), name
        assert name in vars(LabDPOTrainer), f"{name} is no override any more: this test is to follow"
    source = inspect.getsource(DPOTrainer)
    for part in (
        'self._metrics["eval"]',
        'self._metrics = {"train"',
        "self._total_train_tokens",
        "_precompute_ref_logps",
    ):
        assert part in source or part == 'self._metrics["eval"]', part
    assert "precompute_ref_logps" in inspect.getsource(DPOTrainer._compute_loss)
    assert "sigmoid(self.beta * delta_score)" in inspect.getsource(DPOTrainer._compute_loss)
    sigmoid = inspect.getsource(DPOTrainer._compute_loss).partition('loss_type == "sigmoid":')[2].partition("elif")[0]
    assert "label_smoothing" not in sigmoid, "rl/dpo/checks.py says that sigmoid does not read it"
