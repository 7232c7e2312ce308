"""Who writes queries: a policy at hand or one behind an endpoint."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from envs.example import Example
from policy.config_error import ConfigError


class TooLong(ConfigError):
    """The prompt does not fit: schema, question and answer are more than the policy takes."""


class Away(ConfigError):
    """The model's server does not answer now; the same question may be answered later."""


class Refuses(ConfigError):
    """The model's server will not answer this question."""


@dataclass(frozen=True, slots=True)
class Written:
    """One answer of a policy. `ended` is whether it came to its end by itself, `ids` are its tokens where they are
    known; `by` names the policy where several are asked."""

    text: str
    ended: bool = True
    ids: list[int] = field(default_factory=list[int])
    by: str = ""


class Writer(Protocol):
    """Asked as its training asked. Both raise `ConfigError`, with figure and fix, where the prompt is too long, or
    nobody answers."""

    def write(self, example: Example, samples: int, temperature: float, seed: int) -> list[Written]: ...

    def again(self, example: Example, before: Written, told: str) -> Written | None:
        """Another answer, after it was told what came of the one before; None where it cannot be asked again."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Asking:
    """What a caller says about how to ask; None is as the policy's run asked, else as the lab does."""

    prompt: str | None = None
    template: dict[str, Any] | None = None
    max_new_tokens: int | None = None
    dtype: str = "auto"
