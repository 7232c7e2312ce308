"""Optimizers of torch's own that transformers (5.17) has no name for: `optim: adam`, `adamax` and `nadam`.

They take the config's learning rate, `adam_beta1`, `adam_beta2` and `adam_epsilon`; `weight_decay` is added to the
gradient, as torch does for all three (in `adamw_torch` it is not), and `optim_args` reaches their other options:
`optim_args: decoupled_weight_decay=true` makes NAdam's decay like AdamW's.
"""

from typing import TYPE_CHECKING, Any

from policy import yaml_file
from policy.config import Resolved

if TYPE_CHECKING:
    from transformers import Trainer

CLASSES = {"adam": "Adam", "adamax": "Adamax", "nadam": "NAdam"}
"""What a config says -> the class of torch.optim."""


def told_to_trl(resolved: Resolved[Any]) -> dict[str, str]:
    """The `optim` that transformers is told in place of one that it does not know; nothing where it knows it."""
    return {"optim": "adamw_torch"} if resolved["optim"] in CLASSES else {}


def use(trainer: "Trainer", resolved: Resolved[Any]) -> None:
    """Have the trainer make the optimizer that the config names. Call it before the training."""
    if name := CLASSES.get(resolved["optim"]):
        import torch

        args = trainer.args
        options = {"lr": args.learning_rate, "betas": (args.adam_beta1, args.adam_beta2), "eps": args.adam_epsilon}
        trainer.optimizer_cls_and_kwargs = getattr(torch.optim, name), options | _more(args.optim_args)


def _more(written: str | None) -> dict[str, Any]:
    """`optim_args` as transformers writes them, `key=value,key=value`."""
    pairs = (pair.partition("=") for pair in (written or "").replace(" ", "").split(",") if pair)
    return {key: yaml_file.parse(value) for key, _, value in pairs}
