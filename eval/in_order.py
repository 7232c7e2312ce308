"""Answers that come in any order become rows of a file of samples in the order of the questions."""

from collections.abc import Collection, Sequence
from pathlib import Path

from envs.example import Example
from eval import arrivals
from eval.arrivals import Arrived
from policy.endpoint.client import Reply
from policy.endpoint.wish import Wish
from policy.samples import Completion, Head, append

CUT = "length"
"""The `finish_reason` of a completion that was cut at the longest that was asked for."""


class InOrder:
    """A `policy.endpoint.asker.Keeper`. A row is written once all completions of its question are there and every row
    before it is; a question that the server refuses is passed over, and comes last should it be answered another time.

    `versions` is what each row says beside the model and the fingerprint of its configuration, as the server names
    them. `refused` maps questions to why; `written` counts rows of now, `empty` completions without a character.
    """

    def __init__(
        self,
        output: Path,
        head: Head,
        versions: dict[str, str],
        examples: Sequence[Example],
        done: Collection[str],
        arrived: Sequence[Arrived],
    ) -> None:
        self._output, self._head, self._versions = output, head, versions
        self._order, self._done = [one.id for one in examples], set(done)
        self._held = {(one.example, one.place): one for one in arrived}
        self._next = 0
        self.spent_before = sum(one.spent for one in arrived)
        self.refused: dict[str, str] = {}
        self.written, self.empty = 0, 0
        self.empty_why: set[str] = set()
        self.served: set[str] = set()
        self._go_on()

    def lacks(self, example: str, place: int) -> bool:
        return example not in self._done and (example, place) not in self._held

    def left(self) -> int:
        """Questions without a row that the server did not refuse."""
        return sum(one not in self._done and one not in self.refused for one in self._order)

    def keep(self, wish: Wish, reply: Reply, requests: int) -> None:
        counted, spent = reply.usage.get("completion_tokens"), reply.usage.get("total_tokens")
        arrived = Arrived(
            example=wish.example,
            place=wish.place,
            text=reply.completion,
            tokens=counted if isinstance(counted, int) else None,
            spent=spent if isinstance(spent, int) else 0,
            finish_reason=reply.finish_reason,
            served=reply.served,
            fingerprint=reply.fingerprint,
        )
        arrivals.append(arrivals.beside(self._output), self._head, arrived)
        self._held[wish.example, wish.place] = arrived
        self._go_on()

    def refuse(self, wish: Wish, told: str, requests: int) -> None:
        self.refused[wish.example] = told
        self._go_on()

    def end(self) -> None:
        """Nothing more will come: write the rows behind those that are missing too."""
        for example in self._order[self._next :]:
            self._write(example)

    def _go_on(self) -> None:
        while self._next < len(self._order) and self._write(self._order[self._next]):
            self._next += 1

    def _write(self, example: str) -> bool:
        """Whether nothing more is expected of the question."""
        if example in self._done or example in self.refused:
            return True
        found = [self._held.get((example, place)) for place in range(self._head.samples)]
        whole = [one for one in found if one is not None]
        if len(whole) < len(found):
            return False
        told = {"served": _joined([one.served for one in whole])}
        told["system_fingerprint"] = _joined([one.fingerprint for one in whole])
        self.served |= {f"{one.served} {one.fingerprint}".strip() for one in whole}
        empty = [one for one in whole if not one.text.strip()]
        self.empty += len(empty)
        self.empty_why |= {one.finish_reason or "not told" for one in empty}
        completions = [Completion(one.text, one.tokens, one.finish_reason == CUT, None) for one in whole]
        append(self._output, self._head, self._versions | told, [(example, completions)])
        self._done.add(example)
        self.written += 1
        return True


def _joined(names: Sequence[str]) -> str:
    return ", ".join(sorted(set(filter(None, names))))
