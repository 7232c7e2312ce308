"""Files of samples with their scores and times, as questions with their answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from envs.example import Example
from eval.latency.record import Waits
from eval.latency.record import beside as waits_beside
from eval.latency.record import read as read_waits
from eval.measure.question import Answer, Question, Said
from eval.scoring import questions as examples_of
from eval.scoring import scores_beside
from eval.times import ratios_of, times_beside
from eval.times import read as read_times
from policy.config_error import ConfigError
from policy.scores import Scored, read
from policy.task_fields import TaskFields

SAME = ("task", "task_path", "split", "comparison")


@dataclass(frozen=True, slots=True)
class File:
    """`ratios` has for each question what `eval.times.said` says of its completions; `waits` is what `eval.latency`
    measured of these weights, None where it did not."""

    samples: Path
    scored: Sequence[Scored]
    ratios: Mapping[str, Sequence[Said]]
    waits: Waits | None

    @property
    def facts(self) -> dict[str, object]:
        return dict(self.scored[0].facts)


def files(samples: Sequence[Path], scores: Sequence[Path] | None) -> dict[str, File]:
    """By a name that is short and of one file only. Raises ConfigError where they are not of one task, or not scored
    by one comparison."""
    if scores and len(scores) != len(samples):
        raise ConfigError(f"--scores names {len(scores)} files, and --samples {len(samples)}: one is needed for each")
    found: list[File] = []
    for place, path in enumerate(samples):
        scored = read(path, scores[place] if scores else scores_beside(path))
        if not scored:
            raise ConfigError(f"{path} holds no samples")
        waits = read_waits(waits_beside(path))
        known = waits if waits and waits.weights == scored[0].facts.get("weights") else None
        found.append(File(path, scored, ratios_of(scored, read_times(times_beside(path), scored)), known))
    first = found[0].facts
    for one in found:
        for key in SAME:
            if one.facts[key] != first[key]:
                raise ConfigError(
                    f"{one.samples}: {key} is {one.facts[key]!r}, and {first[key]!r} in {found[0].samples}: one table "
                    "needs one task and one comparison"
                )
    return dict(zip(_names(found), found, strict=True))


def examples(found: Mapping[str, File], task_path: str | None) -> dict[str, Example]:
    """Every question that any file answers, by id. Raises ConfigError where the task has not all of them."""
    facts = next(iter(found.values())).facts
    fields = TaskFields(task=str(facts["task"]), task_path=task_path or facts["task_path"])  # pyright: ignore
    asked = list(dict.fromkeys(one.example for file in found.values() for one in file.scored))
    return {one.id: one for one in examples_of(fields, str(facts["split"]), asked)}


def questions(
    file: File, examples: Mapping[str, Example], texts: Mapping[tuple[str, str], Mapping[str, Said]]
) -> list[Question]:
    return [
        Question(
            examples[one.example],
            tuple(
                Answer(
                    text,
                    score,
                    tokens,
                    ratio,
                    truncated,
                    bool(one.facts["tried_on_twins"]),
                    texts.get((one.example, score.sql), {}),
                )
                for text, score, tokens, ratio, truncated in zip(
                    one.completions, one.scores, one.tokens, file.ratios[one.example], one.cut, strict=True
                )
            ),
        )
        for one in file.scored
    ]


def _names(found: Sequence[File]) -> list[str]:
    """The policy, where it is another in each file; else the path."""
    policies = [str(one.facts.get("policy", "")) for one in found]
    short = [policy.rstrip("/").rpartition("/")[2] for policy in policies]
    for names in (short, policies):
        if all(names) and len(set(names)) == len(names):
            return names
    return [str(one.samples) for one in found]
