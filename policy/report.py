"""Before and after, question by question: a table for the console, `report.md` and `summary.json`."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import rewards
from policy.config import Resolved
from policy.held_out import Examination
from policy.questions import Questions
from policy.run_folder import RunFolder, write_whole
from rewards.paired import Difference, Interval, accuracy, paired_difference


def compare(
    resolved: Resolved[Any],
    questions: Questions,
    before: Examination,
    after: Examination,
    folder: RunFolder,
    notes: Sequence[str],
    facts: Mapping[str, Any],
) -> None:
    """Print the table and write it beside the run. `notes` are lines below it, `facts` join `summary.json`."""
    difference = paired_difference(before.scores, after.scores)
    lines = [
        *(
            [f"STAND-IN RUN ({', '.join(r.key for r in resolved.replaced if r.source == 'stand-in')} replaced)", ""]
            if resolved.stand_in
            else []
        ),
        f"| greedy, {difference.pairs:,} held-out questions | before | after | change |",
        "|---|---|---|---|",
        _row("**execution accuracy** (strict)", before.accuracy(), after.accuracy(), difference),
    ]
    for name in rewards.NAMES:
        one, two = ([rewards.score_if_any(name, r) for r in e.rollouts] for e in (before, after))
        if name == "twin_match" and not resolved["twins"]:
            continue
        if name != "execution_match" and any(s is not None for s in one):
            lines.append(_row(f"mean {name}", accuracy(one), accuracy(two), paired_difference(one, two)))
    for kind in sorted({r.example.difficulty for r in before.rollouts} - {""}):
        one, two = (
            [s for s, r in zip(e.scores, e.rollouts, strict=True) if r.example.difficulty == kind]
            for e in (before, after)
        )
        if any(s is not None for s in one):
            count = sum(s is not None for s in one)
            lines.append(_row(f"accuracy, {kind} ({count})", accuracy(one), accuracy(two), paired_difference(one, two)))
    lines += ["", _verdict(difference), *notes, questions.summary()]
    text = "\n".join(lines)
    print(f"\n{text}\n\npolicy, rollouts, metrics and answers: {folder.path}", flush=True)
    write_whole(folder.path / "report.md", f"# {folder.path.name}\n\n{text}\n")
    summary = {
        "stand_in": resolved.stand_in,
        "task": resolved["task"],
        "split": resolved["held_out_split"],
        "prompt": resolved["prompt"],
        "questions": difference.pairs,
        "before": asdict(before.accuracy()),
        "after": asdict(after.accuracy()),
        "difference": {name: getattr(difference, name) for name in ("mean", "low", "high", "gained", "lost", "p")},
        "unscored": difference.unscored,
        **facts,
    }
    write_whole(folder.path / "summary.json", json.dumps(summary, indent=2) + "\n")


def _row(name: str, before: Interval, after: Interval, change: Difference) -> str:
    return (
        f"| {name} | {_share(before)} | {_share(after)} | "
        f"{100 * change.mean:+.1f} [{100 * change.low:+.1f}, {100 * change.high:+.1f}] |"
    )


def _share(interval: Interval) -> str:
    return f"{100 * interval.mean:.1f} [{100 * interval.low:.1f}, {100 * interval.high:.1f}]"


def _verdict(change: Difference) -> str:
    told = f"{change.gained} questions gained, {change.lost} lost (exact McNemar p = {change.p:.2g})"
    if change.low > 0:
        return f"Better: {told}."
    return f"Worse: {told}." if change.high < 0 else f"No difference that {change.pairs:,} questions can show: {told}."
