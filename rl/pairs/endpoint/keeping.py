"""Answers and refusals of an endpoint, into their files as they come."""

from dataclasses import dataclass
from pathlib import Path

from policy.endpoint.client import Reply
from policy.endpoint.wish import Wish
from rl.pairs.endpoint.answers import Answer, Head, append


@dataclass(frozen=True, slots=True)
class Kept:
    """A `policy.endpoint.asker.Keeper`."""

    file: Path
    head: Head

    def keep(self, wish: Wish, reply: Reply, requests: int) -> None:
        told = (reply.finish_reason, reply.served, reply.usage, reply.seconds)
        empty = "" if reply.completion.strip() else f"an empty answer (finish_reason {reply.finish_reason!r})"
        append(self.file, self.head, Answer(wish.example, wish.place, reply.completion, empty, *told, requests))

    def refuse(self, wish: Wish, told: str, requests: int) -> None:
        append(self.file, self.head, Answer(wish.example, wish.place, "", told, "", "", {}, 0.0, requests))
