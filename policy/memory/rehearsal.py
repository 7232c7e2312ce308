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
    dequantised = _largest(model, plan) if plan.quantised else 0.0
    return Rehearsal(
        weights=sum(_bytes(module, weight, plan) for module, weight in _weights(model)),
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
    """Of the base's weights. Quantised ones are unpacked into what they are multiplied in."""
    named = plan.values["dtype"]
    if plan.quantised and plan.half:
        named = plan.half
    if named in (None, "auto"):
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
            weight.data = weight.data.to(torch.bfloat16 if plan.quantised else torch.float32)
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
    held = [float(sum(x.numel() * x.element_size() for x in (layer.keys, layer.values))) for layer in layers]
    cache = sum(held) * (prompt + plan.written) / prompt
    last = cache + max(held, default=0.0) * 2 + 12.0 * out.logits.numel()
    return max(float(live.peak), last), cache


def _weights(model: nn.Module) -> list[tuple[nn.Module, torch.Tensor]]:
    """Each weight once, with the module that it is of."""
    return [(model.get_submodule(name.rpartition(".")[0]), weight) for name, weight in model.named_parameters()]


def _bytes(module: nn.Module, weight: torch.Tensor, plan: Plan) -> float:
    """bitsandbytes quantises linear layers except the output head; a block of 64 has a scale of its own."""
    size = weight.element_size()
    if plan.quantised and isinstance(module, nn.Linear) and not weight.requires_grad and weight.dim() == 2:
        size = 0.55 if plan.values["load_in_4bit"] else 1
    return float(size * weight.numel())


def _largest(model: nn.Module, plan: Plan) -> float:
    """The largest quantised weight, which is unpacked while it is multiplied."""
    found = (w.numel() * w.element_size() for m, w in _weights(model) if isinstance(m, nn.Linear))
    return float(max(found, default=0))
