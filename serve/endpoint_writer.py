"""A model behind an OpenAI-compatible endpoint writes queries."""

import asyncio
import time
from itertools import count
from typing import Any

from envs.example import Example
from envs.prompt import messages, style_of
from policy.endpoint.address import checked
from policy.endpoint.asker import back_off
from policy.endpoint.client import Endpoint, Refused, TryAgain
from policy.endpoint.known import expect_model
from policy.endpoint.options import KEY_ENV, key
from policy.endpoint.wish import Manner, body, wish_of
from policy.named_policy import LONGEST
from serve.writer import Asking, Away, Refuses, Written

TRIES = 3
AT_ONCE = 8
LONGEST_WAIT = 30.0
"""Seconds: somebody is waiting at the keyboard."""
OFTEN = 2.0
"""Seconds: with patience a server that is away is asked again at least so often."""
Message = dict[str, str]


class EndpointWriter:
    """Asks `model` at `url`, each answer by a request of its own, `timeout` seconds at most. Raises ConfigError where
    it is not there.

    With `patience` it may come later: a server that does not answer is asked again for so many seconds, not `TRIES`
    times, and nothing is asked before the first question.
    """

    def __init__(
        self,
        model: str,
        url: str,
        asking: Asking,
        key_env: str = KEY_ENV,
        timeout: float = 120.0,
        patience: float | None = None,
    ) -> None:
        self._model, self._url, self._timeout = model, checked(url, "--server_url"), timeout
        self._key = key(key_env, self._url)
        self._style = style_of(asking.prompt or "strict")
        self._most = asking.max_new_tokens or LONGEST
        self._request: dict[str, Any] = {"chat_template_kwargs": asking.template} if asking.template else {}
        self._patience = patience
        if patience is None:
            self.expect()

    def expect(self) -> None:
        """Raises ConfigError where nobody answers, or has not the model."""
        asyncio.run(self._expect())

    def write(self, example: Example, samples: int, temperature: float, seed: int) -> list[Written]:
        return asyncio.run(self._all(messages(example, self._style), samples, temperature, seed))

    def again(self, example: Example, before: Written, told: str) -> Written | None:
        said = [{"role": "assistant", "content": before.text}, {"role": "user", "content": told}]
        return asyncio.run(self._all([*messages(example, self._style), *said], 1, 0.0, 0))[0]

    def close(self) -> None:
        """Nothing is held between questions."""

    def _endpoint(self) -> Endpoint:
        return Endpoint(self._url, self._key, self._timeout, AT_ONCE)

    async def _expect(self) -> None:
        async with self._endpoint() as endpoint:
            await expect_model(endpoint, Manner(self._model, 0.0, self._most, self._request))

    async def _all(self, told: list[Message], samples: int, temperature: float, seed: int) -> list[Written]:
        manner = Manner(self._model, temperature, self._most, self._request)
        async with self._endpoint() as endpoint:
            asked = (self._one(endpoint, manner, told, place, seed + place) for place in range(samples))
            return list(await asyncio.gather(*asked))

    async def _one(self, endpoint: Endpoint, manner: Manner, told: list[Message], place: int, seed: int) -> Written:
        wish = wish_of("", place, told, seed, self._most)
        began = time.monotonic()
        for tries in count(1):
            try:
                reply = await endpoint.ask(body(manner, wish))
                return Written(reply.completion, reply.finish_reason != "length")
            except Refused as error:
                raise Refuses(f"the endpoint {self._url} refuses the question: {error}") from None
            except TryAgain as error:
                wait = error.wait or back_off(seed, tries)  # one that says 0 would be asked without end
                if self._patience is not None:
                    wait = error.wait or min(wait, OFTEN)
                    over = time.monotonic() - began + wait > self._patience
                else:
                    over = tries == TRIES or wait > LONGEST_WAIT
                if over:
                    raise Away(f"the endpoint {self._url} does not answer: {error}") from None
                await asyncio.sleep(wait)
        raise AssertionError("it counts without end")
