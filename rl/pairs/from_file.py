"""Answers that somebody else had: any file of SQL beside a task's questions. Each is executed before it counts.

A row names its question by `example` (an id of the task), or by `db_id` (or `database`, `schema_id`) and `question`. It
has one answer, as `sql` (or `completion`, `pred`), or lists `chosen` and `rejected` of such, each a text or an object.
What the file says of an answer is compared with what execution says, and never believed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, cast

from envs.example import Example
from envs.named_questions import NamedQuestions
from envs.prompt import Style
from envs.rows import Row, read
from envs.sql_env import SqlEnv
from policy.config_error import ConfigError
from rl.pairs.answers import Answer, judgement
from rl.pairs.pair import Source

Claim = Literal["chosen", "rejected", "gold", ""]
SQL = ("sql", "pred", "prediction")
TEXT = ("completion", "text")
GOLDS = ("gold", "gold_sql", "query")
BATCH = 2_000
"""Answers that are executed at a time."""


@dataclass(frozen=True, slots=True)
class Given:
    """One answer of a file: to which example (None where the task has not its question), and what the file says of it.
    `question` counts the rows, for a claim is about a pair of answers in one row. "gold" is the gold beside lists.
    `truncated` where the row's `finish_reason` says so."""

    at: str
    question: int
    example: str | None
    text: str
    claim: Claim
    truncated: bool


def given(files: Sequence[Path], examples: Sequence[Example], style: Style, verbatim: bool) -> list[Given]:
    """All answers of some files. SQL is written as the prompt asks for it; `verbatim` takes the completion as it was
    where there is one. Raises ConfigError with the row where a file cannot be read, or is about other questions."""
    questions = NamedQuestions.of(examples)
    found: list[Given] = []
    try:
        rows = [row for file in files for row in read(file)]
        for number, row in enumerate(rows):
            example = questions.named(row)
            gold = row.text(*GOLDS) if "rejected" in row.values else ""
            told = _answers(row, style, verbatim) + ([(_styled(gold, style), "gold")] if gold else [])
            cut = row.values.get("finish_reason") == "length"
            found += [
                Given(row.at, number, example and example.id, text, cast(Claim, claim), cut) for text, claim in told
            ]
    except (ValueError, OSError) as error:
        raise ConfigError(str(error)) from error
    if not found:
        raise ConfigError(f"{', '.join(map(str, files))} holds no answer")
    if not any(one.example for one in found):
        one = found[0]
        raise ConfigError(
            f"{one.at}: no row is about a question of this task. A row needs `example` (an id as {examples[0].id!r}), "
            f"or `db_id` (as {examples[0].schema_id!r}) and `question` in the task's words (of this --split)"
        )
    return found


def executed(found: Sequence[Given], admitted: Sequence[Example], env: SqlEnv, source: Source) -> list[Answer | None]:
    """What became of each answer, None where its question is not among the admitted ones."""
    kept = {one.id for one in admitted}
    asked = list(dict.fromkeys((one.example, one.text) for one in found if one.example in kept))
    judged: dict[tuple[str | None, str], Answer] = {}
    for at in range(0, len(asked), BATCH):
        batch = cast(list[tuple[str, str]], asked[at : at + BATCH])
        for key, rollout in zip(batch, env.play_batch(batch), strict=True):
            verdict = rollout.verdict
            right, wrong, lucky = judgement(verdict.correct, verdict.proven, verdict.twins)
            judged[key] = Answer(key[1], rollout.sql, right, wrong, lucky, str(rollout.execution.status), source)
    answers = ((one, judged.get((one.example, one.text))) for one in found)
    return [answer and replace(answer, truncated=given.truncated) for given, answer in answers]


def _answers(row: Row, style: Style, verbatim: bool) -> list[tuple[str, str]]:
    if not {"chosen", "rejected"} & row.values.keys():
        return [(_text(row, style, verbatim), "")]
    told: list[tuple[str, str]] = []
    for claim in ("chosen", "rejected"):
        listed: Any = row.values.get(claim)
        for place, one in enumerate(listed if isinstance(listed, list) else [listed] if listed else [], 1):
            at = f"{row.at}, {claim} {place}"
            if not isinstance(one, str | dict):
                raise ValueError(f"{at} is {str(one)[:60]!r}; a text or an object with `sql` is needed")
            values = cast(dict[str, Any], one if isinstance(one, dict) else {"sql": one})
            told.append((_text(Row(at, values), style, verbatim), claim))
    return told


def _text(row: Row, style: Style, verbatim: bool) -> str:
    completion = row.text(*TEXT)
    if completion and (verbatim or not row.text(*SQL)):
        return completion
    return _styled(row.need(*SQL, *TEXT), style)


def _styled(sql: str, style: Style) -> str:
    """A query as `envs.prompt.answer` writes a gold."""
    bare = sql.strip().rstrip("; \t\r\n")
    return bare if style == "strict" else f"```sql\n{bare}\n```"
