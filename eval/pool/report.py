"""What is said of a pool: a sentence, tables, `pool.md`, `pool.json` and a curve, all with the same numbers."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from eval.pool.comparison import Against, Line
from eval.pool.disagreement import Disagreement
from eval.pool.members import Member
from eval.pool.told import against_table, apart, curve_table, members_table, pairs_table, verdict
from eval.selection import Chosen
from eval.selection_plot import curve
from eval.selectors import NAMES, load
from policy.run_folder import write_whole
from rewards.paired import Difference, paired_difference

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class PoolReport:
    """`samples_each` are the completions a question that every member has, `most` the largest n; `reward_model` is the
    fingerprint of its weights; `left_out` maps ungradable questions to the reason."""

    members: Sequence[Member]
    comparison: str
    reward_model: str | None
    fitted_on: Sequence[str]
    left_out: dict[str, str]
    questions: int
    samples_each: int
    most: int
    seed: int
    lines: Sequence[Line]
    against: Sequence[Against]
    against_mean: Difference
    disagreement: Disagreement


def told(report: PoolReport) -> str:
    """Markdown."""
    facts = report.members[0].facts
    return "\n".join(
        [
            f"A pool of {len(report.members)} members, {report.questions:,} questions of {facts['task']} "
            f"({facts['split']}), {report.samples_each} samples each, {report.comparison} execution accuracy in % with "
            f"its 95% interval; {len(report.left_out):,} ungradable left out",
            "",
            verdict(report.members, report.lines, report.against, report.most, report.against_mean),
            apart(report.disagreement),
            "",
            *members_table(report.members, report.lines, report.most),
            "",
            *against_table(report.members, report.lines, report.against, report.most),
            "",
            *curve_table(report.members, report.lines),
            "",
            *pairs_table(report.members, report.disagreement),
        ]
    )


def write(folder: Path, report: PoolReport) -> None:
    """The JSON holds every question's value for each way and n."""
    asked = {one.way for one in report.lines}
    text = [
        "# A pool beside its members",
        "",
        told(report),
        "",
        "![accuracy against n](pool.svg)",
        "",
        "## The ways",
        "",
    ]
    text += [f"- `{way.name}`: {way.what}." for way in map(load, NAMES) if way.name in asked]
    text += ["", HOW, "", "## The files", ""]
    text += [f"- {one.name}: {one.samples}, weights {one.facts.get('weights')}" for one in report.members]
    text += [f"- weights of votes from {', '.join(report.fitted_on)}"] if report.fitted_on else []
    text += [f"- reward model: {report.reward_model}"] if report.reward_model else []
    if report.left_out:
        text += ["", "## Left out", "", *(f"- {example}: {why}" for example, why in report.left_out.items())]
    write_whole(folder / "pool.md", "\n".join(text) + "\n")
    write_whole(folder / "pool.json", json.dumps({"schema": SCHEMA} | asdict(report), indent=1) + "\n")
    write_whole(folder / "pool.svg", curve(_drawn(report), report.questions))


def _drawn(report: PoolReport) -> list[Chosen]:
    """The votes of all, and the oracle of the pool."""
    found: list[Chosen] = []
    for one in report.lines:
        if one.way == "majority" or (one.member is None and one.way == "oracle"):
            name = "pool" if one.member is None else report.members[one.member].name
            label = f"{name}: {one.way}"
            found.append(
                Chosen(label, one.n, one.values, one.accuracy, paired_difference(one.values, one.values), None)
            )
    return found


HOW = """\
Each member gives n // members samples; what is left over comes one each from members drawn anew for each subset, all
equally often. A question's value is the mean over all subsets of n of the samples (128 or a few more drawn where there
are more). Differences are the pool less the member, by a paired bootstrap over questions; p is that of a sign-flip test
on the means (20,000 flips), and Holm's stands beside all p of the table. The best member is the one that did best on
these very questions, which favours it over the pool. Oracles know the answer, and are no way of choosing."""
