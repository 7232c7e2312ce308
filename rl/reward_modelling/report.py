"""`report.md`, `summary.json` and the plots of a reward model's run."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from policy.config import Resolved
from policy.learned_reward import Asking
from policy.run_folder import RunFolder, write_whole
from rewards.paired import Interval, accuracy, paired_difference
from rl.reward_modelling import plots
from rl.reward_modelling.agreement import Agreement, Estimate
from rl.reward_modelling.calibration import calibration
from rl.reward_modelling.config import RewardRun
from rl.reward_modelling.data import Lessons, Material
from rl.reward_modelling.evidence import Evidence, gather
from rl.reward_modelling.fresh_samples import Fresh
from rl.reward_modelling.judged import Judged, by, nearer_wins, shorter_wins
from rl.reward_modelling.summary import summary
from rl.reward_modelling.verdict import verdict


def report(
    resolved: Resolved[RewardRun],
    found: Material,
    lessons: Lessons,
    samples: Fresh | None,
    folder: RunFolder,
    facts: Mapping[str, Any],
) -> None:
    """Ask the model, write what it said, and print it. `facts` of the training join `summary.json`, which comes last:
    it says that the run is finished."""
    evidence = gather(resolved, folder, found.held_out, samples)
    judged, whole = evidence.judged, accuracy([one.preferred for one in evidence.judged])
    kinds, errors = by(judged, lambda one: one.pair.kind or one.pair.source), by(judged, lambda one: one.pair.error)
    sure = calibration([one.margin for one in judged])
    plots.accuracies(kinds, folder.path / "accuracy_by_kind.svg")
    plots.reliability(sure, folder.path / "reliability.svg")
    plots.margins([one.margin for one in judged], folder.path / "margins.svg")
    if samples and (evidence.right or evidence.wrong):
        plots.logits_of_samples(evidence.right, evidence.wrong, folder.path / "logits_of_samples.svg")
    told = verdict(whole, kinds, evidence.agreed)
    lines = [
        *(_stand_in(resolved)),
        told,
        *_prior(folder),
        "",
        *([facts["stopped"], ""] if "stopped" in facts else []),
        summary(resolved, found, lessons, samples),
        "",
        *_pairs(judged, whole, evidence),
        "",
        *_table("by corruption, or source where none was made", kinds),
        "",
        *_table("by error", errors),
        "",
        f"Of pairs it is p sure of it is right about p of the time to within {sure.ece:.3f} (expected calibration "
        f"error; Brier score {sure.brier:.3f}, a coin has 0.25): reliability.svg, margins.svg.",
        *_samples(evidence, samples),
    ]
    text = "\n".join(lines)
    print(f"\n{text}\n\nmodel, metrics and every logit: {folder.path}", flush=True)
    write_whole(folder.path / "report.md", f"# {folder.path.name}\n\n{text}\n")
    written = {
        "stand_in": resolved.stand_in,
        "task": resolved["task"],
        "split": None if resolved["test_pairs"] else resolved["held_out_split"],
        "prompt": resolved["prompt"],
        "pairs": len(lessons.train),
        "accuracy": asdict(whole),
        "by_kind": {name: asdict(one) for name, one in kinds.items()},
        "by_error": {name: asdict(one) for name, one in errors.items()},
        "ece": sure.ece,
        "brier": sure.brier,
        "agreement": asdict(evidence.agreed) if evidence.agreed else None,
        "log_prob_agreement": asdict(evidence.log_prob_agreed) if evidence.log_prob_agreed else None,
        "told": told,
        **facts,
    }
    write_whole(folder.path / "summary.json", json.dumps(written, indent=2) + "\n")


def _stand_in(resolved: Resolved[RewardRun]) -> list[str]:
    replaced = ", ".join(one.key for one in resolved.replaced if one.source == "stand-in")
    return [f"STAND-IN RUN ({replaced} replaced)", ""] if resolved.stand_in else []


def _prior(folder: RunFolder) -> list[str]:
    asking = Asking.of(folder.policy)
    if not asking.prior_weight:
        return []
    return [
        "",
        f"Its logit is its head's and {asking.prior_weight:.3g} for every nat by which the policy that it began as "
        "finds the query likely: only what differs from the log-probability was learned from pairs.",
    ]


def _pairs(judged: Sequence[Judged], whole: Interval, evidence: Evidence) -> list[str]:
    lines = [
        f"| {len(judged):,} held-out pairs | the right query preferred |",
        "|---|---|",
        f"| **reward model** | {_share(whole)} |",
    ]
    if evidence.by_log_prob:
        lines.append(
            f"| log-probability under the policy | {_share(accuracy([j.preferred for j in evidence.by_log_prob]))} |"
        )
    lines.append(f"| the shorter query | {_share(shorter_wins(judged))} |")
    lines.append(f"| more words of the question | {_share(nearer_wins(judged))} |")
    if evidence.by_log_prob:
        lines += ["", _beside_log_prob(judged, evidence.by_log_prob)]
    if evidence.unread:
        lines += ["", f"{evidence.unread:,} pairs are longer than the model reads."]
    return lines


def _beside_log_prob(judged: Sequence[Judged], by_log_prob: Sequence[Judged]) -> str:
    """What training has added to what the policy knew; a question counts once, with the share of its pairs."""
    shares = [by(some, lambda one: one.pair.example) for some in (by_log_prob, judged)]
    before, after = ([found[name].mean for name in sorted(found)] for found in shares)
    found = paired_difference(before, after)
    return (
        f"Beside the policy's log-probability that is {100 * found.mean:+.1f} points [{100 * found.low:+.1f}, "
        f"{100 * found.high:+.1f}], better in {found.gained:,} questions and worse in {found.lost:,} of "
        f"{found.pairs:,} (bootstrap over questions)."
    )


def _table(head: str, found: Mapping[str, Interval]) -> list[str]:
    rows = [f"| {name} | {one.scored:,} | {_share(one)} |" for name, one in found.items()]
    return [f"| {head} | pairs | the right query preferred |", "|---|---|---|", *rows]


def _samples(evidence: Evidence, samples: Fresh | None) -> list[str]:
    """How the model ranks a policy's own samples, beside the policy's log-probability."""
    if samples is None or evidence.agreed is None:
        return ["", "It was not held against samples of a policy (samples, scores): what it is worth there is unknown."]
    columns = [("reward model", evidence.agreed)]
    columns += [("log-probability", evidence.log_prob_agreed)] if evidence.log_prob_agreed else []

    def row(name: str, of: str, scale: float = 1.0, digits: int = 3) -> str:
        return f"| {name} | " + " | ".join(_told(getattr(one, of), scale, digits) for _, one in columns) + " |"

    most = max(len(one.right) for one in samples.questions)
    return [
        "",
        f"| {len(samples.questions):,} questions, samples of {samples.policy} | "
        + " | ".join(name for name, _ in columns)
        + " |",
        "|---|" + "---|" * len(columns),
        row("AUC, a right sample above a wrong one of any question", "auc"),
        row(f"the same within a question ({_mixed(evidence.agreed)} have both)", "within"),
        row("rank correlation with execution (Spearman)", "spearman"),
        row(f"best of {most} by it, right in percent", "best", 100, 1),
        row("a sample at random", "mean", 100, 1),
        row("any of them (oracle)", "oracle", 100, 1),
        row("best less random, points", "gain", 100, 1),
        "",
        "Intervals are bootstraps over questions. logits_of_samples.svg shows right and wrong samples apart.",
    ]


def _mixed(found: Agreement) -> str:
    return f"{found.within.count:,}" if found.within else "none"


def _told(one: Estimate | None, scale: float, digits: int) -> str:
    return one.told(scale, digits) if one else "-"


def _share(one: Interval) -> str:
    return f"{100 * one.mean:.1f} [{100 * one.low:.1f}, {100 * one.high:.1f}]"
