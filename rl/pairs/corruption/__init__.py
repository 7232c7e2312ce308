"""Typed corruption of golds: the source of preferences that needs no policy.

The corruptions are those of `envs.corruption`; each is executed here, and kept only where it is wrong.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from envs.corruption import kinds
from envs.corruption.candidates import candidates, house_habits, text_of
from envs.corruption.sampled import profiles
from envs.example import Example
from envs.execution import Status
from envs.prompt import Style, answer
from envs.rollout import Rollout
from envs.sql_env import SqlEnv
from envs.tasks import Split
from rl.pairs.answers import Answer, Judged, gold_of, pair_of
from rl.pairs.corruption.balance import balanced
from rl.pairs.corruption.report import CorruptionReport, Tally
from rl.pairs.pair import Pair, Source

BATCH = 4_000
"""Corruptions that are played at once."""
REFUSED = {Status.NO_SQL, Status.REJECTED, Status.SYNTAX}
UNPROVEN = {Status.TIMEOUT, Status.MEMORY, Status.CRASH, Status.FORBIDDEN, Status.ENCODING, Status.NO_DATABASE}
"""Endings that say more of the sandbox than of the answer: given more time it might have been right."""
SOURCE: Source = "corruption"

__all__ = ["CorruptionReport", "corrupted"]


def corrupted(
    examples: Sequence[Example], env: SqlEnv, task: str, split: Split, style: Style, each: int, seed: int
) -> tuple[list[Pair], CorruptionReport]:
    """At most `each` pairs a question, in the order of the examples: the gold, and the gold with one mistake.

    `examples` were admitted by `env` (`SqlEnv.admit`). The same for the same set of examples and seed; what is made of
    an example, before kinds are balanced, follows from seed, its id and its gold, and in what its gold does not show
    from how most golds are written.
    """
    house = house_habits(examples)
    made = {
        example.id: candidates(example, profile, seed, house)
        for example, profile in zip(examples, profiles(examples, env), strict=True)
    }
    golds = _played(examples, {example.id: [text_of(example)] for example in examples}, style, env)
    played = _played(examples, {name: list(found.texts) for name, found in made.items()}, style, env)
    kept: dict[str, list[tuple[str, str]]] = {}
    tallies = {kind: Counter[str]() for kind in kinds.NAMES}
    for example in examples:
        ruled = golds[example.id, text_of(example)].verdict.correct is True
        for kind, count in made[example.id].unfit.items():
            tallies[kind]["unfit"] += count
        for text, kind in made[example.id].texts.items():
            fates = _fates(played[example.id, text]) if ruled else ["unproven"]
            tallies[kind].update(["made", *fates])
            if "kept" in fates:
                kept.setdefault(example.id, []).append((text, kind))
    lengths = {example.id: len(text_of(example)) for example in examples}
    taken = balanced(kept, lengths, each, seed)
    pairs: list[Pair] = []
    for example in examples:
        verdict = golds[example.id, text_of(example)].verdict
        how = Judged(task, split, style, verdict.mode, verdict.twins is not None)
        for text, kind in taken.get(example.id, ()):
            pairs.append(pair_of(example, gold_of(example, style), _wrong(played[example.id, text]), how, SOURCE, kind))
            size = len(pairs[-1].rejected_sql) - len(pairs[-1].chosen_sql)
            tallies[kind].update(["chosen", *(["shorter"] if size > 0 else ["longer"] if size < 0 else [])])
    barren = tuple(
        (example.id, made[example.id].reason or "every corruption of it gives its answer, or none that counts")
        for example in examples
        if example.id not in kept
    )
    return pairs, CorruptionReport(len(examples), {kind: Tally(**told) for kind, told in tallies.items()}, barren)


def _played(
    examples: Sequence[Example], texts: Mapping[str, Sequence[str]], style: Style, env: SqlEnv
) -> dict[tuple[str, str], Rollout]:
    """Each text of each example as a whole answer."""
    asked = [
        (example.id, text, answer(replace(example, gold_sql=text), style)[0]["content"])
        for example in examples
        for text in texts[example.id]
    ]
    played: dict[tuple[str, str], Rollout] = {}
    for start in range(0, len(asked), BATCH):
        batch = asked[start : start + BATCH]
        rollouts = env.play_batch([(name, completion) for name, _, completion in batch])
        played |= {(name, text): rollout for (name, text, _), rollout in zip(batch, rollouts, strict=True)}
    return played


def _fates(rollout: Rollout) -> list[str]:
    """What to count of a corruption: see `Tally`."""
    verdict, status = rollout.verdict, rollout.execution.status
    if status in REFUSED:
        return ["refused"]
    if verdict.correct:
        return ["equal", "lucky"] if verdict.twins is False else ["equal"]
    if verdict.correct is None or status in UNPROVEN:
        return ["unproven"]
    return ["kept"] if rollout.execution.ok else ["kept", "broken"]


def _wrong(rollout: Rollout) -> Answer:
    return Answer(rollout.completion, rollout.sql, False, True, False, str(rollout.execution.status), SOURCE)
