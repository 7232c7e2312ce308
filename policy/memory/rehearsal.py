"""One step of a training without memory: torch's fake tensors have a shape, a precision and a lifetime, and no bytes.

The very modules, adapter, autocast and loss that the training would use are called, so that what is kept for the
backward pass follows from the model's own code and not from a formula of ours, for any model and any method. TRL's
loss (1.16) reads logits in tiles (`trl/kernels/chunked_logprob.py`); where Triton reads them on a GPU, nothing but the
tile is allocated, and so the reading is left out here.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from transformers import AutoModelForCausalLM

from policy.memory.live import Live
from policy.memory.plan import Plan


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Bytes. `weights` of the model with its adapter, `trained` numbers (not bytes) of `all`; `step` is what a forward
    and backward pass takes beyond the weights at its highest, gradients included, `gradients` alone; `answering` is
    what writing answers, keys and values included, `cache` alone."""

    weights: float
    trained: int
    all: int
    gradients: float
    step: float
    answering: float
    cache: float


def rehearse(config: Any, plan: Plan, peft_config: Any = None) -> Rehearsal:
    """`config` is the model's, as transformers reads it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with torch.device("meta"):
            model: Any = AutoModelForCausalLM.from_config(config, dtype=_dtype(plan, config))
            base = model
            model = _adapted(model, plan, peft_config)
        with FakeTensorMode(allow_non_fake_inputs=True), _tiled_for(plan, base):
            _unreal(model)
            model.train()
            step = _step(model, plan)
            answering, cache = _answering(model, plan)
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    quantised = _quantised(model, base) if plan.quantised else []
    dequantised = float(max((weight.numel() * weight.element_size() for weight in quantised), default=0))
    less = 0.55 if plan.values["load_in_4bit"] else 1.0  # bytes a number; a block of 64 has a scale of its own
    return Rehearsal(
        weights=float(
            sum(weight.numel() * weight.element_size() for weight in model.parameters())
            - sum(weight.numel() * (weight.element_size() - less) for weight in quantised)
        ),
        trained=sum(weight.numel() for weight in trained),
        all=sum(weight.numel() for weight in model.parameters()),
        gradients=float(sum(weight.numel() * weight.element_size() for weight in trained)),
        step=step + dequantised,
        answering=answering + dequantised,
        cache=cache,
    )


def _unreal(model: nn.Module) -> None:
    """Every weight and buffer anew, as the tensors of the mode that is on; what was shared stays shared."""
    made = {
        weight: nn.Parameter(torch.empty(weight.shape, dtype=weight.dtype), weight.requires_grad)
        for weight in model.parameters()
    }
    for module in model.modules():
        for name, weight in module._parameters.items():
            module._parameters[name] = None if weight is None else made[weight]
        for name, buffer in module._buffers.items():
            if buffer is not None:
                module._buffers[name] = torch.empty(buffer.shape, dtype=buffer.dtype)


def _dtype(plan: Plan, config: Any) -> torch.dtype:
    """Of the base's weights; TRL (1.16) loads float32 where nothing is said. Quantised ones are unpacked into what they
    are multiplied in."""
    named = plan.values["dtype"] or "float32"
    if plan.quantised and plan.half:
        named = plan.half
    if named == "auto":
        return getattr(config, "dtype", None) or torch.float32
    return getattr(torch, named)


def _adapted(model: Any, plan: Plan, peft_config: Any) -> Any:
    if plan.values["gradient_checkpointing"]:
        model.gradient_checkpointing_enable({"use_reentrant": False})
        model.enable_input_require_grads()
    if peft_config is None:
        return model
    from peft import get_peft_model

    model = get_peft_model(model, peft_config)
    for weight in model.parameters():
        if weight.requires_grad:
            weight.data = weight.data.to(torch.float32)
    return model


@contextmanager
def _tiled_for(plan: Plan, model: Any) -> Iterator[None]:
    """TRL's loss on `model`, its tiles as they are on the plan's device."""
    from trl.kernels import chunked_logprob
    from trl.trainer import utils

    held = utils._CHUNKED_LOGPROB_CHUNK_SIZE, chunked_logprob._forward_tile, chunked_logprob._backward_tile
    if plan.on == "cuda":
        chunked_logprob._forward_tile = chunked_logprob._backward_tile = lambda *_, **__: None
    else:  # a tile wider than the vocabulary is never touched, and no memory until then
        vocabulary = model.get_output_embeddings().weight.shape[0]
        utils._CHUNKED_LOGPROB_CHUNK_SIZE = min(held[0], vocabulary)
    utils.add_fused_lm_head(model, outputs=("log_probs", *(("entropy", "is_top1") if plan.entropy else ())))
    try:
        yield
    finally:
        utils._CHUNKED_LOGPROB_CHUNK_SIZE, chunked_logprob._forward_tile, chunked_logprob._backward_tile = held


def _autocast(plan: Plan) -> Any:
    return torch.autocast("cpu", getattr(torch, plan.half)) if plan.half == "bfloat16" else nullcontext()


def _step(model: Any, plan: Plan) -> float:
    ids = torch.ones(plan.rows, plan.tokens, dtype=torch.long)
    labels = torch.cat([torch.full_like(ids[:, plan.scored :], -100), ids[:, : plan.scored]], dim=1)
    live = Live()
    with live:
        for weight in model.parameters():
            if plan.keeps_gradients and weight.requires_grad:
                weight.grad = torch.zeros_like(weight)
        with _autocast(plan):
            mask = torch.ones_like(ids)
            loss = model(input_ids=ids, attention_mask=mask, labels=labels, fused_lm_head=True, use_cache=False).loss
        loss.backward()
    for weight in model.parameters():
        weight.grad = None
    return float(live.peak)


@torch.no_grad()
def _answering(model: Any, plan: Plan) -> tuple[float, float]:
    """The prompts are read at once; then keys and values grow by a token a pass, and those of one layer are there twice
    while they do."""
    if not plan.written or not plan.asked:
        return 0.0, 0.0
    prompt = max(1, plan.tokens - plan.scored)
    ids = torch.ones(plan.asked, prompt, dtype=torch.long)
    model.eval()
    live = Live()
    with live, _autocast(plan):
        out = model(input_ids=ids, attention_mask=torch.ones_like(ids), use_cache=True, logits_to_keep=1)
    layers = [layer for layer in out.past_key_values.layers if getattr(layer, "keys", None) is not None]
    read = max((layer.keys.shape[-2] for layer in layers), default=prompt)  # virtual tokens too
    held = [float(sum(x.numel() * x.element_size() for x in (layer.keys, layer.values))) for layer in layers]
    cache = sum(held) * (read + plan.written) / read
    last = cache + max(held, default=0.0) * 2 + 12.0 * out.logits.numel()
    return max(float(live.peak), last), cache


def _quantised(model: nn.Module, base: Any) -> list[torch.Tensor]:
    """The weights that bitsandbytes quantises, of which one at a time is unpacked while it is multiplied: those of all
    linear layers but the output head, which transformers (5.17) leaves as it is."""
    head = base.get_output_embeddings()
    linear = (module.weight for module in model.modules() if isinstance(module, nn.Linear) and module is not head)
    return [weight for weight in linear if not weight.requires_grad]
