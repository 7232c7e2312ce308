"""The table of a selection, for the console, as Markdown and as JSON with the same numbers, and its curve."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval.selection import Chosen
from eval.selection_plot import curve
from eval.selectors import NAMES, load
from policy.run_folder import write_whole

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Report:
    """What was compared, and what came out. `left_out` maps ungradable questions to the reason; `reward_model` is the
    fingerprint of its weights."""

    samples: str
    greedy: str | None
    reward_model: str | None
    facts: dict[str, Any]
    comparison: str
    left_out: dict[str, str]
    questions: int
    samples_each: int
    seed: int
    chosen: Sequence[Chosen]


def table(report: Report) -> str:
    """Markdown: every way at its largest n, then accuracy by n."""
    largest = {one.way: one for one in report.chosen}
    before = "greedy" if report.greedy else "one sample"
    lines = [
        f"{report.questions:,} questions, {report.samples_each} samples each at temperature "
        f"{report.facts['temperature']:g}, {report.comparison} execution accuracy in % with its 95% interval; "
        f"{len(report.left_out):,} ungradable left out",
        "",
        f"| way | n | accuracy | against {before} | gained | lost | p | differs from greedy |",
        "|---|---:|---|---|---:|---:|---:|---:|",
    ]
    for one in largest.values():
        a, d = one.accuracy, one.against
        itself = one.way == ("greedy" if report.greedy else "first")
        against = "" if itself else f"{100 * d.mean:+.1f} [{100 * d.low:+.1f}, {100 * d.high:+.1f}]"
        counts = ("", "", "") if itself else (f"{d.gained:,}", f"{d.lost:,}", f"{d.p:.2g}")
        differs = "" if one.differs is None or itself else f"{100 * one.differs:.1f}"
        lines.append(
            f"| {one.way} | {one.n} | {100 * a.mean:.1f} [{100 * a.low:.1f}, {100 * a.high:.1f}] | {against} | "
            f"{' | '.join(counts)} | {differs} |"
        )
    numbers = sorted({one.n for one in report.chosen})
    lines += ["", f"| accuracy by n | {' | '.join(map(str, numbers))} |", f"|---|{'---:|' * len(numbers)}"]
    cells = {(one.way, one.n): f"{100 * one.accuracy.mean:.1f}" for one in report.chosen}
    lines += [f"| {way} | {' | '.join(cells.get((way, n), '') for n in numbers)} |" for way in largest]
    return "\n".join(lines)


def write(folder: Path, report: Report) -> None:
    """`selection.md`, `selection.json` and `selection.svg`. The JSON holds every question's value for each way."""
    ways = [load(name) for name in NAMES if any(one.way == name for one in report.chosen)]
    facts = {key: value for key, value in report.facts.items() if value is not None}
    told = ["# Choosing among samples", "", *(f"- {key}: {value}" for key, value in facts.items())]
    told += [f"- samples: {report.samples}", *([f"- greedy: {report.greedy}"] if report.greedy else [])]
    told += [f"- reward model: {report.reward_model}"] if report.reward_model else []
    told += ["", table(report), "", "![accuracy against n](selection.svg)", "", "## The ways", ""]
    told += [f"- `{way.name}`: {way.what}." for way in ways]
    told += ["", HOW]
    if report.left_out:
        told += ["", "## Left out", "", *(f"- {example}: {why}" for example, why in report.left_out.items())]
    write_whole(folder / "selection.md", "\n".join(told) + "\n")
    write_whole(folder / "selection.json", json.dumps({"schema": SCHEMA} | asdict(report), indent=1) + "\n")
    write_whole(folder / "selection.svg", curve(report.chosen, report.questions))


HOW = """\
Below the largest n a question's value is the mean over all subsets of n of its samples (128 drawn where there are
more), so a way's accuracy is what n fresh samples would give. Intervals: Wilson for values of 0 and 1, normal
otherwise; differences by a paired bootstrap over questions, p by the exact McNemar test (sign test below the largest
n). Ties of votes go to the result with the higher mean log-probability, then to the first. The oracle knows the
answer."""
