"""A question, a wrong query and what the database said of it -> the gold: the repair round of `serve` and the second
turn of `policy.turns`, in their words.

Wrong are what a policy wrote, where the run has its samples (`repair_samples`), else the gold with one typed mistake
(`envs.corruption`). Each is executed, and taught only where the sandbox shows that it is wrong. Of an example's
corruptions one that does not run is taken as often as one that runs, where it has both.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from random import Random

from envs.completion import find_sql
from envs.corruption.candidates import candidates, house_habits
from envs.corruption.sampled import profiles
from envs.example import Example
from envs.execution import Status
from envs.observation import NO_QUERY, TOLD, observe
from envs.prompt import answer, messages
from envs.rollout import Rollout
from sft.lesson import Given, Lesson

BATCH = 256
"""Questions whose wrong queries are executed at once."""
UNPROVEN = {Status.TIMEOUT, Status.MEMORY, Status.CRASH, Status.FORBIDDEN, Status.ENCODING, Status.NO_DATABASE}
"""Endings that say more of the sandbox than of the answer."""


def repair(examples: Sequence[Example], given: Given) -> Iterator[Lesson]:
    ordered = sorted(examples, key=lambda example: not given.mistakes.get(example.id))  # real mistakes first
    for start in range(0, len(ordered), BATCH):
        some = ordered[start : start + BATCH]
        written = _wrong(given, {example.id: list(given.mistakes.get(example.id, ())) for example in some})
        others = [example for example in some if not written[example.id]]
        made = _wrong(given, _corrupted(others, given))
        for example in some:
            found = written[example.id] or made[example.id]
            if not found:
                continue
            rollout, told = _chosen(found, given, example.id)
            source = "policy" if written[example.id] else "corruption"
            gold = answer(example, given.style)[0]["content"]
            turns = ((rollout.completion.strip(), told),)
            yield Lesson(example.id, tuple(messages(example, given.style)), gold, turns, source)


def told_of(rollout: Rollout) -> str | None:
    """What a policy reads after this query, None where nothing may be told."""
    if not rollout.sql:
        return NO_QUERY
    return observe(rollout.execution, rollout.example.database.engine, TOLD)


def _corrupted(examples: Sequence[Example], given: Given) -> dict[str, list[str]]:
    """One corruption of each kind that applies, as whole answers."""
    house = house_habits(examples)
    found: dict[str, list[str]] = {}
    for example, profile in zip(examples, profiles(examples, given.env), strict=True):
        texts = candidates(example, profile, given.seed, house, most=1).texts
        found[example.id] = [answer(replace(example, gold_sql=one), given.style)[0]["content"] for one in texts]
    return found


def _wrong(given: Given, answers: Mapping[str, Sequence[str]]) -> dict[str, list[tuple[Rollout, str]]]:
    """Of these answers by question those that are wrong for sure, each query once, and what is read after each."""
    asked = [(name, text) for name, texts in answers.items() for text in {find_sql(t): t for t in texts}.values()]
    found: dict[str, list[tuple[Rollout, str]]] = {name: [] for name in answers}
    for (name, _), rollout in zip(asked, given.env.play_batch(asked), strict=True):
        told = told_of(rollout)
        certain = rollout.verdict.correct is False and rollout.execution.status not in UNPROVEN
        if certain and told is not None:
            found[name].append((rollout, told))
    return found


def _chosen(found: Sequence[tuple[Rollout, str]], given: Given, name: str) -> tuple[Rollout, str]:
    """By seed and id alone; another one each time around, as long as there are others."""
    rng = Random(f"{given.seed}:repair:{name}")
    sides = [[one for one in found if one[0].execution.ok is ran] for ran in (False, True)]
    rng.shuffle(sides)
    for side in sides:
        rng.shuffle(side)
    turn_about = [one for at in range(len(found)) for side in sides for one in side[at : at + 1]]
    return turn_about[given.around % len(turn_about)]
