"""The report's pictures, each a crisp SVG in the run's folder."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from rewards.paired import Interval
from rl.reward_modelling.calibration import Calibration

RIGHT, WRONG, INK = "#0072b2", "#d55e00", "#444444"
"""Okabe and Ito's colours (2008), which the colour-blind tell apart."""


def reliability(found: Calibration, into: Path) -> None:
    """How often the model is right against how sure it is; on the line it can be believed."""
    figure, axes = _empty((4.2, 4.0))
    axes.plot([0.5, 1], [0.5, 1], color=INK, linewidth=0.8, linestyle="--")
    sizes = [12 + 160 * one.count / sum(b.count for b in found.bins) for one in found.bins]
    axes.plot([one.confidence for one in found.bins], [one.right for one in found.bins], color=RIGHT, linewidth=1.2)
    axes.scatter([one.confidence for one in found.bins], [one.right for one in found.bins], s=sizes, color=RIGHT)
    axes.set(xlabel="how sure: sigmoid(|margin|)", ylabel="share of pairs it is right about", xlim=(0.48, 1.02))
    axes.set_title(f"ECE {found.ece:.3f}, Brier {found.brier:.3f}", size=10, color=INK)
    _save(figure, into)


def margins(found: Sequence[float], into: Path) -> None:
    """Logit of the right query less that of the wrong one; left of 0 the model prefers the wrong one."""
    figure, axes = _empty((5.2, 3.0))
    values = np.asarray(found)
    edges = np.linspace(min(values.min(), -0.1), max(values.max(), 0.1), 41)
    axes.hist(values[values > 0], bins=edges, color=RIGHT, label="the right one preferred")
    axes.hist(values[values <= 0], bins=edges, color=WRONG, label="the wrong one")
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set(xlabel="margin, in logits", ylabel="held-out pairs")
    axes.legend(frameon=False, fontsize=9)
    _save(figure, into)


def logits_of_samples(right: Sequence[float], wrong: Sequence[float], into: Path) -> None:
    """What the model says of a policy's right and of its wrong samples."""
    figure, axes = _empty((5.2, 3.0))
    both = np.concatenate([right, wrong])
    edges = np.linspace(both.min() - 1e-6, both.max() + 1e-6, 41)
    for values, colour, name in ((wrong, WRONG, "wrong"), (right, RIGHT, "right")):
        if len(values):
            axes.hist(values, bins=edges, density=True, color=colour, alpha=0.55, label=f"{name} ({len(values):,})")
    axes.set(xlabel="logit", ylabel="density")
    axes.legend(frameon=False, fontsize=9, title="samples of the policy", title_fontsize=9)
    _save(figure, into)


def accuracies(found: Mapping[str, Interval], into: Path) -> None:
    """Pair accuracy of each kind, with its interval."""
    figure, axes = _empty((5.6, 0.9 + 0.28 * len(found)))
    for place, one in enumerate(reversed(found.values())):
        axes.plot([one.low, one.high], [place, place], color=INK, linewidth=1.2)
        axes.scatter([one.mean], [place], color=RIGHT, s=26, zorder=3)
    axes.set_yticks(range(len(found)), [f"{name} ({one.scored:,})" for name, one in reversed(found.items())])
    axes.axvline(0.5, color=INK, linewidth=0.8, linestyle="--")
    axes.set(xlabel="held-out pairs in which the right query is preferred", xlim=(min(0.45, _lowest(found)), 1.01))
    _save(figure, into)


def _lowest(found: Mapping[str, Interval]) -> float:
    return min((one.low for one in found.values()), default=0.45) - 0.02


def _empty(inches: tuple[float, float]) -> tuple[Any, Any]:
    """A figure and its axes; matplotlib is loaded late, for it takes a while."""
    figure: Any = import_module("matplotlib.figure").Figure(figsize=inches, layout="constrained")
    axes: Any = figure.subplots()
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(labelsize=9, colors=INK)
    return figure, axes


def _save(figure: Any, into: Path) -> None:
    """The same to the byte whenever it is drawn: no date in it, and ids that follow from its name."""
    with import_module("matplotlib").rc_context({"svg.fonttype": "none", "svg.hashsalt": into.name}):
        figure.savefig(into, format="svg", metadata={"Date": None})
