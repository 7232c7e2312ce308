"""A sampler of a policy that does not change, on the backend that was asked for."""

from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import torch
from transformers import AutoConfig, GenerationConfig, PreTrainedTokenizerBase

from policy.chat import stop_tokens
from policy.config_error import ConfigError
from policy.load import hold_still, load_policy, load_tokenizer
from policy.named_policy import Named
from policy.quantised import Quantised
from policy.samplers import Backend, Sampler
from policy.samplers.server_sampler import ServerSampler, same_place
from policy.samplers.transformers_sampler import TransformersSampler
from policy.samplers.vllm_engine import Engine
from policy.samplers.vllm_package import RANKS, installed, server_command, why_not
from policy.samplers.vllm_sampler import VllmSampler

PLAIN = "LORA"
"""peft's name of the one kind of adapter that vLLM serves."""


def refuse(backend: Backend, policy: Named) -> None:
    """Raises ConfigError on what a backend cannot do, before anything is loaded."""
    if backend == "transformers":
        return
    told = why_not(not torch.cuda.is_available(), installed()) if backend == "vllm" else None
    if told:
        raise ConfigError(f"--backend vllm: {told.replace('use_vllm: false', '--backend transformers')}")
    if policy.adapter is None:
        return
    kind = str(policy.adapter.get("peft_type"))
    odd = [key for key in ("use_dora", "modules_to_save") if policy.adapter.get(key)]
    if kind != PLAIN or odd or (policy.rank or 0) > RANKS[-1]:
        what = f"a {kind} adapter" + (f" with {', '.join(odd)}" if odd else "") + f" of rank {policy.rank}"
        raise ConfigError(
            f"--policy {policy.model} is {what}, and vLLM serves plain LoRA up to rank {RANKS[-1]}: use --backend "
            "transformers"
        )


def tokenizer_of(policy: Named) -> PreTrainedTokenizerBase:
    own = (Path(policy.model) / "tokenizer_config.json").is_file() or policy.adapter is None
    return load_tokenizer(policy.model if own else policy.base)


def context_of(policy: Named) -> int:
    """Tokens of prompt and completion that the model was made for."""
    return int(AutoConfig.from_pretrained(policy.base).get_text_config().max_position_embeddings)


def stops_of(policy: Named, tokenizer: PreTrainedTokenizerBase) -> tuple[int, ...]:
    """What ends an answer, the model's own generation config counted in."""
    try:
        ends = GenerationConfig.from_pretrained(policy.base).eos_token_id
    except OSError:  # a model need not have one
        ends = None
    own = [] if ends is None else [ends] if isinstance(ends, int) else ends
    return tuple(sorted({*stop_tokens(tokenizer), *own}))


def dtype_of(dtype: str) -> str:
    """`auto`: float32 on a CPU, bfloat16 on a GPU."""
    return dtype if dtype != "auto" else "bfloat16" if torch.cuda.is_available() else "float32"


def open_sampler(
    backend: Backend,
    policy: Named,
    tokenizer: PreTrainedTokenizerBase,
    dtype: str,
    longest: int,
    batch: int,
    url: str,
    quantised: Quantised | None = None,
) -> Sampler:
    """`longest` counts prompt and completion; `batch` is prompts at a time; `quantised` is for transformers alone."""
    if backend == "transformers":
        more = quantised.loading(dtype) if quantised else {}
        model = load_policy(policy.model, dtype, **more)
        if more:  # bitsandbytes has put it where it belongs
            hold_still(model)
        else:
            model = model.to("cuda" if torch.cuda.is_available() else "cpu")
        return TransformersSampler(model, tokenizer.pad_token_id, batch)
    if backend == "vllm":
        sampler = VllmSampler(Engine(policy.base, dtype, longest, sequences=max(batch, 64), lora_rank=policy.rank))
        if policy.adapter is not None:
            sampler.load_adapter(policy.model)
        return sampler
    port = int(url.rpartition(":")[2].strip("/")) if url.rpartition(":")[2].strip("/").isdigit() else 8000
    command = server_command(
        policy.base, dtype, policy.rank, longest, port, not torch.cuda.is_available(), trained=False
    )
    server = ServerSampler(url, command)
    _same_model(server, policy, longest, command)
    if policy.adapter is not None:
        server.load_adapter(f"asked-{uuid4().hex[:8]}", str(Path(policy.model).resolve()))
    return server


def _same_model(server: ServerSampler, policy: Named, longest: int, command: str) -> None:
    if not same_place(server.root, policy.base):
        raise ConfigError(
            f"the server at {server.url} serves {server.root}, not {policy.base}. Start another: {command}"
        )
    if server.takes_weights():
        raise ConfigError(
            f"the server at {server.url} takes weights from trainers (VLLM_SERVER_DEV_MODE=1), so nobody knows "
            f"whose it has. Start another: {command}"
        )
    if server.longest is not None and server.longest < longest:
        raise ConfigError(
            f"the server at {server.url} takes {server.longest} tokens, and the longest prompt with its completion has "
            f"{longest}. Start another: {command}"
        )


def versions(names: Sequence[str] = ("torch", "transformers", "peft")) -> dict[str, str]:
    from importlib.metadata import version

    return {name: version(name) for name in names} | ({"vllm": found} if (found := installed()) else {})
