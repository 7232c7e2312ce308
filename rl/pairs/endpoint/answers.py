"""`answers.jsonl`: what a model behind an endpoint wrote, one line an answer, appended as it arrives.

Every line says how it came about, so that lines can be cut, joined and read alone. No line holds a key.
"""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from envs.completion import find_sql
from envs.prompt import Style
from policy.config_error import ConfigError
from policy.run_folder import append_json
from policy.sample_lines import cut_torn_line
from rl.pairs.endpoint.asking import Asked

SCHEMA = 1
"""Of the lines, written into each as `answers`."""
BEGINS = json.dumps({"answers": SCHEMA}).encode()[:-1]
"""What every line begins with: what does not is not cut off as one that was torn."""


@dataclass(frozen=True, slots=True)
class Head:
    """What must be the same for all lines of a file, but for `url`: a server may move. `request` is what was added to
    each request or, where it is null, left out of it."""

    asked: Asked
    url: str
    model: str
    task: str
    task_path: str | None
    split: str
    prompt: Style
    temperature: float
    max_new_tokens: int
    seed: int
    request: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """The `place`th answer to an example, counted from 0. `refused` is why there is no completion, in the words of the
    server ("" where there is one).

    `served` is the model as the server names it, `usage` the tokens as it counts them ({} where it does not), `seconds`
    those of the request that was answered, and `requests` how many it took.
    """

    example: str
    place: int
    completion: str
    refused: str
    finish_reason: str
    served: str
    usage: dict[str, Any]
    seconds: float
    requests: int

    @property
    def sql(self) -> str:
        return find_sql(self.completion)

    @property
    def tokens(self) -> int:
        """Prompt and completion; 0 where the server does not say."""
        total = self.usage.get("total_tokens")
        return total if isinstance(total, int) else 0


def refusals(path: Path) -> Path:
    """Beside a file of answers, in lines of the same kind: what was asked and not answered, and is not asked again."""
    return path.with_name(f"{path.name}.refused")


def append(path: Path, head: Head, answer: Answer) -> None:
    path = refusals(path) if answer.refused else path
    append_json(path, {"answers": SCHEMA} | asdict(answer) | {"sql": answer.sql} | asdict(head))


def read(path: Path) -> list[tuple[Head, Answer]]:
    """All whole lines of a file. Raises ConfigError with the line that is no answer, and where there is no file."""
    if not path.is_file():
        raise ConfigError(f"there are no answers at {path}; python -m rl.pairs.endpoint asks for them")
    try:
        text = path.read_bytes().decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text ({error.reason} at byte {error.start})") from error
    found: list[tuple[Head, Answer]] = []
    for number, line in enumerate(text[: text.rfind("\n") + 1].split("\n")[:-1], 1):
        try:
            row = json.loads(line)
            if row["answers"] != SCHEMA:
                raise ValueError(f"answers is {row['answers']!r}, not {SCHEMA}")
            found.append((_of(Head, row), _of(Answer, row)))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ConfigError(f"{path} line {number} is no answer of an endpoint ({error!r})") from error
    return found


def so_far(path: Path, head: Head) -> list[Answer]:
    """What a file that is to be continued holds, refusals too; a last line that was cut is taken off it. Raises
    ConfigError where lines came about in another way, or are no answers."""
    files = [file for file in (path, refusals(path)) if file.is_file()]
    found = [pair for file in files for pair in read(file)]
    for other, _ in found:
        before, now = asdict(other), asdict(head)
        if changed := [key for key in now if before[key] != now[key] and key != "url"]:
            told = "; ".join(f"{key} was {before[key]!r} and is now {now[key]!r}" for key in changed)
            raise ConfigError(f"{path} came about in another way: {told}. Give another --output")
    for file in files:
        torn = file.read_bytes().rpartition(b"\n")[2]
        if not BEGINS.startswith(torn[: len(BEGINS)]):
            raise ConfigError(f"{file} ends in what is no answer of an endpoint: give another --output")
        cut_torn_line(file)
    return [answer for _, answer in found]


def _of(record: type, row: dict[str, Any]) -> Any:
    return record(**{field.name: row[field.name] for field in fields(record)})
