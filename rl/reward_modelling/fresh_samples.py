"""A policy's own answers and what executing them said, which the model has to agree with where it will be used."""

from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path

from envs import tasks
from envs.example import Example
from policy.config_error import ConfigError
from policy.scores import Scored, read
from rl.reward_modelling.config import RewardRun


@dataclass(frozen=True, slots=True)
class Answered:
    """A question and its samples: `right` says of each whether its result is the gold's (`Verdict.correct`), `sql` what
    it asked, "" where it held no query. Samples whose gold could not grade them are left out."""

    example: Example
    sql: tuple[str, ...]
    right: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Fresh:
    """`shared` questions are about databases that the model is trained on, and left out; `policy` wrote the rest."""

    questions: tuple[Answered, ...]
    shared: int
    policy: str
    comparison: str


def fresh(run: RewardRun, trained_on: Set[str]) -> Fresh | None:
    """None where the config names no samples. Raises ConfigError where they are of no use: of other files, of
    questions that the task has not, or all about databases that are trained on."""
    if run.samples is None or run.scores is None:
        return None
    scored = read(Path(run.samples).expanduser(), Path(run.scores).expanduser())
    if not scored:
        raise ConfigError(f"{run.samples} holds no sample")
    facts = scored[0].facts
    try:
        examples = {one.id: one for one in tasks.load(facts["task"], facts["split"], facts["task_path"])}
    except (ValueError, OSError) as error:
        raise ConfigError(f"the questions of {run.samples} cannot be loaded: {error}") from error
    if unknown := [one.example for one in scored if one.example not in examples]:
        raise ConfigError(f"{run.samples} answers {unknown[0]}, which task {facts['task']} has not ({facts['split']})")
    answered = [_answered(one, examples[one.example]) for one in scored]
    graded = [one for one in answered if one.right]
    new = [one for one in graded if one.example.schema_id not in trained_on]
    if not new:
        raise ConfigError(
            f"none of the {len(scored):,} questions of {run.samples} is about a database that is not trained on: "
            "sample another split"
        )
    return Fresh(tuple(new), len(graded) - len(new), facts["policy"], facts["comparison"])


def _answered(scored: Scored, example: Example) -> Answered:
    graded = [(score.sql, score.correct) for score in scored.scores if score.correct is not None]
    return Answered(example, tuple(sql for sql, _ in graded), tuple(bool(right) for _, right in graded))
