"""Several looks at the database: the policy writes a query, reads what it returns, and writes another.

A turn is an answer of the assistant; what its query returned comes back as a message of the user's, in the chat
template's own form. The policy hands in what stands by writing the same query again or none at all, or by using up its
turns or its tokens; its last query counts.

The tokens it wrote are never tokenised again: what it reads is appended to them, so that the prompt of each turn begins
with the one before and every token keeps the log-probability it was sampled with. A template that rewrites earlier
answers, as Qwen3's drops their thoughts, is not followed in that. A thought that the template opens before an answer
stands before the text of each turn (`policy.thoughts`), and not among the tokens that the policy wrote.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from transformers import PreTrainedTokenizerBase

from envs.completion import find_sql
from envs.observation import NO_QUERY, observe
from envs.rollout import Rollout
from envs.sql_env import SqlEnv
from policy.chat import answered_with, tokens_of, unmarked
from policy.exchange import Exchange, Turn
from policy.thoughts import LAST, opened


class Written(NamedTuple):
    """The tokens after one prompt, with the stop token if there is one, and their log-probabilities if known."""

    ids: list[int]
    logprobs: list[float] | None = None


Generate = Callable[[list[list[int]], int], Sequence[Written]]
"""(prompts, how many new tokens at most) -> what the policy writes after each prompt."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """Turns; tokens of all of them together, those that are read included; and of these, tokens of one reading."""

    turns: int
    tokens: int
    observation_tokens: int


@dataclass(frozen=True, slots=True)
class Turns:
    """How questions are answered by turns. `stops` are the tokens that end a turn; `template` goes to the chat
    template (enable_thinking ...)."""

    env: SqlEnv
    tokenizer: PreTrainedTokenizerBase
    stops: Collection[int]
    allowance: Allowance
    template: Mapping[str, Any] | None = None

    def take(self, asked: Sequence[tuple[str, list[int]]], generate: Generate) -> list[Exchange]:
        """The exchanges that follow (example id, prompt), all side by side; a query runs once, whoever repeats it.

        No exchange has more than `allowance.tokens` tokens or none: after a policy that writes nothing at all there
        stands a stop token, which is not counted as the policy's.
        """
        exchanges = [Exchange(example_id, list(prompt)) for example_id, prompt in asked]
        going = exchanges
        for turn in range(1, self.allowance.turns + 1):
            rooms = [self.allowance.tokens - len(one.ids) for one in going]
            prompts = [one.prompt_ids + one.ids for one in going]
            answers = generate(prompts, max(rooms))
            written = [
                Written(ids[:room], None if logprobs is None else logprobs[:room])
                for (ids, logprobs), room in zip(answers, rooms, strict=True)
            ]
            thoughts = [opened(self.tokenizer.decode(prompt[-LAST:])) for prompt in prompts]
            texts = [
                thought + self.tokenizer.decode(one.ids, skip_special_tokens=True)
                for thought, one in zip(thoughts, written, strict=True)
            ]
            last = turn == self.allowance.turns
            played = self._played([one.example_id for one in going], texts)
            goes_on = [self._turn(*each, last) for each in zip(going, written, texts, played, strict=True)]
            going = [one for one, on in zip(going, goes_on, strict=True) if on]
            if not going:
                break
        return exchanges

    def _played(self, examples: Sequence[str], texts: Sequence[str]) -> list[Rollout | None]:
        found: list[Rollout | None] = [None] * len(texts)
        places = [at for at, text in enumerate(texts) if find_sql(text)]
        played = self.env.play_batch([(examples[at], texts[at]) for at in places])
        for at, rollout in zip(places, played, strict=True):
            found[at] = rollout
        return found

    def _turn(self, exchange: Exchange, written: Written, text: str, played: Rollout | None, last: bool) -> bool:
        """Add what was written and, where the policy may go on, what it reads. Returns whether it may."""
        before = exchange.queries
        exchange.append(written.ids, True, written.logprobs)
        if not written.ids:
            exchange.append([self.tokenizer.eos_token_id], False)
        handed_in = before and (played is None or _words(played.sql) == _words(before[-1].sql))
        told = None if last or handed_in or exchange.ids[-1] not in self.stops else self._told(played)
        reading = [] if told is None else answered_with(self.tokenizer, told, self.template)
        room = self.allowance.tokens - len(exchange.ids) - len(reading)
        goes_on = told is not None and room >= len(written.ids)  # as much as it takes to hand in the same
        exchange.append(reading if goes_on else [], False)
        exchange.turns.append(Turn(text, played, told if told is not None and goes_on else ""))
        return goes_on

    def _told(self, played: Rollout | None) -> str | None:
        if played is None:
            return NO_QUERY
        told = observe(
            played.execution,
            played.example.database.engine,
            self.allowance.observation_tokens,
            lambda text: len(tokens_of(self.tokenizer, unmarked(self.tokenizer, text))),
        )
        return None if told is None else unmarked(self.tokenizer, told)


def _words(sql: str) -> list[str]:
    return sql.split()
