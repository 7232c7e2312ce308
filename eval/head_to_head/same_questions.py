"""Only what was asked alike can be compared: refusals, and the questions that nobody can be scored on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eval.head_to_head.policies import Policy, Run
from policy.config_error import ConfigError

FIXES = {
    "contract": "score them anew with this version of the lab",
    "comparison": "score both with the same --comparison",
    "prompt": "answer both with the same prompt",
}


@dataclass(frozen=True, slots=True)
class Matched:
    """`questions` are those that count, in the order of the first run, and `right` holds 0 and 1 of each policy, shape
    (seeds, questions). `unscored` maps every other question to the reason."""

    questions: tuple[str, ...]
    right: dict[str, np.ndarray]
    unscored: dict[str, str]


def matched(policies: Sequence[Policy]) -> Matched:
    """Raises ConfigError where runs answered other questions or in another way, or no question is scored in all."""
    runs = [(policy.name, run) for policy in policies for run in policy.runs]
    first = runs[0][1]
    for _, run in runs[1:]:
        _same(first, run)
    unscored: dict[str, str] = {}
    for example in first.answers:
        for name, run in runs:
            if (answer := run.answers[example]).correct is None:
                unscored.setdefault(example, f"{answer.unscored} ({name})")
    questions = tuple(example for example in first.answers if example not in unscored)
    if not questions:
        raise ConfigError(f"none of the {len(first.answers):,} questions is scored in all runs: nothing to compare")
    right = {
        policy.name: np.array([[int(bool(run.answers[q].correct)) for q in questions] for run in policy.runs])
        for policy in policies
    }
    return Matched(questions, right, unscored)


def _same(first: Run, run: Run) -> None:
    for key, value in first.conditions.items():
        if (other := run.conditions[key]) != value:
            fix = FIXES.get(key, "compare runs of the same")
            raise ConfigError(f"{key} is {value!r} in {first.path} and {other!r} in {run.path}: {fix}")
    if first.answers.keys() != run.answers.keys():
        only = sorted(first.answers.keys() ^ run.answers.keys())
        raise ConfigError(
            f"{first.path} answers {len(first.answers):,} questions and {run.path} {len(run.answers):,}, and "
            f"{len(only):,} of them are not in both ({only[0]} for one): both must answer the same questions"
        )
    for example, asked in first.asked.items():
        other = run.asked.get(example)
        if other and (other.question, other.gold) != (asked.question, asked.gold):
            raise ConfigError(
                f"{example} has another question or gold in {run.path} than in {first.path}: the task has changed "
                "between the two runs; answer it again"
            )
