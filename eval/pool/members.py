"""The members of a pool: files of samples that answer the same questions and were judged alike."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eval.candidates import Answer
from eval.learned import Logits
from eval.pool.names import names
from eval.scoring import scores_beside
from eval.selection_questions import answer_of, one_policy
from policy.config_error import ConfigError
from policy.scores import Scored, fingerprint, read

ALIKE = ("task", "split", "comparison", "tried_on_twins")
"""What the members of a pool must agree on. Policy, prompt, schema style, temperature and seed are theirs."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that can be graded, and the answers of each member to it, in their order."""

    example: str
    answers: tuple[tuple[Answer, ...], ...]


@dataclass(frozen=True, slots=True)
class Member:
    """`weight` is how often its votes were right on other questions, `agreement` how often they are those of the other
    members; None where nobody knows."""

    name: str
    samples: str
    facts: dict[str, Any]
    weight: float | None
    agreement: float | None


def read_members(samples: Sequence[Path], scores: Sequence[Path] | None) -> list[list[Scored]]:
    """Every file's questions, in the order of the first file's. Raises ConfigError with what cannot be pooled."""
    if scores and len(scores) != len(samples):
        raise ConfigError(f"--scores names {len(scores)} files and --samples {len(samples)}: name one each, or none")
    found: list[list[Scored]] = []
    for path, judged in zip(samples, scores or map(scores_beside, samples), strict=True):
        some = read(path, judged)
        if not some:
            raise ConfigError(f"{path} holds no samples")
        one_policy(path, some)
        found.append(_as_first(path, some, samples[0], found[0] if found else some))
    seen: dict[str, Path] = {}
    for path, some in zip(samples, found, strict=True):
        texts = fingerprint([fingerprint(one.completions) for one in some])
        if texts in seen:
            raise ConfigError(
                f"{path} holds the same completions as {seen[texts]}, so their votes would count twice; name each once"
            )
        seen[texts] = path
    return found


def members_of(samples: Sequence[Path], sampled: Sequence[Sequence[Scored]]) -> list[Member]:
    """Without weights and agreements."""
    facts = [dict(some[0].facts) for some in sampled]
    called = names(facts)
    return [Member(*one, None, None) for one in zip(called, map(str, samples), facts, strict=True)]


def questions(
    sampled: Sequence[Sequence[Scored]], logits: Sequence[Logits], each: int
) -> tuple[list[Asked], dict[str, str]]:
    """Those that count, the first `each` answers of every member, and why the others (by id) are left out: one answer
    that nobody can score is enough."""
    found: list[Asked] = []
    left_out: dict[str, str] = {}
    for together in zip(*sampled, strict=True):
        example = together[0].example
        if unscored := [score for one in together for score in one.scores if score.correct is None]:
            left_out[example] = unscored[0].ungradable or unscored[0].message or "unscored"
            continue
        answers: list[tuple[Answer, ...]] = []
        for member, one in enumerate(together):
            learned = logits[member].get(example, (None,) * len(one.scores))
            some = [answer_of(one, place, learned[place]) for place in range(each)]
            answers.append(tuple(replace(answer, member=member) for answer in some))
        found.append(Asked(example, tuple(answers)))
    return found, left_out


def _as_first(path: Path, some: Sequence[Scored], before: Path, first: Sequence[Scored]) -> list[Scored]:
    for key in ALIKE:
        ours, theirs = first[0].facts.get(key), some[0].facts.get(key)
        if ours != theirs:
            raise ConfigError(
                f"{key} is {ours!r} in {before} and {theirs!r} in {path}: a pool answers the same questions, and "
                "is judged alike"
            )
    known = {one.example: one for one in some}
    if apart := sorted(known.keys() ^ {one.example for one in first}):
        raise ConfigError(
            f"{before} answers {len(first):,} questions and {path} {len(some):,}, and {len(apart):,} of them are not "
            f"in both ({apart[0]} for one): a pool answers the same questions"
        )
    return [known[one.example] for one in first]
