"""`scores.jsonl`: what became of the completions in a `samples.jsonl`, one line a question. Imports no torch.

`python -m eval.score` writes it; whoever needs verdicts of samples reads both files here.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, get_args

import rewards
from envs.rollout import Rollout
from envs.verdict import CONTRACT, Mode
from policy.config_error import ConfigError
from policy.fields import check, fields_of
from policy.sample_lines import OTHER, cut, lines, told, whole_lines
from policy.samples import SCHEMA as SAMPLES

SCHEMA = 3
"""2 had neither `soft_f1` nor `as_lists`."""


@dataclass(frozen=True, slots=True)
class Score:
    """Of one completion. `result` is a fingerprint of all rows that came back, in any order, "" where none did;
    `rewards` maps every reward to its number, None where it is unscored, `modes` every comparison to its verdict;
    `suite` is the verdict on a suite of databases, None where none was asked. The rest as in `Execution` and `Verdict`.
    """

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
    modes: dict[str, bool | None] = field(default_factory=dict[str, bool | None])
    suite: bool | None = None
    soft_f1: float | None = None
    as_lists: bool | None = None

    @classmethod
    def of(cls, rollout: Rollout, ungradable: str = "", suite: bool | None = None) -> Self:
        """What the sandbox said, and whether the query is right on a whole suite of databases. `ungradable` says why
        the question cannot grade anybody: all is unscored then but what the official evaluators say all the same."""
        execution, verdict = rollout.execution, rollout.verdict
        return cls(
            sql=rollout.sql,
            gate=rollout.gate,
            status=execution.status.value,
            message=execution.message,
            columns=execution.columns,
            rows=execution.rows,
            result=execution.fingerprint,
            correct=None if ungradable else verdict.correct,
            proven=None if ungradable else verdict.proven,
            vacuous=verdict.vacuous,
            constant=verdict.constant,
            twins=None if ungradable else verdict.twins,
            overlap=None if ungradable else verdict.overlap,
            ungradable=ungradable or verdict.ungradable,
            reason=verdict.reason,
            rewards={name: None if ungradable else rewards.score_if_any(name, rollout) for name in rewards.NAMES},
            modes={
                "strict": None if ungradable else verdict.strict,
                "spider": verdict.spider,
                "bird": verdict.bird,
                "lenient": None if ungradable else verdict.lenient,
                "state": None if ungradable else verdict.state,
            },
            suite=suite,
            soft_f1=verdict.soft_f1,
            as_lists=verdict.as_lists,
        )


@dataclass(frozen=True, slots=True)
class Scored:
    """A question's completions as they were written and what became of each, in the same order. `facts` holds the rest
    of its line of samples: policy, prompt, temperature and so on. `logprobs` in nats and `tokens` are those of whole
    completions, None where nobody knows them; `cut` says which ended at the longest that was asked for."""

    example: str
    completions: tuple[str, ...]
    scores: tuple[Score, ...]
    facts: dict[str, Any]
    logprobs: tuple[float | None, ...] = ()
    tokens: tuple[int | None, ...] = ()
    cut: tuple[bool, ...] = ()


def fingerprint(completions: Sequence[str]) -> str:
    """Of the texts of one line of samples, by which its line of scores is known to be of them."""
    return hashlib.sha256(json.dumps(list(completions)).encode()).hexdigest()[:16]


def row(
    example: str, completions: Sequence[str], scores: Sequence[dict[str, Any]], judged: dict[str, Any]
) -> dict[str, Any]:
    """One line of scores; `judged` says how: comparison, twins."""
    told = {"schema": SCHEMA, "example": example, "of": fingerprint(completions), "contract": CONTRACT}
    return told | judged | {"scores": list(scores)}


def read(samples: Path, scores: Path, growing: bool = False) -> list[Scored]:
    """Both files together, in the order of the samples; with `growing`, a last line that is still being written is left
    out. Raises ConfigError where they are not of each other, a line is none, or a question was not scored or was
    answered twice."""
    try:
        return _together(samples, scores, growing)
    except (KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"a line of {samples} or {scores} lacks something, or is of another kind ({error!r})"
        ) from error


def _together(samples: Path, scores: Path, growing: bool) -> list[Scored]:
    found = {line["example"]: line for line in lines(scores, "python -m eval.score writes it")}
    together: list[Scored] = []
    asked: set[str] = set()
    most = whole_lines(samples, SAMPLES, "samples") if growing else None
    for number, line in enumerate(lines(samples, "python -m eval.generate writes it", most), 1):
        told(samples, line)
        example, texts = line["example"], tuple(one["text"] for one in line["completions"])
        if example in asked:
            raise ConfigError(f"{samples} line {number} answers {example} again: split the file")
        asked.add(example)
        if example not in found:
            raise ConfigError(
                f"{scores} has no line for {example}, which {samples} has: run python -m eval.score again"
            )
        scored = found[example]
        if scored["of"] != fingerprint(texts) or len(scored["scores"]) != len(texts):
            raise ConfigError(f"{scores} was made of other completions of {example} than {samples} holds")
        if scored["schema"] != SCHEMA:
            raise ConfigError(
                f"{scores} is of another version of this lab (schema {scored['schema']}, and this is {SCHEMA}): delete "
                "it, and run python -m eval.score again"
            )
        if scored["comparison"] not in get_args(Mode) or type(scored["twins"]) is not bool:
            raise ConfigError(f"{scores} has scores of {example} of another kind: run python -m eval.score again")
        if scored["contract"] != CONTRACT:
            raise ConfigError(f"{scores} was judged by contract {scored['contract']}, and this lab's is {CONTRACT}")
        judged = tuple(_score(one, f"{scores}, of {example}") for one in scored["scores"])
        facts = {key: value for key, value in line.items() if key not in ("completions", "example")}
        facts |= {"comparison": scored["comparison"], "tried_on_twins": scored["twins"]}
        logprobs = tuple(one["logprob_sum"] for one in line["completions"])
        tokens = tuple(one["tokens"] for one in line["completions"])
        truncated = tuple(bool(one.get("truncated")) for one in line["completions"])
        together.append(Scored(example, texts, judged, facts, logprobs, tokens, truncated))
    return together


def _score(one: dict[str, Any], where: str) -> Score:
    return Score(**{name: check(known, one[name], where) for name, known in fields_of(Score).items()})


def append(path: Path, line: dict[str, Any]) -> None:
    """Add one line (`row`), whole or with an OSError; lone surrogates in what a model wrote go through."""
    with path.open("ab") as file:
        file.write((json.dumps(line, ensure_ascii=False) + "\n").encode("utf-8", "surrogatepass"))


def finished(path: Path, asked: Sequence[tuple[str, Sequence[str]]], judged: dict[str, Any]) -> int:
    """How many of these (example, completions) the file holds, from the first on; a last line that was cut is taken off
    it. Raises ConfigError where it is of other samples, or was judged in another way (`judged` as in `row`)."""
    if not path.is_file():
        return 0
    whole = whole_lines(path, SCHEMA, "scores")
    found = lines(path, "python -m eval.score writes it", whole)
    if len(found) > len(asked):
        raise ConfigError(f"{path} has {len(found):,} lines and the samples {len(asked):,}: {OTHER}")
    for number, (line, (example, completions)) in enumerate(zip(found, asked, strict=False), 1):
        if (line["example"], line.get("of")) != (example, fingerprint(completions)):
            raise ConfigError(f"{path} line {number} is not of the completions of {example} in these samples: {OTHER}")
        wanted = {"schema": SCHEMA, "contract": CONTRACT} | judged
        if other := [key for key in wanted if line.get(key) != wanted[key]]:
            told = "; ".join(f"{key} was {line.get(key)!r} and is now {wanted[key]!r}" for key in other)
            raise ConfigError(f"{path} holds scores of another kind: {told}. {OTHER.capitalize()}")
        if any(set(score["rewards"]) != set(rewards.NAMES) for score in line["scores"]):
            raise ConfigError(f"{path} line {number} has not the rewards that rewards/ has now: {OTHER}")
    cut(path, whole)
    return len(found)
