"""Finished runs side by side as a Markdown table."""

from collections.abc import Sequence

from policy.finished_run import FinishedRun
from rewards.paired import Interval

HEAD = (
    *("run", "method", "PEFT", "learning rate", "data", "steps", "trained parameters", "peak memory, MiB"),
    *("samples/s", "minutes", "reward", "before", "strict accuracy", "change, paired", "gained / lost", "commit"),
)
UNKNOWN = "-"


def table(runs: Sequence[FinishedRun]) -> str:
    """The rows in the order they came; below them what the columns mean and what all have in common, or that they do
    not."""
    lines = [f"| {' | '.join(HEAD)} |", "|" + "---|" * len(HEAD)]
    lines += [f"| {' | '.join(_cell(one) for one in _row(run))} |" for run in runs]
    answering = [run for run in runs if run.after]
    if answering:
        asked = sorted({_asked(run) for run in answering})
        lines.append(
            "\nReward (mean of `blended`), accuracy before and after, change: in percent, greedy answers to "
            f"{' or '.join(asked)}, held out, with 95% intervals."
        )
        if len(asked) > 1:
            lines.append("These runs did not all answer the same questions: their accuracies are not comparable.")
    if any(not run.cost.in_steps and run.cost.samples_per_second is not None for run in runs):
        lines.append(
            "Samples are what the trainer calls so: examples, pairs, completions. ~: minutes and samples/s are of the "
            "whole training with its evaluations, as its steps were not measured."
        )
    for run in runs:
        if run.pairs_right:
            lines.append(
                f"{run.run} is a reward model and answers no question: it prefers the right of two answers in "
                f"{_share(run.pairs_right)}% of {run.pairs_right.scored:,} held-out pairs."
            )
    machines = sorted({run.hardware for run in runs} - {""})
    if machines:
        lines.append(f"Machine: {'; '.join(machines)}.")
    return "\n".join(lines)


def _row(run: FinishedRun) -> list[str]:
    cost, change = run.cost, run.change
    about = "" if cost.in_steps else "~"
    share = cost.trainable_parameters and cost.parameters and cost.trainable_parameters / cost.parameters
    moved = [f"{100 * change[end]:+.1f}" for end in ("mean", "low", "high")] if change else []
    return [
        run.run + (" (stand-in)" if run.stand_in else ""),
        run.method,
        run.peft,
        UNKNOWN if run.learning_rate is None else f"{run.learning_rate:g}",
        ", ".join(filter(None, (run.task, run.trained_on))),
        _number(cost.steps, ",.0f"),
        _number(cost.trainable_parameters, ",.0f") + (f" ({100 * share:.3g}%)" if share else ""),
        _number(cost.peak_mib, ",.0f") + (f" {cost.memory}" if cost.memory else ""),
        UNKNOWN if cost.samples_per_second is None else f"{about}{cost.samples_per_second:.1f}",
        UNKNOWN if cost.training_seconds is None else f"{about}{cost.training_seconds / 60:.1f}",
        _share(run.reward),
        _share(run.before),
        _share(run.after),
        f"{moved[0]} [{moved[1]}, {moved[2]}]" if moved else UNKNOWN,
        f"{change['gained']} / {change['lost']}" if change else UNKNOWN,
        run.commit or UNKNOWN,
    ]


def _asked(run: FinishedRun) -> str:
    count = run.after.scored if run.after else 0
    return f"{count:,} questions of {run.task} ({run.split}, prompt {run.prompt})"


def _share(one: Interval | None) -> str:
    return f"{100 * one.mean:.1f} [{100 * one.low:.1f}, {100 * one.high:.1f}]" if one else UNKNOWN


def _number(value: float | None, form: str) -> str:
    return UNKNOWN if value is None else format(value, form)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
