"""The questions of a selection: samples, greedy answers and a reward model's logits together, the ungradable out."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from envs.presentation import Presentation
from eval.candidates import Answer
from eval.learned import Logits
from eval.selection import Question
from policy.config_error import ConfigError
from policy.scores import Score, Scored


def questions(
    sampled: Sequence[Scored], greedy: Mapping[str, Scored] | None, logits: Logits
) -> tuple[list[Question], dict[str, str]]:
    """Those that count, and why the others (by id) are left out of every denominator alike: one answer that nobody can
    score is enough. Raises ConfigError where a greedy answer is missing, or samples were scored without `result`."""
    found: list[Question] = []
    left_out: dict[str, str] = {}
    for one in sampled:
        if greedy is not None and one.example not in greedy:
            raise ConfigError(f"--greedy has no answer to {one.example}: both files must answer the same questions")
        plain = greedy[one.example] if greedy else None
        scores = [*one.scores, *(plain.scores[:1] if plain else ())]
        if unscored := [score for score in scores if score.correct is None]:
            left_out[one.example] = unscored[0].ungradable or unscored[0].message or "unscored"
            continue
        learned = logits.get(one.example, (None,) * len(one.scores))
        answers = [answer_of(one, place, learned[place]) for place in range(len(one.scores))]
        found.append(Question(one.example, tuple(answers), answer_of(plain, 0, None) if plain else None))
    return found, left_out


ONE = ("weights", "task", "split", "prompt", "comparison", "tried_on_twins")
"""What all answers that are compared must agree on, beside what was shown with the question."""


def one_policy(path: Path, sampled: Sequence[Scored]) -> None:
    """Raises ConfigError where samples are of several policies, tasks, temperatures or judgings."""
    for key in (*ONE, "temperature"):
        if other := [one for one in sampled if one.facts.get(key) != sampled[0].facts.get(key)]:
            ours, theirs = sampled[0].facts.get(key), other[0].facts.get(key)
            raise ConfigError(f"{path}: {key} is {ours!r}, and {theirs!r} for {other[0].example}: split the file")
    if not isinstance(temperature := sampled[0].facts.get("temperature"), int | float):
        raise ConfigError(f"{path}: its temperature is {temperature!r}, and a number is needed")


def same_policy(path: Path, greedy: Sequence[Scored], sampled: Sequence[Scored]) -> None:
    """Raises ConfigError where greedy answers are none, or not of the samples' policy, question and judging."""
    if not greedy or any(not one.scores for one in greedy):
        raise ConfigError(f"--greedy {path} lacks an answer; python -m eval.generate writes one a question")
    one_policy(path, greedy)
    for key in ONE:
        ours, theirs = sampled[0].facts.get(key), greedy[0].facts.get(key)
        if ours != theirs:
            raise ConfigError(f"--greedy {path}: its {key} is {theirs!r}, and that of the samples {ours!r}")
    ours, theirs = (Presentation.of(each[0].facts).changed() for each in (sampled, greedy))
    if ours != theirs:
        raise ConfigError(
            f"--greedy {path} was shown {theirs or 'nothing more'}, and the samples {ours or 'nothing more'}"
        )
    if temperature := greedy[0].facts.get("temperature"):
        raise ConfigError(f"--greedy {path} was sampled at temperature {temperature}; greedy answers have 0")


def answer_of(one: Scored, place: int, learned: float | None) -> Answer:
    """Raises ConfigError where it was scored by a lab that did not name results."""
    score = one.scores[place]
    if _ran(score) and not score.result:
        raise ConfigError(f"the scores of {one.example} do not name results: run python -m eval.score anew")
    return Answer(score.sql, score.result, one.logprobs[place], one.tokens[place], learned, bool(score.correct))


def _ran(score: Score) -> bool:
    return score.status == "ok" and score.columns > 0
