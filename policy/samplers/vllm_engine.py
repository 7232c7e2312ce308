"""vLLM's engine in this process, on a CPU or a GPU, in the policy's own arithmetic."""

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from policy.samplers.vllm_package import max_lora_rank

if TYPE_CHECKING:
    from vllm import LLM

LONGEST_ON_CPU = 8192
"""Tokens of prompt and completion on a CPU where nobody says: a model's own 40,960 would need gigabytes of cache."""
CACHE_BYTES = (64 << 20, 2 << 30)
"""Least and most of the cache of keys and values on a CPU, unless one sequence alone needs more."""


@dataclass(frozen=True, slots=True)
class Engine:
    """What is to be opened. `longest` counts the tokens of prompt and completion together, None is the model's own
    length; `lora_rank` None serves no adapter; `seed` is of the engine's own stream."""

    model: str
    dtype: str
    longest: int | None = None
    sequences: int = 64
    lora_rank: int | None = None
    revision: str | None = None
    seed: int = 0
    gpu_memory: float = 0.9
    implementation: str = "auto"
    trust_remote_code: bool = False
    launched: bool = False
    """Whether torch.distributed is set up for a GPU's process already, as TRL does it."""


def open_engine(asked: Engine) -> "LLM":
    """Log-probabilities come as the distribution that was drawn from (`processed_logprobs`)."""
    quiet = {"VLLM_LOGGING_LEVEL": "ERROR", "VLLM_NO_USAGE_STATS": "1", "VLLM_ENABLE_V1_MULTIPROCESSING": "0"}
    for key, value in quiet.items():
        os.environ.setdefault(key, value)
    from vllm import LLM
    from vllm.platforms import current_platform

    options: dict[str, Any] = {
        "model": asked.model,
        "revision": asked.revision,
        "dtype": asked.dtype,  # left to itself vLLM makes bfloat16 of float32
        "max_model_len": asked.longest,
        "max_num_seqs": asked.sequences,
        "max_num_batched_tokens": max(4096, asked.longest or 0),
        "seed": asked.seed,
        "logprobs_mode": "processed_logprobs",
        "generation_config": "vllm",
        "model_impl": asked.implementation,
        "trust_remote_code": asked.trust_remote_code,
    }
    if asked.lora_rank is not None:
        options |= {"enable_lora": True, "max_loras": 1, "max_lora_rank": max_lora_rank(asked.lora_rank)}
    if not current_platform.is_cpu():
        backend = {"distributed_executor_backend": "external_launcher"} if asked.launched else {}
        return LLM(**options, **backend, gpu_memory_utilization=asked.gpu_memory)
    threads, set_threads = torch.get_num_threads(), torch.set_num_threads
    longest, cache = _room(asked)
    options |= {"max_model_len": longest, "max_num_batched_tokens": max(4096, longest)}
    options |= {"distributed_executor_backend": "uni", "enforce_eager": True, "kv_cache_memory_bytes": cache}
    # vLLM (0.31) winds a request's own generator back when a prompt is read in parts, which a CPU's cannot do
    llm = LLM(**options, enable_chunked_prefill=False)
    torch.set_num_threads = set_threads  # vLLM's CPU worker puts a function in its place that does nothing
    torch.set_num_threads(threads)
    return llm


def _room(asked: Engine) -> tuple[int, int]:
    """The longest sequence, and bytes for the keys and values of all of them."""
    from transformers import AutoConfig

    config = AutoConfig.from_pretrained(
        asked.model, revision=asked.revision, trust_remote_code=asked.trust_remote_code
    ).get_text_config()
    longest = asked.longest or min(config.max_position_embeddings, LONGEST_ON_CPU)
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    a_token = 2 * config.num_hidden_layers * heads * size * getattr(torch, asked.dtype).itemsize
    least, most = CACHE_BYTES
    one = (longest + 256) * a_token  # vLLM rounds up to blocks
    return longest, max(one, least, min(most, longest * asked.sequences * a_token))
