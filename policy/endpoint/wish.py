"""What a model behind an endpoint is asked, and the body of such a request."""

from dataclasses import dataclass, field
from typing import Any

CHARACTERS_A_TOKEN = 2
"""Fewer than English and SQL have in any tokenizer in use (3 to 4), so that a limit on tokens is not passed."""


@dataclass(frozen=True, slots=True)
class Manner:
    """What all requests have in common. `request` is what is added to each or, where it is null, left out of it."""

    model: str
    temperature: float
    max_new_tokens: int
    request: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Wish:
    """One answer that is wanted: the `place`th to an example, counted from 0. `tokens` is the most that asking for it
    is expected to cost, prompt and completion."""

    example: str
    place: int
    messages: list[dict[str, str]]
    seed: int
    tokens: int


def wish_of(example: str, place: int, messages: list[dict[str, str]], seed: int, max_new_tokens: int) -> Wish:
    """`seed` is the one to send: 31 bits, as many as every server takes."""
    written = sum(len(message["content"]) for message in messages)
    return Wish(example, place, messages, seed % 2**31, written // CHARACTERS_A_TOKEN + max_new_tokens)


def body(manner: Manner, wish: Wish) -> dict[str, Any]:
    """As the API names it. `max_tokens` is what all servers know; OpenAI's newest models want `max_completion_tokens`:
    `request` takes the one out and adds the other."""
    told: dict[str, Any] = {"model": manner.model, "messages": wish.messages, "temperature": manner.temperature}
    told |= {"max_tokens": manner.max_new_tokens, "seed": wish.seed} | manner.request
    return {name: value for name, value in told.items() if value is not None}
