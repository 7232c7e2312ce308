"""Whether somebody answers at a URL and has the model, asked before anything that takes long or costs."""

import argparse
import asyncio
import json
from contextlib import suppress

from policy.config_error import ConfigError, did_you_mean
from policy.endpoint.client import Endpoint, Refused, TryAgain
from policy.endpoint.options import key
from policy.endpoint.wish import Manner, body, wish_of

SHOWN = 12
"""Names of models that are told."""


def expect(asked: argparse.Namespace, url: str, manner: Manner) -> None:
    """`expect_model` from a command line (`options.add_options`)."""

    async def _expect() -> None:
        async with Endpoint(url, key(asked.key_env, url), asked.timeout, 1) as endpoint:
            await expect_model(endpoint, manner)

    asyncio.run(_expect())


async def expect_model(endpoint: Endpoint, manner: Manner) -> None:
    """Raises ConfigError where no server answers, where it speaks another language, wants another key, or has not the
    model.

    A model that is not in the server's list (`GET /models`, where there is one) is asked for one token: lists leave out
    aliases, and servers load what they do not list. Trouble that may pass is left to whoever asks next.
    """
    try:
        answer = await endpoint.send("GET", "/models")
    except TryAgain as error:
        raise ConfigError(f"no server answers at {endpoint.url}: {error}. Start it, or mend the URL") from None
    if answer.status_code in (401, 403) or answer.is_redirect:
        raise ConfigError(f"the server at {endpoint.url} refuses: {endpoint.trouble(answer)}")
    listed: list[str] = []
    if answer.is_success:
        try:
            listed = _names(answer.json())
        except ValueError:
            said = " ".join(answer.text.split())[:80]
            raise ConfigError(
                f"what answers at {endpoint.url} is no OpenAI-compatible API (its /models says {said!r}): give the "
                "base of the API; most end in /v1"
            ) from None
    if manner.model not in listed:
        await _ask_for(endpoint, manner, listed)


async def _ask_for(endpoint: Endpoint, manner: Manner, listed: list[str]) -> None:
    short = Manner(manner.model, manner.temperature, 1, manner.request)
    wish = wish_of("", 0, [{"role": "user", "content": "SELECT"}], 0, 1)
    try:
        for _ in range(2):  # a server that failed to list may have closed the connection with that
            with suppress(TryAgain):
                await endpoint.ask(body(short, wish))
                return
    except Refused as error:
        told = f"the server at {endpoint.url} refuses the model {json.dumps(manner.model)}: {error}"
        if listed:
            more = f" and {len(listed) - SHOWN:,} more" if len(listed) > SHOWN else ""
            told += f". It lists {', '.join(listed[:SHOWN])}{more}.{did_you_mean(manner.model, listed)}"
        raise ConfigError(told) from None


def _names(told: object) -> list[str]:
    data = told.get("data") if isinstance(told, dict) else None
    found = [one.get("id") for one in data if isinstance(one, dict)] if isinstance(data, list) else []
    return [name for name in found if isinstance(name, str)]
