"""Answers that a policy wrote and evaluation judged: `samples.jsonl` and the `scores.jsonl` of it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from envs.presentation import Presentation
from envs.prompt import STYLES
from policy.config_error import ConfigError
from policy.samples import Completion
from policy.scores import Score, Scored, read
from rl.pairs.answers import Answer, Judged, judgement

ONE_RUN = ("task", "split", "prompt", "comparison", "tried_on_twins")
"""What must be the same for all samples that pairs are made of."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """Answers by example, in the order of the files; `policies` by the fingerprint of their weights."""

    answers: dict[str, tuple[Answer, ...]]
    judged: Judged
    task_path: str | None
    policies: dict[str, str]


def answers(samples: Sequence[Path], scores: Sequence[Path], named: dict[str, str | None]) -> Sampled:
    """All files together. `named` holds what was said of task, split and so on, None where nothing was.

    Raises ConfigError where a file is not of the other, where samples are of another kind than named or than the other
    files', and where a line is cut.
    """
    if len(samples) != len(scores):
        raise ConfigError(
            f"there are {len(samples)} --samples and {len(scores)} --scores; each file of samples needs its scores, in "
            "the same order. python -m eval.score makes them"
        )
    found: dict[str, list[Answer]] = {}
    facts: dict[str, Any] = {}
    policies: dict[str, str] = {}
    for file, scored in zip(samples, scores, strict=True):
        together = _read(file, scored)
        written = _written(file)
        for question in together:
            _same(facts, question, file, named)
            policies[str(question.facts.get("weights"))] = str(question.facts.get("policy"))
            completions = written[question.example]
            found.setdefault(question.example, []).extend(map(_answer, completions, question.scores))
    judged = Judged(facts["task"], facts["split"], facts["prompt"], facts["comparison"], facts["tried_on_twins"])
    if changed := Presentation.of(facts).changed():
        told = ", ".join(f"{key} {value}" for key, value in changed.items())
        raise ConfigError(
            f"the samples were asked with {told}, and a pair is asked with the whole schema as ddl and nothing beside "
            "it: make pairs of samples that were drawn without"
        )
    if judged.prompt not in STYLES:
        raise ConfigError(
            f"the samples were asked in the prompt {judged.prompt!r}, which is none of {', '.join(STYLES)}"
        )
    return Sampled({name: tuple(some) for name, some in found.items()}, judged, facts.get("task_path"), policies)


def _read(samples: Path, scores: Path) -> list[Scored]:
    try:
        found = read(samples, scores)
    except UnicodeDecodeError as error:
        raise ConfigError(f"{samples} or {scores} is not UTF-8 text ({error.reason} at byte {error.start})") from error
    except (KeyError, TypeError) as error:
        raise ConfigError(f"{scores} lacks {error} in one of its lines: run python -m eval.score again") from error
    if not found:
        raise ConfigError(f"{samples} holds no sample")
    return found


def _same(facts: dict[str, Any], question: Scored, file: Path, named: dict[str, str | None]) -> None:
    for name in (*ONE_RUN, "task_path"):
        value = question.facts.get(name)
        if name in ONE_RUN and (said := named.get(name)) is not None and said != value:
            raise ConfigError(f"{file} holds samples of the {name} {value!r}, and --{name} says {said!r}")
        if name in ONE_RUN and facts.setdefault(name, value) != value:
            raise ConfigError(
                f"{file} holds samples of the {name} {value!r}, and other samples are of {facts[name]!r}: make "
                "pairs of each by itself"
            )
        facts.setdefault(name, value)
    facts |= Presentation.of(question.facts).changed()


def _written(path: Path) -> dict[str, list[Completion]]:
    """The completions with their lengths and log-probabilities, which `policy.scores.read` does not hand on."""
    if not path.is_file():
        raise ConfigError(f"there is no file at {path}; python -m eval.generate writes it")
    found: dict[str, list[Completion]] = {}
    with path.open(encoding="utf-8", errors="surrogatepass") as lines:
        for number, text in enumerate(lines, 1):
            try:
                line = json.loads(text)
                example, completions = line["example"], [Completion(**one) for one in line["completions"]]
            except (ValueError, KeyError, TypeError) as error:
                raise ConfigError(f"{path} line {number} is no sample ({error!r})") from error
            if example in found:
                raise ConfigError(f"{path} line {number} answers {example} again: give each run's samples as a file")
            found[example] = completions
    return found


def _answer(written: Completion, score: Score) -> Answer:
    right, wrong, lucky = judgement(score.correct, score.proven, score.twins)
    return Answer(
        text=written.text,
        sql=score.sql,
        right=right,
        wrong=wrong,
        lucky=lucky,
        status=score.status,
        source="policy",
        truncated=written.truncated,
        logprob=written.logprob_sum,
    )
