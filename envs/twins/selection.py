"""Which twins to keep: those on which the gold says something and the most mutants of it say something else."""

from collections import Counter
from collections.abc import Iterator, Sequence
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
from envs.twins.wishes import Wishes, wishes

CANDIDATES = 32
"""Twins that are made at most ..."""
ENOUGH = 14
"""... and on which the gold fixes its answer and says something: more are not looked for."""
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
    """At most `count` twins; none when the gold runs on no twin or fixes its answer on none.

    `run` is called twice for each candidate. The same for the same arguments, if `run` is.
    """
    wished, wrong = wishes(gold_sql, dialect, profile), mutants(gold_sql, dialect, profile)
    stream = f"{seed}:{gold_sql}"
    found = _candidates(profile, gold_sql, dialect, engine, run, wished, stream, CANDIDATES, wrong)
    looked: list[_Candidate] = []
    for candidate in found:
        looked.append(candidate)
        if sum(not c.empty for c in looked) >= ENOUGH:
            break
    return [c.twin for c in _greedy(looked, count)]


def fitting(
    profile: Profile, gold_sql: str, dialect: str, engine: Engine, run: Run, count: int = 6, seed: int = 0
) -> list[Twin]:
    """Of the `count` twins made without looking at any gold, those on which this one fixes its answer."""
    found = _candidates(profile, gold_sql, dialect, engine, run, Wishes(), f"{seed}:", count, ())
    return [c.twin for c in found]


def _candidates(
    profile: Profile,
    gold_sql: str,
    dialect: str,
    engine: Engine,
    run: Run,
    wished: Wishes,
    stream: str,
    count: int,
    wrong: Sequence[str],
) -> Iterator[_Candidate]:
    probes: list[Probe] | None = None
    deaths: Counter[int] = Counter()
    for number in range(count):
        rows = populate(profile, wished, stream, number)
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
        yield _Candidate(Twin(text, ordered), tuple(map(repr, gold.rows)), empty, killed)


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
