"""How trials are drawn so that several processes may draw at once, and a search that was killed draws the same again.

Optuna gives every trial a number of its own, whoever asks (5.0, `Study.ask`); what a trial is follows from its number,
the seed and the trials that are known by then.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from optuna import Study
from optuna.distributions import BaseDistribution
from optuna.pruners import BasePruner, HyperbandPruner, MedianPruner, NopPruner
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.trial import FrozenTrial, TrialState

from policy.searching.plan import Plan


class Listed(BaseSampler):
    """The trial with number i is the i-th of a list: a grid, or the best of the stage before."""

    def __init__(self, settings: Sequence[Mapping[str, Any]]) -> None:
        self._settings = settings

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        return {}

    def sample_relative(self, study: Study, trial: FrozenTrial, search_space: Any) -> dict[str, Any]:
        return {}

    def sample_independent(self, study: Study, trial: FrozenTrial, name: str, distribution: BaseDistribution) -> Any:
        """A number past the end is that of a trial which is given back (`claim.fresh`)."""
        return self._settings[min(trial.number, len(self._settings) - 1)][name]


class Numbered(BaseSampler):
    """Optuna's sampler with a seed of its own for every trial: with one seed two processes would draw the same."""

    def __init__(self, kind: str, seed: int, trials: int) -> None:
        self._kind, self._seed, self._startup = kind, seed, startup(trials)
        self._inner: BaseSampler = RandomSampler(seed)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        seed = (self._seed * 1_000_003 + trial.number) % 2**32
        self._inner = RandomSampler(seed)
        if self._kind == "tpe":
            self._inner = TPESampler(seed=seed, n_startup_trials=self._startup)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        return self._inner.infer_relative_search_space(study, trial)

    def sample_relative(self, study: Study, trial: FrozenTrial, search_space: Any) -> dict[str, Any]:
        return self._inner.sample_relative(study, trial, search_space)

    def sample_independent(self, study: Study, trial: FrozenTrial, name: str, distribution: BaseDistribution) -> Any:
        return self._inner.sample_independent(study, trial, name, distribution)

    def after_trial(self, study: Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None) -> None:
        self._inner.after_trial(study, trial, state, values)


def startup(trials: int) -> int:
    """Trials that are drawn at random, and never pruned, before Optuna goes by what it has seen: a third, 2 to 10."""
    return max(2, min(10, trials // 3))


def sampler(plan: Plan, settings: Sequence[Mapping[str, Any]]) -> BaseSampler:
    """`settings` are listed for a grid and for every stage but the first, empty where they are drawn."""
    if settings:
        return Listed(settings)
    return Numbered(plan.asked.sampler, plan.asked.seed, plan.stages[0].trials)


def pruner(plan: Plan, stage: int) -> BasePruner:
    """Median (Golovin et al., 2017) or Hyperband (Li et al., 2018, arXiv:1603.06560) as Optuna has them."""
    if plan.asked.pruner == "median":
        return MedianPruner(n_startup_trials=startup(plan.stages[stage].trials))
    if plan.asked.pruner == "hyperband":
        return HyperbandPruner(min_resource=1, max_resource=plan.asked.evaluations)
    return NopPruner()
