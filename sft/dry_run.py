"""What a run would do, without doing it: config, arithmetic, memory, and the first examples with their loss mask."""

import os
import sys
from math import ceil
from typing import TYPE_CHECKING, Any

from policy.config import Resolved
from policy.shown_mask import bracketed, painted
from sft.config import SftRun, method
from sft.data import Lessons

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

SHOWN = 2
MIB, GIB = 1 << 20, 1 << 30


def show(resolved: Resolved[SftRun], lessons: Lessons, tokenizer: "PreTrainedTokenizerBase") -> None:
    print("\n--- config\n" + resolved.to_yaml())
    print(f"--- arithmetic\n{arithmetic(resolved, lessons)}")
    print(f"--- {method(resolved)}\n{size(resolved, tokenizer)}")
    coloured = sys.stdout.isatty() or bool(os.environ.get("FORCE_COLOR"))
    for one in lessons.train[:SHOWN]:
        count = len(one.ids) - one.answer_at
        how = "on green" if coloured else "between ⟦ ⟧"
        print(f"\n--- {len(one.ids)} tokens, the loss is on the last {count} of them, {how}")
        print(painted(one, tokenizer) if coloured else bracketed(one, tokenizer))


def arithmetic(resolved: Resolved[SftRun], lessons: Lessons) -> str:
    """Examples, tokens and steps. Packed rows are counted as if they were filled to the brim."""
    values, count = resolved.values(), len(lessons.train)
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    a_step = values["per_device_train_batch_size"] * processes * values["gradient_accumulation_steps"]
    rows = ceil(lessons.tokens / values["max_length"]) if values["packing"] else count
    per_epoch = ceil(rows / a_step)
    steps = values["max_steps"] if values["max_steps"] > 0 else ceil(per_epoch * values["num_train_epochs"])
    lengths = sorted(len(one.ids) for one in lessons.train)
    graded = sum(len(one.ids) - one.answer_at for one in lessons.train)
    return (
        f"{count:,} examples of {lengths[0]} to {lengths[-1]} tokens, {lengths[len(lengths) // 2]} in the middle; "
        f"{lessons.tokens:,} tokens an epoch, {graded:,} of them ({graded / lessons.tokens:.1%}) with a loss\n"
        f"{values['per_device_train_batch_size']} a device x {processes} process(es) x "
        f"{values['gradient_accumulation_steps']} = {a_step} {'rows' if values['packing'] else 'examples'} a step; "
        f"{per_epoch:,} steps an epoch, {steps:,} in all, which is {steps / per_epoch:.2f} epochs"
    )


def size(resolved: Resolved[SftRun], tokenizer: "PreTrainedTokenizerBase") -> str:
    """Parameters, and the memory that weights, gradients and the optimizer take before any activation, counted on a
    model without weights."""
    import torch
    from peft import get_peft_model
    from transformers import AutoConfig, AutoModelForCausalLM

    from policy.availability import base_of
    from policy.load import locate
    from policy.measures import parameters
    from sft.adapter import adapter

    name = locate(base_of(resolved["model_name_or_path"]))
    wanted = None if resolved["prompt_tuning"] else adapter(resolved, tokenizer, name)
    with torch.device("meta"):
        model: Any = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(name))
        if wanted is not None:
            model = get_peft_model(model, wanted)
    found, moments = parameters(model), 2 if "8bit" in resolved["optim"] else 8
    trained, total = found["trainable_parameters"], found["parameters"]
    weights, state = 0.0, trained * moments
    for name, weight in model.named_parameters():
        size = _bytes(resolved, model.get_submodule(name.rpartition(".")[0]), weight.requires_grad)
        weights += size * weight.numel()
        state += size * weight.numel() * weight.requires_grad
    if resolved["prompt_tuning"]:
        trained = _virtual_parameters(resolved, tokenizer, model)
        total, state = total + trained, trained * (4 + moments)
    return (
        f"{trained:,} of {total:,} parameters are trained ({trained / total:.2%}); weights {_memory(weights)}, "
        f"gradients and {resolved['optim']} {_memory(state)}, before activations"
    )


def _bytes(resolved: Resolved[SftRun], module: Any, trained: bool) -> float:
    """Of one number in memory. bitsandbytes quantises linear layers except the output head, and TRL (1.16) holds an
    adapter on quantised weights in bfloat16, any other in float32."""
    from torch import nn

    quantised = resolved["load_in_4bit"] or resolved["load_in_8bit"]
    if trained and resolved["use_peft"]:
        return 2 if quantised else 4
    if quantised and isinstance(module, nn.Linear):
        return 0.55 if resolved["load_in_4bit"] else 1
    return 4 if resolved["dtype"] in (None, "float32") else 2


def _memory(count: float) -> str:
    return f"{count / GIB:.2f} GiB" if count >= GIB / 10 else f"{count / MIB:.1f} MiB"


def _virtual_parameters(resolved: Resolved[SftRun], tokenizer: "PreTrainedTokenizerBase", model: Any) -> int:
    from sft.adapter import VIRTUAL_TOKENS

    text = resolved["prompt_tuning_text"]
    count = resolved["num_virtual_tokens"] or (len(tokenizer(text)["input_ids"]) if text else VIRTUAL_TOKENS)
    return count * model.config.get_text_config().hidden_size
