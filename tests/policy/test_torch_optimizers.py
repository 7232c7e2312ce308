"""`optim` names an optimizer of torch's own, and that is what trains, with the config's numbers."""

from pathlib import Path

import pytest
import torch
from transformers import Trainer

from policy import torch_optimizers
from sft.build import arguments
from sft.config import read

CONFIG = "configs/sft_seedling_full.yaml"
PLAIN = ["--config", CONFIG, "--eval_strategy", "no", "--use_cpu", "true"]


@pytest.mark.parametrize(
    ("optim", "kind"), [("adam", torch.optim.Adam), ("adamax", torch.optim.Adamax), ("nadam", torch.optim.NAdam)]
)
def test_the_optimizer_is_of_the_class_that_was_asked_for(tmp_path: Path, optim: str, kind: type) -> None:
    more = ["--adam_beta2", "0.95", "--weight_decay", "0.1", "--adam_epsilon", "1e-6"]
    resolved = read([*PLAIN, "--optim", optim, *more])
    trainer = Trainer(torch.nn.Linear(3, 3), arguments(resolved, tmp_path))
    torch_optimizers.use(trainer, resolved)
    made = trainer.create_optimizer()
    assert type(made) is kind
    assert {(group["lr"], group["betas"], group["eps"]) for group in made.param_groups} == {(1e-3, (0.9, 0.95), 1e-6)}
    assert [group["weight_decay"] for group in made.param_groups] == [0.1, 0.0], "none on biases"


def test_its_other_options_are_those_of_optim_args_and_other_names_stay_transformers_own(tmp_path: Path) -> None:
    resolved = read([*PLAIN, "--optim", "nadam", "--optim_args", "decoupled_weight_decay=true"])
    trainer = Trainer(torch.nn.Linear(3, 3), arguments(resolved, tmp_path))
    torch_optimizers.use(trainer, resolved)
    assert trainer.create_optimizer().defaults["decoupled_weight_decay"] is True
    plain = read([*PLAIN, "--optim", "adamw_torch"])
    other = Trainer(torch.nn.Linear(3, 3), arguments(plain, tmp_path))
    torch_optimizers.use(other, plain)
    assert type(other.create_optimizer()) is torch.optim.AdamW
