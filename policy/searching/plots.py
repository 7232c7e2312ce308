"""Optuna's plots of a search, drawn by matplotlib: history, importance, parallel coordinates."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib
import optuna

from policy.searching.plan import Plan
from policy.searching.studies import ranked

matplotlib.use("Agg")

FEWEST = 4
"""Finished trials of different settings below which nothing is said of importance."""


def importance(study: optuna.Study) -> dict[str, float]:
    """How much of what distinguishes the better trials each key explains, in all 1 (PED-ANOVA, Watanabe et al., 2023,
    arXiv:2304.10255); {} where too few trials, or all alike, say nothing."""
    values = [one.value for one in ranked(study)]
    if len(values) < FEWEST or len(set(values)) < 2:
        return {}
    return optuna.importance.get_param_importances(study)


def draw(plan: Plan, studies: Sequence[optuna.Study]) -> list[tuple[Path, str]]:
    """The SVG files written and what each shows; none that would be empty. Importance and parallel coordinates are of
    the first stage, where the settings were drawn."""
    from matplotlib import pyplot
    from optuna.visualization import matplotlib as shown

    first, found = studies[0], list[tuple[Path, str]]()
    done = len(ranked(first))
    name = plan.asked.metric.replace("_", " ")
    wanted: dict[str, str] = {}
    if done > 1:
        wanted["history"] = f"{name} in the order of the trials of stage 1 (counted from 0), and the best so far."
        wanted["parallel"] = f"The trials of stage 1: each line is a setting, its colour the {name}."
    if (parts := importance(first)) and len(parts) > 1:
        shares = ", ".join(f"{key} {share:.2f}" for key, share in parts.items())
        wanted["importance"] = f"What distinguishes the better trials of stage 1 (PED-ANOVA, in all 1): {shares}."
    for kind, words in wanted.items():
        with pyplot.style.context("default"):
            if kind == "history":
                axes = shown.plot_optimization_history(first, target_name=name)
            elif kind == "importance":
                axes = shown.plot_param_importances(first, target_name=name)
            else:
                axes = shown.plot_parallel_coordinate(first, target_name=name)
            figure = axes.figure
            axes.set_title("")
            axes.set_title("", loc="left")
            figure.set_size_inches(max(8.0, 1.6 * len(plan.parameters) if kind == "parallel" else 8.0), 4.5)
            file = plan.folder / f"{kind}.svg"
            figure.savefig(file, format="svg", bbox_inches="tight", metadata={"Date": None})
            pyplot.close(figure)
        found.append((file, words))
    return found
