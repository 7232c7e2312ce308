"""Where completions come from: transformers, vLLM in this process, or a vLLM server, behind one interface.

    sampler.sync(policy, version)               # the weights as they are now
    sampler.generate(prompt_ids, 8, sampling)   # prompt_ids -> for each prompt 8 x (ids, logprobs)
    sampler.close()

Importing this imports no torch.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, get_args

if TYPE_CHECKING:
    from torch import nn

Backend = Literal["transformers", "vllm", "server"]
BACKENDS: tuple[Backend, ...] = get_args(Backend)


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a token is drawn. Nothing else decides: what a model's own generation config adds is left aside.

    `stops` end a completion (`policy.chat.stop_tokens`). Temperature 0 is greedy, and then every completion of a prompt
    is the same. `seed` None draws from the backend's own stream; with a seed a call is the same whatever came before.
    `more` are vLLM's SamplingParams under their own names, which the transformers backend refuses.
    """

    max_tokens: int
    temperature: float = 1.0
    stops: tuple[int, ...] = ()
    seed: int | None = None
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    more: Mapping[str, Any] = field(default_factory=dict)

    def for_vllm(self, place: int, n: int) -> dict[str, Any]:
        """As vLLM names it, for the prompt at a place among others; its n completions get n seeds of their own."""
        return {
            "n": n,
            "max_tokens": self.max_tokens,
            "temperature": self.temperature,
            "top_p": self.top_p,
            "top_k": self.top_k,
            "min_p": self.min_p,
            "repetition_penalty": self.repetition_penalty,
            "stop_token_ids": list(self.stops),
            "logprobs": 0,
            "seed": None if self.seed is None else self.seed + place * n,
            **self.more,
        }


class Sampled(NamedTuple):
    """One completion: its tokens with the one that stopped it, if one did, and the log-probability (nats) of each under
    the distribution it was drawn from, temperature included; under the unscaled one where drawing was greedy."""

    ids: list[int]
    logprobs: list[float]


class Sampler(Protocol):
    """A source of completions. It holds a copy of a policy's weights, which is as old as the last `sync`."""

    def generate(self, prompt_ids: Sequence[Sequence[int]], n: int, sampling: Sampling) -> list[list[Sampled]]:
        """For each prompt, in their order, its n completions."""
        ...

    def sync(self, policy: "nn.Module", version: int) -> None:
        """Take over the policy's weights, an adapter's alone where it has one. Versions rise."""
        ...

    def close(self) -> None:
        """Let go of memory and files."""
        ...


def seed_of(asked: Iterable[str], seed: int) -> int:
    """One seed for a batch of questions (their ids), its own: what is drawn depends on nothing drawn before."""
    return int.from_bytes(hashlib.sha256("\n".join([str(seed), *asked]).encode()).digest()[:6])
