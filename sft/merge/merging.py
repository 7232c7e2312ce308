"""An adapter merged into its full-precision base, in float32, and checked: the logits must be those of before."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from peft import PeftModel, get_peft_model_state_dict
from peft.tuners.lora import LoraLayer
from safetensors import SafetensorError, safe_open
from torch import nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from policy.availability import folder_of
from policy.config_error import ConfigError
from policy.load import load_policy
from policy.model_fields import ModelFields
from sft.merge.obstacles import readable
from sft.merge.probe import LogitGap, Sequences, gap, logits, sequences
from sft.merge.trained_policy import TrainedPolicy

THRESHOLD = 1e-3
"""Largest difference of a float32 logit that a merge may make. Rounding makes about 1e-5 at logits of 30; a merge in
bfloat16 or into tied embeddings makes 1e-1 and more."""


@dataclass(frozen=True)
class Merged:
    """The merged model in float32, and the gaps: made by merging, by the adapter itself, and, for an adapter that was
    trained on a quantised base, between answering on that base and on the one it is merged into."""

    model: PreTrainedModel
    asked: Sequences
    merge: LogitGap
    effect: LogitGap
    other_base: LogitGap | None


def to_device(model: nn.Module) -> None:
    """Onto the GPU where there is one."""
    if torch.cuda.is_available():
        model.to("cuda")


def quantisation(policy: TrainedPolicy) -> Any:
    """transformers' quantisation config of the base as the run loaded it, by TRL's own rule."""
    from trl.trainer.model_config import ModelConfig
    from trl.trainer.utils import get_quantization_config

    known = {name: policy.config[name] for name in ModelFields.__dataclass_fields__ if name in policy.config}
    return get_quantization_config(ModelConfig(**known))


def merge(policy: TrainedPolicy, tokenizer: PreTrainedTokenizerBase, prompts: Sequence[str]) -> Merged:
    """Raises ConfigError when the adapter does not fit its base, sits on tied embeddings, or moves more than it may."""
    adapted = on_base(policy, "float32")
    to_device(adapted)
    _no_tied_targets(policy, adapted)
    asked = sequences(adapted, tokenizer, prompts)
    before = logits(adapted, asked)
    with adapted.disable_adapter():
        effect = gap(before, logits(adapted, asked))
    other_base = gap(before, _on_quantised_base(policy, asked)) if policy.quantised else None
    try:
        model = adapted.merge_and_unload(safe_merge=True)
    except ValueError as error:
        raise ConfigError(f"{policy.folder} cannot be merged: {error}") from error
    moved = gap(before, logits(model, asked))
    if not moved.largest <= THRESHOLD or moved.same < moved.tokens:
        raise ConfigError(
            f"merging {policy.folder} changed what it says ({moved.says}), where rounding changes a float32 logit by "
            f"less than {THRESHOLD:g}. Nothing was written; --variants adapter exports it unmerged."
        )
    return Merged(model, asked, moved, effect, other_base)


def base_model(policy: TrainedPolicy, dtype: str, **options: Any) -> PreTrainedModel:
    """The model that the adapter stands on; of one on the hub, the revision that the run was trained on."""
    assert policy.base is not None
    if not folder_of(policy.base).is_dir():
        options["revision"] = policy.config.get("model_revision") or "main"
    with readable(f"{policy.base}, which the adapter in {policy.folder} stands on,"):
        base = load_policy(policy.base, dtype, **options)
    assert isinstance(base, PreTrainedModel)
    return base


def on_base(policy: TrainedPolicy, dtype: str, **options: Any) -> PeftModel:
    """The adapter on its base. Raises ConfigError when its weights have other shapes than the base's."""
    base = base_model(policy, dtype, **options)
    try:
        return _put(policy, base)
    except SafetensorError as error:
        raise ConfigError(f"the weights of the adapter in {policy.folder} are damaged: {error}") from error
    except (RuntimeError, ValueError) as error:
        first = next((line.strip() for line in str(error).splitlines() if "size mismatch" in line), str(error))
        raise ConfigError(f"the adapter in {policy.folder} does not fit {policy.base}: {first}") from error


def _put(policy: TrainedPolicy, base: PreTrainedModel) -> PeftModel:
    """The adapter on this base. Raises ValueError where its file holds weights that its config has no place for: peft
    (0.21) passes over them without a word."""
    adapted = PeftModel.from_pretrained(base, str(policy.folder))  # pyright: ignore[reportUnknownMemberType]
    file = policy.folder / "adapter_model.safetensors"
    if file.is_file():
        with safe_open(file, "pt") as held:
            homeless = sorted(set(held.keys()) - set(get_peft_model_state_dict(adapted)))
        if homeless:
            raise ValueError(f"its config has no place for {len(homeless)} of its weights, such as {homeless[0]}")
    return adapted


def _on_quantised_base(policy: TrainedPolicy, asked: Sequences) -> torch.Tensor:
    """Logits on the base as training saw it: quantised, then computed in float32.

    Dequantised weights give to the bit what bitsandbytes computes in training on a CPU (0.50); its faster kernel for
    inference there rounds to bfloat16, which is not the adapter's doing.
    """
    base = base_model(policy, "float32", quantization_config=quantisation(policy))
    plain: PreTrainedModel = base.dequantize(dtype=torch.float32)  # pyright: ignore[reportUnknownMemberType]
    to_device(plain)
    return logits(_put(policy, plain), asked)


def _no_tied_targets(policy: TrainedPolicy, adapted: PeftModel) -> None:
    """LoRA on a matrix that is both input and output embedding changes one of the two; merged, it would change both."""
    whole: Any = adapted
    model = whole.get_base_model()
    if not model.config.get_text_config().tie_word_embeddings:
        return
    shared = model.get_input_embeddings().weight.data_ptr()
    for name, module in whole.named_modules():
        if LoraLayer in type(module).__mro__ and module.get_base_layer().weight.data_ptr() == shared:
            where = name.rpartition(".")[2]
            raise ConfigError(
                f"the adapter in {policy.folder} has LoRA on {where}, and {policy.base} uses one matrix for input "
                "and output embeddings: merged, it would change both. --variants adapter exports it unmerged; training "
                "with lora_modules_to_save instead gives an adapter that can be merged."
            )
