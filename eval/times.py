"""`efficiency.jsonl`: how long right answers and their golds took, a line a question, beside the scores.

Times are measured and never the same twice, so that they are kept apart from scores, which are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from envs.verdict import CONTRACT
from eval.ves import ratio
from policy.config_error import ConfigError
from policy.sample_lines import OTHER, cut, lines, whole_lines
from policy.scores import Score, Scored, append, fingerprint

SCHEMA = 1
UNTIMED = "nobody timed it (python -m eval.efficiency)"
HOW = "python -m eval.efficiency writes it"


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of an answer and of its gold, in turns, as many of each."""

    answer: tuple[float, ...]
    gold: tuple[float, ...]


Timed = Times | str | None
"""None where the answer was not to be timed; text says why it could not be."""


def times_beside(samples: Path) -> Path:
    """`samples.jsonl` -> `efficiency.jsonl`, `samples_dev.jsonl` -> `efficiency_dev.jsonl`, in the same folder."""
    name = samples.name
    return samples.with_name(
        name.replace("samples", "efficiency") if "samples" in name else f"{samples.stem}_efficiency{samples.suffix}"
    )


def worth_timing(score: Score) -> bool:
    """Right as BIRD says, which asks for the same set of rows."""
    return score.modes.get("bird") is True


def said(score: Score, timed: Timed) -> float | str:
    """The gold's time by the answer's; 0.0 where the answer is wrong; or why nobody knows. Of a question that was
    timed."""
    if score.modes.get("bird") is None:
        return "the gold writes or does not run"
    if not score.modes["bird"]:
        return 0.0
    return (timed or UNTIMED) if isinstance(timed, str | None) else ratio(timed.answer, timed.gold)


def write(path: Path, one: Scored, repeats: int, timed: Sequence[Timed]) -> None:
    """Append a question. Raises OSError."""
    told = [{"answer": each.answer, "gold": each.gold} if isinstance(each, Times) else each for each in timed]
    head = {"schema": SCHEMA, "example": one.example, "of": fingerprint(one.completions), "contract": CONTRACT}
    append(path, head | {"repeats": repeats, "times": told})


def read(
    path: Path, scored: Sequence[Scored], repeats: int | None = None, resume: bool = False
) -> dict[str, list[Timed]]:
    """What is known of each question; {} where the file is not there. With `resume`, a last line that was cut is taken
    off it. Raises ConfigError where it is of other completions, or its answers ran another number of times."""
    if not path.is_file():
        return {}
    of = {one.example: fingerprint(one.completions) for one in scored}
    found: dict[str, list[Timed]] = {}
    whole = whole_lines(path, SCHEMA, "times")
    for number, line in enumerate(lines(path, HOW, whole), 1):
        example = line["example"]
        if line.get("of") != of.get(example) or line.get("contract") != CONTRACT:
            raise ConfigError(f"{path} line {number} is not of the completions of {example} in these samples: {OTHER}")
        if repeats is not None and line.get("repeats") != repeats:
            raise ConfigError(f"{path} was timed with --repeats {line.get('repeats')}, and this is {repeats}: {OTHER}")
        try:
            found[example] = [_timed(one) for one in line["times"]]
        except (KeyError, TypeError) as error:
            raise ConfigError(f"{path} line {number} holds no times ({error!r}): {OTHER}") from error
    if resume:
        cut(path, whole)
    return found


def ratios_of(scored: Sequence[Scored], found: Mapping[str, Sequence[Timed]]) -> dict[str, list[float | str]]:
    """`said` of every completion, by question."""
    return {
        one.example: [
            said(score, timed) if one.example in found else UNTIMED
            for score, timed in zip(one.scores, found.get(one.example) or [None] * len(one.scores), strict=True)
        ]
        for one in scored
    }


def _timed(one: Any) -> Timed:
    if one is None or isinstance(one, str):
        return one
    return Times(tuple(map(float, one["answer"])), tuple(map(float, one["gold"])))
