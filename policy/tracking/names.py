"""Which metric belongs to which group, how it is titled, and what it is called in a tracker: one structure for the W&B
run, for `eval.dashboard` and for pages with curves.

`metrics.jsonl` keeps TRL's names (`reward`, `rewards/blended/mean`, `eval_execution_accuracy`), which its docs and
everybody's scripts know. A tracker shows a name with its group before it, because W&B and others make a section of what
stands before the first slash; transformers' own callback would put all of them under `train/`. W&B's `define_metric`
knows no groups, only axes and summaries, so a prefix is the one way that needs no saved layout. A name that already
begins with its group stays as it is: `rewards/execution_match/mean` is one word everywhere. Imports no torch.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from envs.execution import Status

STEP = "train/global_step"
"""The axis of every chart in a tracker: W&B's own step counts calls of `log`."""

TOTALS = ("train_runtime", "train_samples_per_second", "train_steps_per_second", "train_loss", "total_flos")
"""Told once, when the training ends: a number of the run and no curve."""


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines that belong together. `metrics` are names in metrics.jsonl, or patterns with `*`; `low` and `high` bound
    the first line; `limits` are those of the y axis, None where the numbers decide."""

    title: str
    metrics: tuple[str, ...]
    low: str | None = None
    high: str | None = None
    limits: tuple[float, float] | None = None

    def holds(self, metric: str) -> bool:
        return metric in (self.low, self.high) or any(fnmatchcase(metric, pattern) for pattern in self.metrics)


@dataclass(frozen=True, slots=True)
class Group:
    """A section of a dashboard: `key` stands before its metrics in a tracker."""

    key: str
    title: str
    charts: tuple[Chart, ...]


SHARE = (0.0, 1.0)

GROUPS = (
    Group(
        "accuracy",
        "Execution accuracy: held-out questions, greedy, strict",
        (
            Chart(
                "Execution accuracy, with its 95% interval",
                ("eval_execution_accuracy",),
                "eval_execution_accuracy_low",
                "eval_execution_accuracy_high",
                SHARE,
            ),
        ),
    ),
    Group(
        "rewards",
        "Rewards: what is trained on, and what is only watched",
        (
            Chart("Reward, weighted sum", ("reward",)),
            Chart("Mean of each reward", ("rewards/*/mean",)),
            Chart("Spread of each reward", ("rewards/*/std", "reward_std")),
            Chart(
                "Groups that teach nothing: all rewards alike",
                ("sql/tied", "frac_reward_zero_std"),
                limits=SHARE,
            ),
        ),
    ),
    Group(
        "sql",
        "SQL: how queries end",
        (
            Chart("Endings", tuple(f"sql/{status}" for status in Status), limits=SHARE),
            Chart("Unscored: the ruler was broken", ("sql/unscored",), limits=SHARE),
            Chart("Right for a wrong reason", ("sql/vacuous", "sql/constant", "sql/refuted_by_twins"), limits=SHARE),
            Chart("Different queries in a batch", ("sql/unique",), limits=SHARE),
        ),
    ),
    Group(
        "completions",
        "Completions: how long they are",
        (
            Chart(
                "Tokens of a completion",
                ("completions/mean_length",),
                "completions/min_length",
                "completions/max_length",
            ),
            Chart("Cut at the longest length", ("completions/clipped_ratio",), limits=SHARE),
            Chart("Tokens of those that stopped by themselves", ("completions/*_terminated_length",)),
        ),
    ),
    Group(
        "policy",
        "Policy: how far it moves",
        (
            Chart("Loss", ("loss",)),
            Chart("KL to the reference", ("kl",)),
            Chart("Entropy of a token", ("entropy",)),
            Chart("Gradient norm", ("grad_norm",)),
            Chart("Clipped tokens", ("clip_ratio/*", "cispo_clip_ratio"), limits=SHARE),
            Chart("Learning rate", ("learning_rate",)),
            Chart("Tokens predicted right", ("mean_token_accuracy",), limits=SHARE),
        ),
    ),
    Group(
        "sampling",
        "Sampling: does the sampler agree with the trainer?",
        (
            Chart("Difference of log-probabilities", ("sampling/sampling_logp_difference/*",)),
            Chart("Importance ratio", ("sampling/importance_sampling_ratio/*",)),
        ),
    ),
    Group(
        "turns",
        "Turns: queries that were tried before the answer",
        (
            Chart("Turns of a completion", ("turns/mean",)),
            Chart("Made right and made wrong by a later turn", ("turns/repaired", "turns/broken"), limits=SHARE),
            Chart("Calls of tools", ("tools/*",)),
        ),
    ),
    Group("health", "Health: what looks wrong", (Chart("Diagnoses", ("health/*",)),)),
    Group(
        "validation",
        "Validation: the loss on questions that are not trained on",
        (
            Chart("Loss", ("eval_loss",)),
            Chart("Perplexity", ("eval_perplexity",)),
            Chart("Tokens predicted right", ("eval_mean_token_accuracy",), limits=SHARE),
            Chart("Entropy of a token", ("eval_entropy",)),
        ),
    ),
    Group(
        "time",
        "Time: where it goes",
        (
            Chart("Seconds of a step", ("step_time", "time/*")),
            Chart("Tokens seen", ("num_tokens", "num_input_tokens_seen")),
            Chart("Epoch", ("epoch",)),
        ),
    ),
)
"""In the order in which a dashboard shows them."""

STRIP = (
    ("reward", "reward", False),
    ("rewards/execution_match/mean", "execution match", True),
    ("eval_execution_accuracy", "held out", True),
    ("sql/tied", "tied groups", True),
    ("completions/clipped_ratio", "truncated", True),
    ("kl", "KL", False),
)
"""The few that a page shows where there is little room: metric, what it is called there, and whether it is a share,
drawn from 0 to 1."""

OTHER = Group("other", "Others", ())


def group_of(metric: str) -> Group:
    """The group of a name in metrics.jsonl: by its charts, else by what stands before its slash, else `other`."""
    for group in GROUPS:
        if any(chart.holds(metric) for chart in group.charts) or metric.startswith(f"{group.key}/"):
            return group
    if metric.startswith("eval_"):
        return next(group for group in GROUPS if group.key == "validation")
    prefix, slash, _ = metric.partition("/")
    return Group(prefix, prefix.capitalize(), ()) if slash else OTHER


def tracker_name(metric: str) -> str:
    """What a name in metrics.jsonl is called in W&B, MLflow and TensorBoard."""
    key = group_of(metric).key
    return metric if metric.startswith(f"{key}/") else f"{key}/{metric.removeprefix('eval_')}"
