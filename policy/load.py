"""A policy by path or hub name: a checkpoint, or an adapter folder on its base, and its tokenizer."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from peft import PeftModel
from peft.tuners.lora import LoraLayer
from torch import nn
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils import logging

from policy.availability import adapter_config, base_of, folder_of
from policy.chat import PLAIN_TEMPLATE, stop_tokens
from policy.config_error import ConfigError
from policy.kept_pages import keep_pages

if TYPE_CHECKING:
    from transformers import Trainer
    from trl import ModelConfig

logging.disable_progress_bar()  # bars of a model that loads in a moment hide what a run says


def locate(name: str) -> str:
    """A model name as transformers can open it: a folder that is there, or the name itself."""
    folder = folder_of(name)
    return str(folder) if folder.exists() else name


def load_tokenizer(name: str, revision: str = "main") -> PreTrainedTokenizerBase:
    """The tokenizer, padding on the left as generation needs, with a pad token and, for a base model, a plain chat
    template."""
    tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
        locate(name), padding_side="left", revision=revision
    )
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    if tokenizer.chat_template is None:
        tokenizer.chat_template = PLAIN_TEMPLATE
    return tokenizer


def policy_to_train(config: "ModelConfig", folder: Path) -> str:
    """The checkpoint that a TRL trainer starts from: the model's own, or, for an adapter's folder, the adapter merged
    into its base and written to `folder`, once.

    A trainer that is given an adapter with a reference resumes wrongly (trl 1.16), and an adapter on a base that was
    merged in memory names a base that is nowhere. Raises ConfigError on an adapter that cannot be merged.
    """
    keep_pages()
    name = locate(config.model_name_or_path or "")
    if not (Path(name) / "adapter_config.json").is_file():
        return name
    if not (folder / "config.json").is_file():
        adapted = load_policy(name, "float32")
        assert isinstance(adapted, PeftModel)
        if adapted.active_peft_config.is_prompt_learning:
            kind = adapted.active_peft_config.peft_type
            raise ConfigError(
                f"model_name_or_path {name} is a {kind} adapter, which has no weights to merge: RL and SFT "
                "start from a full model or a LoRA."
            )
        merged = adapted.merge_and_unload()
        partial = folder.with_name(f"{folder.name}.partial")
        with_tokenizer = name if (Path(name) / "tokenizer_config.json").is_file() else base_of(name)
        tokenizer = load_tokenizer(with_tokenizer)
        merged.generation_config.eos_token_id = stop_tokens(tokenizer, merged)
        merged.save_pretrained(partial)
        tokenizer.save_pretrained(partial)
        partial.rename(folder)
    return str(folder)


def loading(config: "ModelConfig", more: dict[str, Any] | str | None) -> dict[str, Any]:
    """How a TRL trainer loads the model itself, its `model_init_kwargs`, of which the config may give `more`. Left to
    itself TRL loads float32 from main, whatever dtype says."""
    wanted = {"dtype": config.dtype, "attn_implementation": config.attn_implementation}
    if not Path(config.model_name_or_path or "").exists():
        wanted["revision"] = config.model_revision
    given = json.loads(more) if isinstance(more, str) else more or {}
    return {key: value for key, value in wanted.items() if value is not None} | given


def load_policy(name: str, dtype: str | torch.dtype = "float32", **options: Any) -> PreTrainedModel | PeftModel:
    """The model, in `dtype`; a folder that holds an adapter is put on the base it names."""
    keep_pages()
    adapter = Path(locate(name)) / "adapter_config.json"
    if adapter.is_file():
        base = adapter_config(adapter)["base_model_name_or_path"]
        return PeftModel.from_pretrained(load_policy(base, dtype, **options), locate(name))
    return AutoModelForCausalLM.from_pretrained(locate(name), dtype=dtype, **options)


def hold_still(model: nn.Module) -> None:
    """Keep four-bit weights as they are while the model is evaluated between steps.

    On a CPU with AVX512-BF16 bitsandbytes (0.50) repacks them for inference and back for training, and what comes back
    is quantised anew: each evaluation would move the frozen base, and no resumed run would be the same.
    """
    for module in model.modules():
        if hasattr(module, "support_avx512bf16_for_cpu"):
            module.support_avx512bf16_for_cpu = False


def train_in_full(trainer: "Trainer") -> None:
    """Hold what is trained on quantised weights in float32. TRL (1.16) puts it in bfloat16, in which a step that is
    smaller than a 256th of a number is lost: Adam's is as large as the learning rate, whatever the gradient. Adapters
    turn what they read into their precision; a head and other modules that are trained whole do so under autocast
    alone, and FSDP wants one precision, so that these stay as they are elsewhere. Call it before the training."""
    model, autocast = trainer.model, trainer.args.bf16 or trainer.args.fp16
    quantised = getattr(model, "is_loaded_in_4bit", False) or getattr(model, "is_loaded_in_8bit", False)
    if not quantised or trainer.is_fsdp_enabled:
        return
    for name, weight in model.named_parameters():
        if weight.requires_grad and (autocast or "modules_to_save" not in name):
            weight.data = weight.data.float()
    for module in model.modules():
        if isinstance(module, LoraLayer):
            module.register_forward_pre_hook(_left_to_autocast)


def _left_to_autocast(adapter: nn.Module, _read: object) -> None:
    """peft (0.21) asks whether CUDA's autocast is on; on any other device each adapter of a quantised layer would keep
    what it reads once more, in its own precision."""
    adapter.cast_input_dtype_enabled = not torch.is_autocast_enabled(next(adapter.parameters()).device.type)


@contextmanager
def same_precision(model: nn.Module) -> Iterator[None]:
    """Around what loads trained numbers into the model: each keeps the precision it has (`train_in_full`), where peft
    (0.21) would go on in that of what it loads, or in float32."""
    held = {name: weight.dtype for name, weight in model.named_parameters() if weight.requires_grad}
    yield
    for name, weight in model.named_parameters():
        if name in held:
            weight.data = weight.data.to(held[name])
