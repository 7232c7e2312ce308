"""Pairs of one question that are read with its prompt once get the logits, the loss and the gradient of pairs read
alone."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from datasets import Dataset
from peft import LoraConfig
from trl import RewardConfig

from policy.load import load_tokenizer
from rl.pairs.pair import Pair
from rl.reward_modelling.data import Ids, ids_of
from rl.reward_modelling.together import Together, rows
from rl.reward_modelling.trainer import LabRewardTrainer

QUESTIONS = ["one", "two", "one", "one", "three", "two", "one"]


@pytest.fixture
def pairs(pair: Callable[..., Pair], small_model: Path) -> list[Ids]:
    """Of three questions; pairs of one differ in length, and one right query stands in several."""
    tokenizer = load_tokenizer(str(small_model))
    made = []
    for at, question in enumerate(QUESTIONS):
        found = ids_of(tokenizer, pair(question, f"museum_{question}", "name"), None)
        other = ids_of(tokenizer, pair(question, f"museum_{question}", "name" * at), None)
        at = len(found["chosen_ids"]) - 8
        ours = found["chosen_ids"][:at]  # the same prompt, another answer
        made.append({"chosen_ids": found["chosen_ids"], "rejected_ids": ours + other["rejected_ids"][-9:]})
    return made


def trainer(model: Path, folder: Path, data: Dataset, pad: int | None, kind: str, lora: bool) -> LabRewardTrainer:
    told = {"use_cpu": True, "bf16": False, "report_to": "none", "max_length": None, "gradient_checkpointing": False}
    torch.manual_seed(1)
    made = LabRewardTrainer(
        model=str(model),
        args=RewardConfig(
            str(folder), center_rewards_coefficient=0.01, model_init_kwargs={"attn_implementation": kind}, **told
        ),
        train_dataset=data,
        processing_class=load_tokenizer(str(model)),
        data_collator=Together(pad) if pad is not None else None,
        peft_config=LoraConfig(r=4, task_type="SEQ_CLS", target_modules="all-linear") if lora else None,
    )
    torch.manual_seed(2)
    with torch.no_grad():
        for name, weight in made.model.named_parameters():
            if weight.requires_grad and weight.dim() > 1:
                weight.normal_(std=0.3 if "score" in name else 0.05)
    return made


@pytest.mark.parametrize(("kind", "lora"), [("sdpa", False), ("eager", False), ("sdpa", True)])
def test_a_row_of_pairs_teaches_what_its_pairs_teach_alone(
    pairs: list[Ids], small_model: Path, tmp_path: Path, kind: str, lora: bool
) -> None:
    grouped = rows(pairs, QUESTIONS, 3)
    assert [len(row["chosen_ids"]) for row in grouped] == [3, 1, 2, 1], "three at most in a row"
    order = [0, 2, 3, 6, 1, 5, 4]
    alone = trainer(small_model, tmp_path, Dataset.from_list([pairs[at] for at in order]), None, kind, lora)
    pad = load_tokenizer(str(small_model)).pad_token_id
    together = trainer(small_model, tmp_path, Dataset.from_list(grouped), pad, kind, lora)
    found = []
    for one in (alone, together):
        batch = one.data_collator([one.train_dataset[at] for at in range(len(one.train_dataset))])
        loss, output = one.compute_loss(one.model, batch, return_outputs=True)
        loss.backward()
        weights = [weight for weight in one.model.parameters() if weight.requires_grad]
        found.append((output.logits.reshape(-1), loss, [weight.grad for weight in weights]))
    assert torch.allclose(found[0][0], found[1][0], atol=1e-4) and found[0][0].std() > 0.01
    assert torch.allclose(found[0][1], found[1][1], atol=1e-5)
    for mine, other in zip(found[0][2], found[1][2], strict=True):
        assert torch.allclose(mine, other, atol=1e-4), "the gradient of one weight differs"


def test_a_prompt_is_read_once(pairs: list[Ids]) -> None:
    (row,) = rows(pairs[:1] + pairs[2:4], ["one"] * 3, 8)
    batch = Together(0)([row])
    assert batch["attention_mask"].sum() < sum(map(len, row["chosen_ids"] + row["rejected_ids"])) / 2
