"""What came out of a family: accuracy, the paired difference to the reference, and what each member cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from statistics import fmean
from typing import Any, Literal

from eval.ablation.family import ASKING, Family, Member
from eval.head_to_head.comparison import ALPHA
from eval.head_to_head.policies import Policy, Run
from eval.head_to_head.run_answers import read_run
from eval.head_to_head.same_questions import Matched, matched
from eval.head_to_head.sample_answers import read_samples
from policy.run_cost import RunCost, run_cost
from rewards.paired import Interval
from rewards.paired_seeds import PooledDifference, holm, pooled_accuracy, pooled_difference

Answered = Literal["before", "after"]
VARIED = ("prompt",)
"""What may differ between members although the same questions are asked: all other conditions must be alike."""


@dataclass(frozen=True, slots=True)
class Row:
    """One member, its seeds pooled, as it answered `after` training, or `before` it: the untrained model, asked so.

    `difference` is this one less the reference answered at the same time, None for the reference itself; `p_holm` as it
    stands beside all others of the family, `sure` where it is below 0.05 and the interval leaves 0 out. `minutes`,
    `peak_mib` and `trainable` are of a training, the mean of seeds, the highest, and of any; None is unknown.
    """

    name: str
    answered: Answered
    keys: Mapping[str, Any]
    seeds: tuple[int, ...]
    accuracy: Interval
    each_seed: tuple[float, ...]
    difference: PooledDifference | None
    p_holm: float | None
    sure: bool
    trainable: int | None
    parameters: int | None
    peak_mib: float | None
    memory: str
    minutes: float | None
    steps: int | None


@dataclass(frozen=True, slots=True)
class Results:
    """`failed` maps a run to what it said last; a member counts with the seeds that ended. `conditions` are what all
    were asked and judged under; `unscored` questions have no ruler in some run and count for none. `alike` are members
    that wrote the very same answers: what they differ in may not have reached the run. `begun` is the accuracy of the
    reference before its training, on the same questions; None where its files do not tell."""

    family: str
    question: str
    command: str
    base: str
    also: Mapping[str, Any]
    reference: str
    stand_in: bool
    conditions: Mapping[str, Any]
    questions: int
    unscored: int
    rows: tuple[Row, ...]
    failed: Mapping[str, str]
    alike: tuple[tuple[str, str], ...]
    begun: float | None


def results(family: Family, failed: Mapping[str, str]) -> Results:
    """Of the members that ended. Raises ConfigError where none did, or they did not answer the same questions."""
    ended = [one for one in family.members if str(one.folder) not in failed]
    times: list[Answered] = ["before", "after"] if family.file.untrained else ["after"]
    asked: dict[str, tuple[str, Answered, list[Member]]] = {}
    for answered in times:
        for name in family.names:
            if some := [one for one in ended if one.name == name]:
                asked[called(name, answered)] = (name, answered, some)
    policies = [Policy(key, tuple(_read(family, m, at) for m in some)) for key, (_, at, some) in asked.items()]
    policies = _alike(policies)
    found = matched(policies)
    first = policies[0].runs[0]
    return Results(
        family=family.path.stem,
        question=family.file.question,
        command=family.file.command,
        base=family.file.base or "",
        also=family.file.also or {},
        reference=family.file.reference,
        stand_in=any(run.stand_in for policy in policies for run in policy.runs),
        conditions={key: value for key, value in first.conditions.items() if key not in VARIED},
        questions=len(found.questions),
        unscored=len(found.unscored),
        rows=_rows(family, asked, found),
        failed=dict(failed),
        alike=_same_answers(policies, asked),
        begun=_begun(family, ended, found.questions),
    )


def called(name: str, answered: Answered) -> str:
    return name if answered == "after" else f"{name}, untrained"


def _read(family: Family, member: Member, answered: Answered) -> Run:
    if family.file.command == ASKING:
        return read_samples(member.folder / "samples.jsonl")
    return read_run(member.folder, answered)


def _alike(policies: Sequence[Policy]) -> list[Policy]:
    """The same with the conditions that a family may vary set to those of the first."""
    held = {key: policies[0].runs[0].conditions.get(key) for key in VARIED} if policies else {}
    return [
        Policy(one.name, tuple(replace(run, conditions={**run.conditions, **held}) for run in one.runs))
        for one in policies
    ]


def _begun(family: Family, ended: Sequence[Member], questions: Sequence[str]) -> float | None:
    folders = [one.folder for one in ended if one.name == family.file.reference]
    if not folders or not all((folder / "eval/before.jsonl").is_file() for folder in folders):
        return None
    runs = [read_run(folder, "before") for folder in folders]
    return fmean(bool(run.answers[one].correct) for run in runs for one in questions if one in run.answers)


def _same_answers(
    policies: Sequence[Policy], asked: Mapping[str, tuple[str, Answered, list[Member]]]
) -> tuple[tuple[str, str], ...]:
    """Pairs of members after training; before it, most are the same model."""
    texts = {
        one.name: tuple(answer.sql for run in one.runs for answer in run.answers.values())
        for one in policies
        if asked[one.name][1] == "after"
    }
    return tuple((one, other) for one, other in combinations(texts, 2) if texts[one] == texts[other])


def _rows(family: Family, asked: Mapping[str, tuple[str, Answered, list[Member]]], found: Matched) -> tuple[Row, ...]:
    def against(key: str) -> str | None:
        """Who this one is compared with: the reference, answered at the same time, where it ended."""
        reference = called(family.file.reference, asked[key][1])
        return reference if reference in asked and reference != key else None

    compared = [key for key in asked if against(key)]
    level = ALPHA / max(1, len(compared))
    differences = {key: pooled_difference(found.right[str(against(key))], found.right[key], level) for key in compared}
    beside = dict(zip(compared, holm([differences[key].p for key in compared]), strict=True))
    rows: list[Row] = []
    for key, (name, answered, members) in asked.items():
        right, change, p = found.right[key], differences.get(key), beside.get(key)
        costs = [run_cost(one.folder) for one in members] if answered == "after" else []
        rows.append(
            Row(
                name=name,
                answered=answered,
                keys=members[0].keys,
                seeds=tuple(one.seed for one in members),
                accuracy=pooled_accuracy(right, len(found.unscored)),
                each_seed=tuple(float(one.mean()) for one in right),
                difference=change,
                p_holm=p,
                sure=change is not None and p is not None and p < ALPHA and (change.low > 0 or change.high < 0),
                **_cost(costs),
            )
        )
    return tuple(rows)


def _cost(costs: Sequence[RunCost]) -> dict[str, Any]:
    seconds = [one.training_seconds for one in costs if one.training_seconds is not None]
    peaks = [one.peak_mib for one in costs if one.peak_mib is not None]
    first = costs[0] if costs else None
    return {
        "trainable": first.trainable_parameters if first else None,
        "parameters": first.parameters if first else None,
        "peak_mib": max(peaks) if peaks else None,
        "memory": first.memory if first else "",
        "minutes": sum(seconds) / len(seconds) / 60 if seconds else None,
        "steps": first.steps if first else None,
    }
