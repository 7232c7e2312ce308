"""Score predictions from a script or a notebook, without a file.

    from eval.api import score
    result = score({"questions-1": "SELECT count(*) FROM singer"}, task="spider", task_path="data/spider")
    print(result.table())
    print(result.accuracy, result.wrong()[0])

Predictions are a mapping from the task's ids, or a list in the order of its questions; each is a completion, or
several.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from envs import tasks
from envs.example import Example
from envs.tasks import Split
from envs.verdict import Mode
from eval.score_table import table
from eval.scoring import Asked, keys, questions, scored
from eval.suite import Suite
from policy.config_error import ConfigError
from policy.questions import environment
from policy.scores import Score, Scored
from policy.task_fields import TaskFields, task_can_be_asked
from rewards.paired import Interval, accuracy

Predictions = Mapping[str, str | Sequence[str]] | Sequence[str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class Result:
    """`scored` has every question in the task's order; `ungradable` says why some cannot grade an answer."""

    examples: tuple[Example, ...]
    scored: tuple[Scored, ...]
    ungradable: Mapping[str, str]

    @property
    def accuracy(self) -> Interval:
        """Of the comparison that was asked for, with its 95% interval; of several completions their mean counts."""
        return accuracy([_mean(one.scores) for one in self.scored])

    def wrong(self) -> list[tuple[Example, Score]]:
        """Every wrong answer beside its question."""
        pairs = [
            (example, score) for example, one in zip(self.examples, self.scored, strict=True) for score in one.scores
        ]
        return [(example, score) for example, score in pairs if score.correct is False]

    def table(self) -> str:
        """Accuracy by every comparison, in Markdown."""
        return table({"predictions": self.scored})


def score(
    predictions: Predictions,
    task: str,
    task_path: str | None = None,
    split: Split = "test",
    comparison: Mode = "strict",
    twins: bool = False,
    suite: str | None = None,
    workers: int = 2,
) -> Result:
    """Execute and judge them. Questions without a prediction are left out: to count one as wrong, answer it with "".
    Raises ConfigError where the task cannot be loaded, or predictions are for other questions than it has."""
    fields = TaskFields(task=task, task_path=task_path, comparison=comparison, twins=twins, sandbox_workers=workers)
    if why := task_can_be_asked(fields):
        raise ConfigError(why)
    asked = _asked(predictions, fields, split)
    examples = questions(fields, split, [name for name, _ in asked])
    with ExitStack() as opened:
        on_all = opened.enter_context(Suite(Path(suite), examples, workers)) if suite else None
        env = opened.enter_context(environment(fields, examples, fingerprints=True))
        why_not = dict(env.admit().quarantined)
        if on_all:
            on_all.learn(keys(asked))
        found = [
            Scored(name, texts, tuple(scores), {"comparison": comparison, "tried_on_twins": twins})
            for (name, texts), scores in zip(asked, scored(env, asked, 0, why_not, on_all), strict=True)
        ]
    return Result(tuple(examples), tuple(found), why_not)


def _asked(predictions: Predictions, fields: TaskFields, split: Split) -> list[Asked]:
    if isinstance(predictions, Mapping):
        named = dict(predictions)
    else:
        try:
            ids = [example.id for example in tasks.load(fields.task, split, fields.task_path)]
        except (ValueError, OSError) as error:
            raise ConfigError(f"task {fields.task} cannot be loaded: {error}") from error
        if len(ids) != len(predictions):
            raise ConfigError(
                f"{len(predictions):,} predictions are given, and the {split} split of {fields.task} has {len(ids):,} "
                "questions; give a mapping from id to prediction for some of them"
            )
        named = dict(zip(ids, predictions, strict=True))
    if not named:
        raise ConfigError("no prediction is given")
    return [(name, (text,) if isinstance(text, str) else tuple(text)) for name, text in named.items()]


def _mean(scores: Sequence[Score]) -> float | None:
    known = [score.correct for score in scores if score.correct is not None]
    return sum(known) / len(known) if known else None
