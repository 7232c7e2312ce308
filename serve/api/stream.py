"""Server-sent events of one question: its stages as they are reached, not its words as they are written.

started (it has its turn), written (all first queries, none has run), candidates (all have run, with votes and errors),
repaired (the one more, after an error; only where there was one), then result, or error, and that is the last. An
answer that was kept comes as result at once. Tokens are not streamed: several queries are written at a time, and one
that is not whole cannot be run.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from serve.api.failure import Failure
from serve.api.messages import Question
from serve.api.service import Service

QUIET = 10.0
"""Seconds without a stage after which a remark keeps the connection open."""
Event = tuple[str, dict[str, Any]]


async def events(service: Service, asked: Question) -> AsyncIterator[str]:
    """In the form of the HTML standard, section 9.2.6. Who leaves early leaves an answer behind that is kept."""
    loop = asyncio.get_running_loop()
    heard: asyncio.Queue[Event | None] = asyncio.Queue()

    def tell(stage: str, data: dict[str, Any]) -> None:
        loop.call_soon_threadsafe(heard.put_nowait, (stage, data))

    async def answered() -> Event:
        try:
            return "result", await service.answer(asked, tell)
        except Failure as error:
            service.measured.refused(error.code)
            return "error", error.body() | {"retry_after": error.retry_after}

    task = asyncio.create_task(answered())
    task.add_done_callback(lambda _: heard.put_nowait(None))
    while True:
        try:
            event = await asyncio.wait_for(heard.get(), QUIET)
        except TimeoutError:
            yield ": still at it\n\n"
            continue
        if event is None:
            break
        yield _written(event)
    yield _written(task.result())


def _written(event: Event) -> str:
    return f"event: {event[0]}\ndata: {json.dumps(event[1], allow_nan=False)}\n\n"
