"""`python -m eval.select` with several files of samples: the pool, its members, the table and the page."""

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from eval.learned import opinions
from eval.pool.comparison import against_mean, against_members, lines_of
from eval.pool.disagreement import disagreement
from eval.pool.members import Asked, Member, members_of, questions, read_members
from eval.pool.report import PoolReport, told, write
from eval.pool.weights import agreements, fitted
from eval.scoring import scores_beside
from policy.config_error import ConfigError
from policy.scores import Scored, read


def pool(given: Namespace) -> None:
    """Raises ConfigError with what cannot be pooled."""
    if given.greedy:
        raise ConfigError("--greedy goes with the samples of one policy; a pool is compared with each of its members")
    sampled = read_members(given.samples, given.scores)
    most = _most(given.n, sampled)
    output: Path = given.output or given.samples[0].parent
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"--output {output} cannot be a folder ({error.strerror}); name another") from error
    members = members_of(given.samples, sampled)
    if given.fitted_on:
        members = _weighed(members, sampled, given.fitted_on)
    model, logits = opinions(output / "learned.jsonl", given.reward_model, sampled, given.task_path)
    each = min(len(one.scores) for some in sampled for one in some)
    asked, left_out = questions(sampled, logits, each)
    if not asked:
        raise ConfigError(f"none of the {len(sampled[0]):,} questions can be graded, so there is nothing to compare")
    shares = agreements(asked)
    members = [replace(one, agreement=share) for one, share in zip(members, shares, strict=True)]
    asked = _with_weights(asked, members)
    lines = lines_of(asked, most, model is not None, bool(given.fitted_on), given.seed)
    report = PoolReport(
        members=members,
        comparison=sampled[0][0].facts["comparison"],
        reward_model=model,
        fitted_on=[str(path) for path in given.fitted_on or ()],
        left_out=left_out,
        questions=len(asked),
        samples_each=each,
        most=most,
        seed=given.seed,
        lines=lines,
        against=against_members(lines, most),
        against_mean=against_mean(lines, most),
        disagreement=disagreement(asked),
    )
    try:
        write(output, report)
    except OSError as error:
        raise ConfigError(f"{output} cannot be written ({error.strerror}); the table is\n{told(report)}") from error
    print(told(report))
    print(f"\n{output}/pool.md, pool.json and pool.svg hold this")


def _most(n: int | None, sampled: Sequence[Sequence[Scored]]) -> int:
    """The largest n: every member gives one at least, and none of them needs more alone than it has."""
    fewest, poorest = min((len(one.scores), one.example) for some in sampled for one in some)
    most = fewest if n is None else n
    if fewest < len(sampled):
        raise ConfigError(
            f"{len(sampled)} members are pooled, and {poorest} has {fewest} completions in one of the files; at least "
            f"{len(sampled)} are needed: a pool of n is compared with n of each member alone"
        )
    if not len(sampled) <= most <= fewest:
        raise ConfigError(
            f"--n is {most}; it must be between {len(sampled)}, one of each member, and {fewest}, the completions that "
            "each member has of each question"
        )
    return most


def _weighed(members: Sequence[Member], sampled: Sequence[Sequence[Scored]], files: Sequence[Path]) -> list[Member]:
    others = [read(path, scores_beside(path)) for path in files]
    for path, some in zip(files, others, strict=True):
        if not some:
            raise ConfigError(f"--fitted_on {path} holds no samples")
    found = fitted([one.name for one in members], sampled, others)
    return [replace(one, weight=weight) for one, weight in zip(members, found, strict=True)]


def _with_weights(asked: Sequence[Asked], members: Sequence[Member]) -> list[Asked]:
    return [
        Asked(
            one.example,
            tuple(
                tuple(replace(answer, weight=member.weight, agreement=member.agreement) for answer in some)
                for member, some in zip(members, one.answers, strict=True)
            ),
        )
        for one in asked
    ]
