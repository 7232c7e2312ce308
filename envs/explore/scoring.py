"""Can it be scored? Every gold played as an answer to its own question, as admission does."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from envs import gate
from envs.admission import Finding, finding
from envs.example import Example
from envs.execution import Execution
from envs.progress import Tell
from envs.sandbox import Job, Sandbox

AT_ONCE = 250
"""Golds between two lines of progress: few enough that `gate.parse` still holds them when they are looked at again."""
SHOWN = 5
"""Examples kept of each reason."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why golds cannot be graded: the words they share, how many they are, and (id, whole reason) of the first few."""

    why: str
    count: int
    first: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Scoring:
    """Counts of golds. `graded`: can measure an answer (admission keeps them). `empty`: ran and gave no row.

    `proves_nothing`: graded, but an equality with it is vacuous. `endings` says how running each one ended. Seconds are
    of one run: median, 99th percentile, longest, sum; they alone differ from one run to the next.
    """

    parses: int
    unparsed: tuple[tuple[str, str], ...]
    runs: int
    graded: int
    writes: int
    empty: int
    proves_nothing: int
    endings: dict[str, int]
    reasons: tuple[Reason, ...]
    notes: tuple[Reason, ...]
    seconds_p50: float
    seconds_p99: float
    seconds_max: float
    seconds_sum: float


def scoring(examples: Sequence[Example], sandbox: Sandbox, tell: Tell = lambda line: None) -> Scoring:
    """Play the golds. Where a question has several, it can be graded when one of them can; figures are of the first."""
    sandbox.allow({example.database for example in examples})
    executions: list[Execution] = []
    findings: list[Finding] = []
    unparsed: list[tuple[str, str]] = []
    kinds: list[str] = []
    for start in range(0, len(examples), AT_ONCE):
        tell(f"played {start:,} of {len(examples):,} golds")
        some = examples[start : start + AT_ONCE]
        for execution, found in _played(some, [example.gold_sql for example in some], sandbox):
            executions.append(execution)
            findings.append(found)
        for example in some:
            kinds.append(gate.kind(example.gold_sql, example.dialect))
            root = gate.parse(example.gold_sql, example.dialect)
            if isinstance(root, str):
                unparsed.append((example.id, root))
    _try_others(examples, findings, sandbox)
    seconds = sorted(execution.seconds for execution in executions if execution.ok) or [0.0]
    ran = [(e, kind) for e, kind in zip(executions, kinds, strict=True) if e.ok]
    notes = [(e.id, note) for e, found in zip(examples, findings, strict=True) for note in found.notes]
    return Scoring(
        parses=len(examples) - len(unparsed),
        unparsed=tuple(unparsed[:SHOWN]),
        runs=len(ran),
        graded=sum(not found.reason for found in findings),
        writes=sum(kind not in ("", gate.QUERY) for kind in kinds),
        empty=sum(execution.rows == 0 and kind == gate.QUERY for execution, kind in ran),
        proves_nothing=sum(note.startswith("proves nothing") for _, note in notes),
        endings=dict(Counter(str(execution.status) for execution in executions).most_common()),
        reasons=grouped([(e.id, found.reason) for e, found in zip(examples, findings, strict=True) if found.reason]),
        notes=grouped(notes),
        seconds_p50=seconds[(len(seconds) - 1) // 2],
        seconds_p99=seconds[int(0.99 * (len(seconds) - 1))],
        seconds_max=seconds[-1],
        seconds_sum=sum(seconds),
    )


def grouped(pairs: Sequence[tuple[str, str]]) -> tuple[Reason, ...]:
    """(id, reason) by what the reasons share: up to the colon or the path, numbers left out; most frequent first."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for id, reason in pairs:
        words = re.split(r": | at [/\\]| at [A-Z]:\\", reason)[0]
        groups.setdefault(re.sub(r"\d+(\.\d+)?", "N", words), []).append((id, reason))
    ranked = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return tuple(Reason(why, len(found), tuple(found[:SHOWN])) for why, found in ranked)


def _played(examples: Sequence[Example], golds: Sequence[str], sandbox: Sandbox) -> list[tuple[Execution, Finding]]:
    pairs = list(zip(examples, golds, strict=True))
    answers = sandbox.judge([Job(example.database, gold, example.dialect, [gold]) for example, gold in pairs])
    return [(a.execution, finding(e, gold, a)) for (e, gold), (a,) in zip(pairs, answers, strict=True)]


def _try_others(examples: Sequence[Example], findings: list[Finding], sandbox: Sandbox) -> None:
    """Replace the finding of an example whose first gold cannot be graded by that of another one that can."""
    places = [(i, gold) for i, found in enumerate(findings) if found.reason for gold in examples[i].other_golds]
    others = _played([examples[i] for i, _ in places], [gold for _, gold in places], sandbox)
    for (i, _), (_, found) in zip(places, others, strict=True):
        if findings[i].reason and not found.reason:
            findings[i] = found
