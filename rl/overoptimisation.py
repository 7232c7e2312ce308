"""The over-optimisation curve of a run with a learned reward: what the model thinks beside what is true, over training.

After Gao et al. (2022, arXiv:2210.10760), who plot both against the distance from the initial policy: the model's
reward goes on rising where the true one has begun to fall. Here the truth is known of every completion. Made from a
run's rollouts and its log alone, so that a resumed run and a finished one give the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import groupby
from pathlib import Path
from statistics import fmean
from typing import Any

from envs.verdict import Verdict
from policy import rollouts
from policy.run_folder import RunFolder
from rl.disagreement import Opinion, disagreement
from rl.health.history import HELD_OUT
from rl.health.physician import lines

WINDOWS = 8
"""Rows of the table at most."""

PLOT = "overoptimisation.svg"


@dataclass(frozen=True, slots=True)
class Window:
    """Some steps of training: `metrics` as `disagreement` names them; `held_out` the last accuracy measured in it and
    `kl` its mean distance from the reference, None where neither was."""

    first: int
    last: int
    completions: int
    metrics: dict[str, float]
    held_out: float | None
    kl: float | None


def windows(folder: RunFolder, most: int = WINDOWS) -> list[Window]:
    """Of as many steps each as can be; empty where no completion was rated."""
    steps = [(step, found) for step, found in _by_step(folder.rollouts) if found]
    logged = list(lines(folder.metrics))
    size = -(-len(steps) // most)
    made: list[Window] = []
    for start in range(0, len(steps), size or 1):
        part = steps[start : start + size]
        together = [one for _, found in part for one in found]
        first, last = part[0][0] + 1, part[-1][0] + 1  # a rollout holds the steps that were done before it
        until = steps[start + size][0] if start + size < len(steps) else max([last, *(one["step"] for one in logged)])
        here = [line for line in logged if first <= line["step"] <= until]
        held_out = [line[HELD_OUT] for line in here if HELD_OUT in line]
        kl = [line["kl"] for line in here if "kl" in line]
        made.append(
            Window(
                first,
                last,
                len(together),
                disagreement(together),
                held_out[-1] if held_out else None,
                fmean(kl) if kl else None,
            )
        )
    return made


def _by_step(folder: Path) -> Iterator[tuple[int, list[Opinion]]]:
    for step, rows in groupby(rollouts.read(folder), key=lambda row: row["step"]):
        yield step, [one for row in rows if (one := _opinion(row)) is not None]


def _opinion(row: dict[str, Any]) -> Opinion | None:
    value = row["rewards"].get("reward_model")
    said = {key: row[key] for key in ("vacuous", "constant", "twins")}
    right = Verdict(row["correct"], **said).proven
    read = row["sql"] != "" and row["gate"] == ""
    return None if value is None or right is None else Opinion(row["example"], value, right, read)


def report(folder: RunFolder) -> list[str]:
    """Lines for the run's report, and the plot beside it; none where no completion was rated."""
    found = windows(folder)
    if not found:
        return []
    _plot(found, folder.path / PLOT)
    kl = any(one.kl is not None for one in found)
    table = [
        f"| steps | completions | learned reward | right | AUC | misordered | held-out |{' KL |' if kl else ''}",
        f"|---|---|---|---|---|---|---|{'---|' if kl else ''}",
        *(_line(one, kl) for one in found),
    ]
    title = f"Learned reward against execution, of the completions trained on ({PLOT}):"
    return ["", title, "", *table, "", told(found)]


def told(found: Sequence[Window]) -> str:
    """What became of both, from the first window to the last."""
    first, last = found[0].metrics, found[-1].metrics
    best = max(range(len(found)), key=lambda at: found[at].metrics["right_share"])
    text = (
        f"The learned reward went from {first['mean']:.3f} to {last['mean']:.3f}, right answers from "
        f"{first['right_share']:.1%} to {last['right_share']:.1%}."
    )
    peak = found[best].metrics
    if best < len(found) - 1 and last["mean"] > peak["mean"] and last["right_share"] < peak["right_share"]:
        text += (
            f" After steps {found[best].first} to {found[best].last}, where {peak['right_share']:.1%} were right, the "
            "learned reward rose and right answers became fewer: where that is more than chance, it is over-optimised."
        )
    return text


def _line(one: Window, kl: bool) -> str:
    def shown(value: float | None, form: str) -> str:
        return "" if value is None else format(value, form)

    said = one.metrics
    cells = [f"{one.first} to {one.last}", f"{one.completions:,}", f"{said['mean']:.3f}", f"{said['right_share']:.1%}"]
    cells += [shown(said.get("auc"), ".3f"), shown(said.get("misordered"), ".1%"), shown(one.held_out, ".1%")]
    return f"| {' | '.join(cells + ([shown(one.kl, '.3f')] if kl else []))} |"


def _plot(found: Sequence[Window], path: Path) -> None:
    """Both curves over the steps, held-out accuracy as points; matplotlib is loaded late, for it takes a while."""
    matplotlib: Any = import_module("matplotlib")
    figure: Any = import_module("matplotlib.figure").Figure(figsize=(6.4, 3.6), layout="constrained")
    axes: Any = figure.subplots()
    middle = [(one.first + one.last) / 2 for one in found]
    axes.plot(middle, [one.metrics["mean"] for one in found], marker="o", label="learned reward, mean")
    axes.plot(middle, [one.metrics["right_share"] for one in found], marker="s", label="right answers, share")
    held_out = [(one.last, one.held_out) for one in found if one.held_out is not None]
    if held_out:
        axes.plot(*zip(*held_out, strict=True), linestyle="none", marker="^", label="held-out accuracy, greedy")
    axes.set(xlabel="step", ylim=(0, 1))
    axes.legend(frameon=False)
    with matplotlib.rc_context({"svg.hashsalt": PLOT, "svg.fonttype": "none"}):
        figure.savefig(path, format="svg", metadata={"Date": None})
