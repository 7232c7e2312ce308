"""`scores.jsonl`: what became of the completions in a `samples.jsonl`, one line a question. Imports no torch.

`python -m eval.score` writes it; whoever needs verdicts of samples reads both files here.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from envs.verdict import CONTRACT
from policy.config_error import ConfigError

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Score:
    """Of one completion. `result` is a fingerprint of all rows that came back, in any order, "" where none did;
    `rewards` maps every reward to its number, None where it is unscored. The rest as in `Execution` and `Verdict`."""

    sql: str
    gate: str
    status: str
    message: str
    columns: int
    rows: int
    result: str
    correct: bool | None
    proven: bool | None
    vacuous: bool
    constant: bool
    twins: bool | None
    overlap: float | None
    ungradable: str
    reason: str
    rewards: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Scored:
    """A question's completions as they were written and what became of each, in the same order. `facts` holds the rest
    of its line of samples: policy, prompt, temperature and so on."""

    example: str
    completions: tuple[str, ...]
    scores: tuple[Score, ...]
    facts: dict[str, Any]


def fingerprint(completions: Sequence[str]) -> str:
    """Of the texts of one line of samples, by which its line of scores is known to be of them."""
    return hashlib.sha256(json.dumps(list(completions)).encode()).hexdigest()[:16]


def row(
    example: str, completions: Sequence[str], scores: Sequence[dict[str, Any]], judged: dict[str, Any]
) -> dict[str, Any]:
    """One line of scores; `judged` says how: comparison, twins."""
    told = {"schema": SCHEMA, "example": example, "of": fingerprint(completions), "contract": CONTRACT}
    return told | judged | {"scores": list(scores)}


def read(samples: Path, scores: Path) -> list[Scored]:
    """Both files together, in the order of the samples. Raises ConfigError where they are not of each other, a line is
    none, or a question was not scored."""
    found = {line["example"]: line for line in _lines(scores, "python -m eval.score writes it")}
    together: list[Scored] = []
    for line in _lines(samples, "python -m eval.generate writes it"):
        example, texts = line["example"], tuple(one["text"] for one in line["completions"])
        if example not in found:
            raise ConfigError(
                f"{scores} has no line for {example}, which {samples} has: run python -m eval.score again"
            )
        scored = found[example]
        if scored["of"] != fingerprint(texts) or len(scored["scores"]) != len(texts):
            raise ConfigError(f"{scores} was made of other completions of {example} than {samples} holds")
        if scored["contract"] != CONTRACT:
            raise ConfigError(f"{scores} was judged by contract {scored['contract']}, and this lab's is {CONTRACT}")
        judged = tuple(Score(**{field.name: one[field.name] for field in fields(Score)}) for one in scored["scores"])
        facts = {key: value for key, value in line.items() if key not in ("completions", "example")}
        facts |= {"comparison": scored["comparison"], "tried_on_twins": scored["twins"]}
        together.append(Scored(example, texts, judged, facts))
    return together


def _lines(path: Path, fix: str) -> list[dict[str, Any]]:
    if not path.is_file():
        raise ConfigError(f"there is no file at {path}; {fix}")
    found: list[dict[str, Any]] = []
    with path.open(encoding="utf-8", errors="surrogatepass") as lines:
        for number, text in enumerate(lines, 1):
            try:
                found.append(json.loads(text))
                found[-1]["example"]
            except (ValueError, KeyError, TypeError) as error:
                raise ConfigError(f"{path} line {number} is not what {fix.split()[2]} writes ({error!r})") from error
    return found
