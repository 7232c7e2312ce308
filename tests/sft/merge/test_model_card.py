"""A model card says what is known, where it is from, and that the rest is not known."""

from dataclasses import asdict
from pathlib import Path

import pytest
from huggingface_hub import ModelCard

from rewards.paired import Interval, accuracy
from sft.merge import licences
from sft.merge.model_card import Facts, write
from sft.merge.trained_policy import TrainedPolicy

BEFORE, AFTER = accuracy([1.0] * 40 + [0.0] * 60), accuracy([1.0] * 55 + [0.0] * 45)
SUMMARY = {
    "before": asdict(BEFORE), "after": asdict(AFTER), "steps": 120, "method": "QLoRA NF4 r16",
    "difference": {"mean": 0.15, "low": 0.08, "high": 0.22, "gained": 18, "lost": 3, "p": 0.001},
}  # fmt: skip
CONFIG = {"task": "spider", "held_out_split": "test", "load_in_4bit": True, "learning_rate": 1e-4, "lora_r": 16}
ENVIRONMENT = {"python": "3.11.7", "packages": {"trl": "1.16.0"}, "commit": "0123456789abcdef"}


def trained(folder: Path, base: str, **more) -> TrainedPolicy:
    folder.mkdir(exist_ok=True)
    adapter = {"peft_type": "LORA", "base_model_name_or_path": base}
    facts = {"config": CONFIG, "summary": SUMMARY, "environment": ENVIRONMENT} | more
    return TrainedPolicy(folder, folder.parent / "sft_qlora", adapter, **facts)


def written(policy: TrainedPolicy, variant: str = "int8", **facts) -> ModelCard:
    write(policy, variant, policy.folder, Facts(**{"checks": ["The merge held."], "bytes": 4_300_000} | facts))
    return ModelCard.load(policy.folder / "README.md")


@pytest.fixture
def policy(tmp_path) -> TrainedPolicy:
    return trained(tmp_path / "policy", "Qwen/Qwen3-0.6B")


def test_origin_method_licence_of_the_data_metrics_and_versions_are_told(policy):
    card = written(policy)
    assert card.data.base_model == "Qwen/Qwen3-0.6B" and card.data.library_name == "transformers"
    for told in (
        "**Base model**: `Qwen/Qwen3-0.6B`", "base in nf4", "QLoRA NF4 r16", "learning_rate: 0.0001", "CC BY-SA 4.0",
        "40.0 [30.9, 49.8] before training, 55.0 [45.2, 64.4] after; paired change +15.0 [+8.0, +22.0]",
        "The merge held.", "trl 1.16.0", "commit 0123456789ab:", "4.3 MB",
    ):  # fmt: skip
        assert told in card.text, told
    assert "STAND-IN" not in card.text and "stand-in" not in card.data.tags


def test_the_model_index_holds_the_run_until_this_artefact_was_measured(policy):
    (run,) = written(policy).data.eval_results
    assert (run.metric_value, run.dataset_name, run.dataset_split) == (55.0, "spider", "test")
    assert "before it was exported" in run.metric_name and "[45.2, 64.4] of 100 questions" in run.metric_name
    (own,) = written(policy, measured=Interval(0.5, 0.4, 0.6, 90, 2), on=("worlds", "test")).data.eval_results
    assert (own.metric_value, own.dataset_name) == (50.0, "worlds")
    assert "before it was exported" not in own.metric_name


def test_a_stand_in_run_is_marked(policy, tmp_path):
    card = written(trained(tmp_path / "other", "Qwen/Qwen3-0.6B", summary=SUMMARY | {"stand_in": True}))
    assert "**STAND-IN RUN**" in card.text and "stand-in" in card.data.tags


def test_the_licence_is_the_base_models_where_its_card_says_one(tmp_path):
    seedling = written(trained(tmp_path / "policy", "policy/seedling"))
    assert seedling.data.license == "cc-by-sa-4.0"
    unsaid = written(trained(tmp_path / "unsaid", str(tmp_path)))
    assert unsaid.data.license is None
    assert "not stated in a card at hand: check it before publishing" in unsaid.text


def test_no_folder_of_this_machine_is_told_as_a_model_of_the_hub(tmp_path):
    card = written(trained(tmp_path / "policy", str(tmp_path / "secret/base_model")), "adapter")
    assert card.data.base_model is None and card.data.library_name == "peft"
    assert str(tmp_path) not in str(card) and "`base_model`" in card.text


def test_a_policy_without_a_run_says_that_nothing_is_known(tmp_path):
    card = written(trained(tmp_path / "policy", "Qwen/Qwen3-0.6B", config={}, summary={}, environment={}))
    for told in ("Not measured.", "no config.yaml lay beside", "no environment.json lay beside", "| unknown;"):
        assert told in card.text, told
    assert card.data.eval_results is None


def test_data_of_ones_own_has_no_known_licence_and_every_listed_licence_is_of_a_task():
    assert licences.of("jsonl").licence == "unknown" and licences.of(None).licence == "unknown"
    assert licences.of("worlds").licence == "MIT"
