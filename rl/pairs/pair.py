"""One preference, and the file of them: `pairs.jsonl`, a line a pair. Imports no torch.

A line holds what a prompt is made of, so that training needs neither the task nor its databases; what was verified, and
by which contract; and where the pair comes from. Whatever writes preferences writes these lines, whatever trains on
them reads them here, and here is refused what must not be trained on.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args

from envs.completion import find_sql
from envs.example import Database, Engine, Example
from envs.lexical import unstyled
from envs.prompt import DIALECTS, STYLES, Style
from envs.verdict import CONTRACT, Mode
from policy.config_error import ConfigError
from policy.fields import check, fields_of

SCHEMA = 1
"""Of the lines, written into each as `pairs`."""

Source = Literal["policy", "corruption", "endpoint", "file"]
"""Who wrote the rejected answer: samples of a policy, this lab's typed corruption, a model behind an endpoint, or
answers that somebody else had."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What executing both answers said: `chosen` is proven right, `rejected` is wrong, under a `comparison` of a
    version (`contract`) of the rules. `twins`: right answers were tried on twins of the database too."""

    contract: int
    comparison: Mode
    twins: bool
    chosen: bool
    rejected: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """`chosen` and `rejected` are whole completions as a policy asked in the style `prompt` would write them,
    `chosen_sql` and `rejected_sql` the queries in them.

    `error` says how the rejected one is wrong: how it ended (`envs.execution.Status`), or in what it differs where it
    ran. `kind` is the corruption that made it, "" where it was not made. `chosen_source` is "gold" or as `source`.
    """

    example: str
    task: str
    split: str
    question: str
    evidence: str
    schema: str
    schema_id: str
    engine: Engine
    dialect: str
    gold_sql: str
    prompt: Style
    chosen: str
    rejected: str
    chosen_sql: str
    rejected_sql: str
    source: Source
    chosen_source: str
    error: str
    kind: str
    verified: Verified
    difficulty: str = ""

    def asked(self) -> Example:
        """What the policy is asked, as an example without its database."""
        return Example(
            self.example,
            self.question,
            Database(self.engine, script=""),
            self.schema,
            self.schema_id,
            self.gold_sql,
            self.dialect,
            self.evidence,
            self.difficulty,
        )


def write(path: Path, pairs: Iterable[Pair]) -> None:
    """Whole, or not at all. Raises OSError where the disk does."""
    from policy.run_folder import write_whole

    write_whole(path, "".join(f"{line(pair)}\n" for pair in pairs))


def line(pair: Pair) -> str:
    return json.dumps({"pairs": SCHEMA} | asdict(pair), ensure_ascii=False)


def read(path: Path) -> list[Pair]:
    """All pairs of a file, each checked. Raises ConfigError with the line and the reason where one cannot be used, and
    where the file is missing, empty or no text."""
    return list(by_line(path).values())


def by_line(path: Path) -> dict[int, Pair]:
    """As `read`, each by the line of the file that it stands in."""
    if not path.is_file():
        raise ConfigError(f"there are no pairs at {path}; python -m rl.pairs makes them")
    try:
        whole = path.read_bytes().decode("utf-8", "surrogatepass").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text ({error.reason} at byte {error.start})") from error
    numbered = enumerate(whole.split("\n"), 1)  # not splitlines: U+2028 may stand in a text
    found = {number: _pair(text, f"{path} line {number}") for number, text in numbered if text.strip()}
    if not found:
        raise ConfigError(f"{path} holds no pair")
    return found


def _pair(text: str, at: str) -> Pair:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{at} is no JSON ({error}); the file was cut or is not pairs") from error
    if not isinstance(row, dict) or row.get("pairs") != SCHEMA:
        raise ConfigError(f"{at} is no pair of this lab's (`pairs` must be {SCHEMA}); python -m rl.pairs makes them")
    needed = [field.name for field in fields(Pair) if field.name != "difficulty"]
    if missing := [name for name in needed if row.get(name) is None]:
        raise ConfigError(f"{at} lacks {', '.join(missing)}; python -m rl.pairs writes all of it")
    verified = row["verified"]
    named = [field.name for field in fields(Verified)]
    missing = [name for name in named if not isinstance(verified, dict) or verified.get(name) is None]
    if missing:
        raise ConfigError(f"{at} is not verified: `verified` lacks {', '.join(missing)}")
    texts = [name for name in (*needed, "difficulty") if name not in ("verified",) and name in row]
    if wrong := [name for name in texts if not isinstance(row[name], str)]:
        raise ConfigError(f"{at}: {wrong[0]} is {str(row[wrong[0]])[:60]!r}, and text is needed")
    made = {name: row[name] for name in texts} | {"verified": _verified(verified, at)}
    pair = Pair(**made)
    if told := why_not(pair):
        raise ConfigError(f"{at} ({pair.example}): {told}")
    return pair


def _verified(told: dict[str, Any], at: str) -> Verified:
    return Verified(**{name: check(field, told[name], at) for name, field in fields_of(Verified).items()})


def why_not(pair: Pair) -> str:
    """Why a pair must not be trained on, "" where it may."""
    choices: dict[str, tuple[Any, Sequence[Any]]] = {
        "engine": (pair.engine, get_args(Engine)),
        "prompt": (pair.prompt, STYLES),
        "dialect": (pair.dialect, tuple(DIALECTS)),
        "source": (pair.source, get_args(Source)),
        "chosen_source": (pair.chosen_source, ("gold", *get_args(Source))),
        "verified.comparison": (pair.verified.comparison, get_args(Mode)),
    }
    for name, (value, allowed) in choices.items():
        if value not in allowed:
            return f"{name} is {value!r}; it must be one of {', '.join(allowed)}"
    if not pair.schema.strip():
        return "its schema is empty, so the policy would be asked about a database it cannot see"
    if not pair.question.strip():
        return "its question is empty"
    if not pair.chosen.strip():
        return "its chosen answer is empty"
    chosen, rejected = (unstyled(sql, pair.engine) for sql in (pair.chosen_sql, pair.rejected_sql))
    if pair.chosen.strip() == pair.rejected.strip() or chosen.strip() == rejected.strip():
        return "its chosen and rejected answers are the same"
    for name, text, sql in (("chosen", pair.chosen, pair.chosen_sql), ("rejected", pair.rejected, pair.rejected_sql)):
        if find_sql(text) != sql:
            return f"{name}_sql, which was executed, is not the query in its {name} answer"
    told = pair.verified
    if told.contract != CONTRACT:
        return f"it was verified by contract {told.contract}, and this lab's comparison is {CONTRACT}: make it again"
    if told.chosen is not True:
        return "its chosen answer was not verified to be right"
    if told.rejected is not True:
        return "its rejected answer was not verified to be wrong"
    return ""
