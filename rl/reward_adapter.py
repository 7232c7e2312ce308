"""The one place that speaks TRL's reward dialect: batches in, a list of floats out."""

import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any

import rewards
from envs.execution import Status
from envs.rollout import Rollout
from envs.sql_env import SqlEnv
from policy import processes
from policy.exchange import Exchange, told
from rl.disagreement import disagreement, opinions

TrlReward = Callable[..., list[float | None]]
SAME = 1e-6
"""Rewards that differ by less are one reward: float32 cannot tell more of numbers near 1."""


class Judges:
    """Plays each batch of completions once and lets every reward look at the same rollouts.

    TRL calls the reward functions of `functions()` one after the other with the same batch; the first call plays it.
    After a batch `rollouts`, `completion_ids` (the tokens of each), `exchanges` (where there are several turns; then
    the final one is played) and `scores` (reward name -> one number or None a completion) hold what was found. `rate`
    asks a learned reward model about rollouts, None where there is none; `scores` has `reward_model` then too.
    `thought` is what the prompt opens (`policy.thoughts`): it belongs before what the policy wrote.
    """

    def __init__(self, env: SqlEnv, weights: Mapping[str, float], thought: str = "") -> None:
        self.weights = dict(weights)
        self.thought = thought
        self.rollouts: list[Rollout] = []
        self.completion_ids: list[list[int]] = []
        self.exchanges: list[Exchange] = []
        self.scores: dict[str, list[float | None]] = {}
        self.rate: Callable[[Sequence[Rollout]], list[Rollout]] | None = None
        self._env = env
        self._failed: set[str] = set()

    def functions(self) -> list[TrlReward]:
        """One function a reward, in the order of the weights, named as the reward: TRL logs under that name."""
        return [self._function(name, first=at == 0) for at, name in enumerate(self.weights)]

    def begin(self) -> None:
        """Before a batch is sampled: what becomes of it must follow from it alone, whatever was judged before."""
        self._env.forget()

    def golds(self, examples: Sequence[str]) -> list[Rollout]:
        """The golds of these questions of the last batch, each played as an answer."""
        asked = {rollout.example.id: rollout.example.gold_sql for rollout in self.rollouts}
        return self._env.play_batch([(example, asked[example]) for example in examples])

    def _function(self, name: str, first: bool) -> TrlReward:
        def trl_reward(
            completions: Sequence[Any],
            example_id: Sequence[str],
            log_metric: Callable[[str, float], None],
            completion_ids: Sequence[list[int]] = (),
            exchange: Sequence[Exchange] = (),
            **_: Any,
        ) -> list[float | None]:
            if first:
                started = time.perf_counter()
                self.completion_ids = list(completion_ids)
                self.exchanges = list(exchange)
                texts = [one.final for one in exchange] or [self.thought + text_of(c) for c in completions]
                self._play(texts, example_id, log_metric)
                for metric, value in (told(exchange) if exchange else {}).items():
                    log_metric(metric, value)
                log_metric("time/reward", time.perf_counter() - started)
            return self.scores[name]

        trl_reward.__name__ = name
        return trl_reward

    def _play(self, texts: list[str], ids: Sequence[str], log_metric: Callable[[str, float], None]) -> None:
        self.rollouts = self._env.play_batch(list(zip(ids, texts, strict=True)))
        if self.rate is not None:
            started = time.perf_counter()
            self.rollouts = self.rate(self.rollouts)
            log_metric("time/reward_model", time.perf_counter() - started)
            everybody = list(chain.from_iterable(processes.gather(opinions(self.rollouts))))
            for metric, value in disagreement(everybody).items():
                log_metric(f"reward_model/{metric}", value)
        failed: set[int] = set()
        names = dict.fromkeys([*self.weights, *(["reward_model"] if self.rate is not None else [])])
        scores = {name: self._judged(name, failed) for name in names}
        unscored = {
            at for name, weight in self.weights.items() if weight for at, s in enumerate(scores[name]) if s is None
        }
        # TRL masks a completion only when every reward is None; one None among numbers would count as 0.
        self.scores = {name: [None if at in unscored else s for at, s in enumerate(scores[name])] for name in scores}
        count = len(texts)
        log_metric("sql/unscored", len(unscored) / count)
        log_metric("sql/reward_errors", len(failed) / count)
        log_metric("sql/tied", self._tied())
        log_metric("sql/unique", len({(r.example.id, r.sql) for r in self.rollouts}) / count)
        endings = Counter(r.execution.status for r in self.rollouts)
        for ending in Status:
            log_metric(f"sql/{ending}", endings[ending] / count)
        log_metric("sql/vacuous", sum(r.verdict.vacuous for r in self.rollouts) / count)
        log_metric("sql/constant", sum(r.verdict.constant for r in self.rollouts) / count)
        log_metric("sql/refuted_by_twins", sum(r.verdict.twins is False for r in self.rollouts) / count)

    def _judged(self, name: str, failed: set[int]) -> list[float | None]:
        """What one reward says of the rollouts: None also where it raises or gives no finite number, whose places join
        `failed`. The first time a reward does so is told with its traceback; `max_unscored_share` says how long a run
        bears it. A reward is anybody's code, so whatever it raises is caught."""
        scores = list[float | None]()
        for at, rollout in enumerate(self.rollouts):
            try:
                score = rewards.score(name, rollout)
            except Exception:
                score = None
                failed.add(at)
                if name not in self._failed:
                    self._failed.add(name)
                    print(f"reward {name} failed on a completion of {rollout.example.id}", file=sys.stderr)
                    traceback.print_exc()
            scores.append(score)
        return scores

    def _tied(self) -> float:
        """Of the questions with two or more scored completions, the share whose completions all earned the same. A
        group may lie across processes."""
        earned: dict[str, list[float]] = {}
        mine: list[tuple[str, float]] = []
        for at, rollout in enumerate(self.rollouts):
            parts = [
                weight * score for name, weight in self.weights.items() if (score := self.scores[name][at]) is not None
            ]
            if parts:
                mine.append((rollout.example.id, sum(parts)))
        for example, total in chain.from_iterable(processes.gather(mine)):
            earned.setdefault(example, []).append(total)
        groups = [found for found in earned.values() if len(found) > 1]
        return sum(max(found) - min(found) <= SAME for found in groups) / len(groups) if groups else 0.0


def text_of(completion: Any) -> str:
    """A completion's text: TRL hands chat completions as a list of messages, others as a string."""
    if isinstance(completion, str):
        return completion
    content = completion[-1]["content"] if completion else ""
    return content if isinstance(content, str) else ""
