"""What a DPO config must satisfy beyond types: each check reads every key's value and says what is wrong, or None.

What TRL (1.16) refuses only with a model loaded, does not read, or does otherwise than it says, is told here.
"""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from policy.availability import adapter_kind
from rl.pair_checks import batches_can_be_drawn, dropout_is_on, schema_is_as_pairs_hold_it, some_are_held_out
from rl.turn_checks import VIRTUAL_TOKENS

Values = Mapping[str, Any]

NOT_READ = {
    "truncation_mode": "nothing is ever cut: a pair longer than max_length is left out and counted",
    "pad_token": "it is the tokenizer's own, or its end of text",
    "dataset_num_proc": "pairs are tokenised here, token for token as they are asked in evaluation",
    "padding_free": "TRL 1.16 has switched it off",
    "label_smoothing_factor": "no loss of DPO's looks at it. For labels that may be wrong write loss_type: [robust] "
    "with label_smoothing",
    "resume_from_checkpoint": "--resume continues the run from its own folder",
}
"""Keys of TRL's that decide nothing here, each with the reason."""

DIVERGE = ("sigmoid", "sigmoid_norm", "hinge", "ipo", "exo_pair", "robust", "discopop", "sft")
"""Losses of the difference between the two rewards, in which what an f-divergence leaves over cancels (Wang et al.,
2023, arXiv:2309.16240); TRL refuses the others."""

SMOOTHED = ("exo_pair", "robust", "aot", "aot_unpaired")
"""Losses that read `label_smoothing`; `sigmoid` does not."""

SORTED = ("aot", "aot_unpaired")
"""Losses that compare the sorted log-ratios of a batch (Melnyk et al., 2024, arXiv:2406.05882)."""


def keys_are_read(values: Values, given: set[str]) -> str | None:
    for key, why in NOT_READ.items():
        if key in given and values[key]:
            return f"{key} is not read: {why}. Leave it out."
    idle = {
        "precompute_ref_batch_size": ("precompute_ref_log_probs: true", values["precompute_ref_log_probs"]),
        "f_alpha_divergence_coef": (
            "f_divergence_type: alpha_divergence",
            values["f_divergence_type"] == "alpha_divergence",
        ),
        "discopop_tau": ("loss_type: [discopop]", "discopop" in values["loss_type"]),
    }
    for key, (needs, there) in idle.items():
        if key in given and values[key] is not None and not there:
            return f"{key} would be ignored without {needs}. Write that, or leave {key} out."
    return None


def ranges(values: Values, given: set[str]) -> str | None:
    if not 0 < values["beta"] < float("inf"):
        return f"beta is {values['beta']:g}; it must be above 0; it holds the policy to its reference, 0.1 is usual."
    if values["ld_alpha"] is not None and not 0 <= values["ld_alpha"] <= 1:
        return f"ld_alpha is {values['ld_alpha']:g}; it must be from 0 to 1, where 1 is plain DPO, or null."
    for key in ("max_completion_length", "corruptions_each", "max_length", "precompute_ref_batch_size"):
        if values[key] is not None and values[key] < 1:
            return f"{key} is {values[key]}; it must be at least 1."
    if values["discopop_tau"] <= 0:
        return f"discopop_tau is {values['discopop_tau']:g}; it must be above 0."
    if values["pairs"] == []:
        return "pairs names no file. Write what python -m rl.pairs made, or null for corruptions of the task's golds."
    return None


def losses_are_mixed(values: Values, given: set[str]) -> str | None:
    losses, weights = values["loss_type"], values["loss_weights"]
    if not losses:
        return "loss_type names no loss. Write loss_type: [sigmoid]."
    if weights is None:
        return None
    if len(weights) != len(losses):
        return (
            f"loss_weights has {len(weights)} numbers and loss_type {len(losses)} losses ({', '.join(losses)}). Write "
            "one for each."
        )
    if any(not isfinite(weight) or weight < 0 for weight in weights) or not any(weights):
        return f"loss_weights is {weights}; each must be at least 0, and one above it."
    return None


def losses_can_be_computed(values: Values, given: set[str]) -> str | None:
    losses, smoothing, divergence = values["loss_type"], values["label_smoothing"], values["f_divergence_type"]
    if divergence != "reverse_kl" and (others := [loss for loss in losses if loss not in DIVERGE]):
        return (
            f"f_divergence_type {divergence} has no meaning for {', '.join(others)}: it needs a loss of the difference "
            f"of two rewards ({', '.join(DIVERGE)}). Write f_divergence_type: reverse_kl."
        )
    if not 0 <= smoothing < 0.5:
        return f"label_smoothing is {smoothing:g}, the share of pairs that may be the wrong way round; write 0 to 0.5."
    if smoothing and not any(loss in SMOOTHED for loss in losses):
        return (
            f"label_smoothing is {smoothing:g}, which {', '.join(losses)} does not read in TRL 1.16; "
            f"{', '.join(SMOOTHED)} do. Write loss_type: [robust], or label_smoothing: 0."
        )
    if "exo_pair" in losses and not smoothing:
        return "loss_type exo_pair takes the logarithm of label_smoothing, which is 0. Write label_smoothing: 0.001."
    found = [loss for loss in losses if loss in SORTED]
    if found and values["use_weighting"]:
        return f"use_weighting with {found[0]}: it sorts the batch, so a pair's weight would meet another pair."
    if found and values["per_device_train_batch_size"] < 2:
        return (
            f"loss_type {found[0]} compares a batch's sorted log-ratios, and per_device_train_batch_size is "
            f"{values['per_device_train_batch_size']}. Write at least 2; accumulation does not count."
        )
    return None


def forward_pass_is_free(values: Values, given: set[str]) -> str | None:
    config = values["liger_kernel_config"] or {}
    if values["use_liger_kernel"] and config.get("fused_linear_cross_entropy"):
        return "liger_kernel_config fused_linear_cross_entropy replaces the forward pass that TRL replaces itself."
    return None


def policy_has_weights(values: Values, given: set[str]) -> str | None:
    kind = adapter_kind(values["model_name_or_path"])
    if kind not in VIRTUAL_TOKENS:
        return None
    return (
        f"model_name_or_path {values['model_name_or_path']} is a {kind} adapter, which has no weights to merge: DPO "
        "starts from a full model or a LoRA."
    )


CHECKS = (
    keys_are_read,
    ranges,
    losses_are_mixed,
    losses_can_be_computed,
    schema_is_as_pairs_hold_it,
    dropout_is_on,
    batches_can_be_drawn,
    some_are_held_out,
    forward_pass_is_free,
    policy_has_weights,
)
"""In the order in which they are asked; the first complaint is the one that is told."""
