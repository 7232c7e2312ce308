"""Which twins to keep: those on which the gold says something and the most mutants of it say something else."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from envs.engines import Result
from envs.example import Engine
from envs.execution import Status
from envs.twins import ties
from envs.twins.mutants import mutants
from envs.twins.populate import populate
from envs.twins.records import Profile, Run, Twin
from envs.twins.script import reordered, script
from envs.twins.ties import Probe
from envs.twins.wishes import wishes

CANDIDATES = 32
"""Twins that are made at most ..."""
ENOUGH = 14
"""... and on which the gold fixes its answer: more are not looked for."""
DEATHS = 4
"""A mutant that differed this often is not run again."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    twin: Twin
    answer: tuple[object, ...]
    empty: bool
    killed: frozenset[int]


def choose(
    profile: Profile, gold_sql: str, dialect: str, engine: Engine, run: Run, count: int = 6, seed: int = 0
) -> list[Twin]:
    """At most `count` twins out of `CANDIDATES`; none when the gold runs on no twin or fixes its answer on none.

    `run` is called twice for each candidate. The same for the same arguments, if `run` is.
    """
    wished = wishes(gold_sql, dialect, profile)
    wrong = mutants(gold_sql, dialect, profile)
    probes: list[Probe] | None = None
    found: list[_Candidate] = []
    deaths: Counter[int] = Counter()
    for number in range(CANDIDATES):
        if len(found) == ENOUGH:
            break
        rows = populate(profile, wished, f"{seed}:{gold_sql}", number)
        text = script(profile, rows, engine)
        (again,) = run(reordered(profile, rows, engine), [gold_sql])
        if again.status is not Status.OK:
            continue
        if probes is None:
            probes = ties.probes(gold_sql, dialect, again.names)
        alive = [i for i in range(len(wrong)) if deaths[i] < DEATHS]
        gold, *others = run(text, [gold_sql, *(p.sql for p in probes), *(wrong[i] for i in alive)])
        ordered = _ordered(gold, again, probes, others)
        if ordered is None:
            continue
        answers = zip(alive, others[len(probes) :], strict=True)
        killed = frozenset(i for i, other in answers if _differs(gold, other, ordered))
        deaths.update(killed)
        empty = all(v in (None, 0) for row in gold.rows for v in row)
        found.append(_Candidate(Twin(text, ordered), tuple(map(repr, gold.rows)), empty, killed))
    return [c.twin for c in _greedy(found, count)]


def _greedy(found: Sequence[_Candidate], count: int) -> list[_Candidate]:
    """Those that kill the most, a mutant counting less each time it is killed again; a new answer counts a little."""
    left, taken = list(found), list[_Candidate]()
    times: Counter[int] = Counter()
    while left and len(taken) < count:
        answers = {c.answer for c in taken}
        worth = [
            sum(1 / (1 + times[i]) ** 2 for i in c.killed) + (c.answer not in answers) - 0.5 * c.empty for c in left
        ]
        best = left.pop(worth.index(max(worth)))
        taken.append(best)
        times.update(best.killed)
    return taken


def _ordered(gold: Result, again: Result, probes: Sequence[Probe], answers: Sequence[Result]) -> bool | None:
    """Whether the order of the answer is fixed; None when not even its rows are, or the gold does not run."""
    if gold.status is not Status.OK or Counter(gold.rows) != Counter(again.rows):
        return None
    ordered = any(p.outer and p.keys is not None for p in probes)
    for probe, answer in zip(probes, answers, strict=False):
        if answer.status is Status.OK:
            if ties.cuts(probe, answer.rows):
                return None
            if probe.outer and ties.ties(probe, answer.rows):
                ordered = False
    return ordered and list(gold.rows) == list(again.rows)


def _differs(gold: Result, other: Result, ordered: bool) -> bool:
    if other.status is not Status.OK or len(other.rows) != len(gold.rows) or other.columns != gold.columns:
        return True
    if ordered:
        return list(gold.rows) != list(other.rows)
    return Counter(gold.rows) != Counter(other.rows)
