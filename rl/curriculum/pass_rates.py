"""A file of pass rates: a head that says what was measured and how, then one line a question, appended as it is done.

Imports no torch.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from policy.config_error import ConfigError
from policy.run_folder import write_whole

SCHEMA = 1
"""Of the file, the first key of its head."""


@dataclass(frozen=True, slots=True)
class Head:
    """What the rates hold for. `weights` is the policy's fingerprint, `contract` the version of the comparison.

    `policy` and `task_path` say where things lay, which may change; all else decides the samples or their worth.
    """

    policy: str
    weights: str
    task: str
    task_path: str | None
    prompt: str
    max_turns: int
    observation_tokens: int | None
    chat_template_kwargs: dict[str, Any] | str | None
    temperature: float
    max_completion_length: int
    comparison: str
    twins: bool
    contract: int
    samples: int
    seed: int
    batch: int
    train_size: int | None
    sample: dict[str, str | float] | None
    max_prompt_tokens: int | None
    precision: str
    stand_in: bool


PLACES = {"policy", "task_path", "stand_in"}
"""Parts of a head that do not change a sample."""
MEANING = (
    *("task", "weights", "prompt", "max_turns", "observation_tokens", "chat_template_kwargs"),
    *("temperature", "max_completion_length", "comparison", "twins", "contract"),
)
"""Parts of a head on which it depends what a pass rate says about a run."""


@dataclass(frozen=True, slots=True)
class Rate:
    """One question: of `samples` completions `right` are right and `unscored` have no ruler.

    Right is what a reward may pay for (`Verdict.proven`). `distinct_sql` counts the different queries among them.
    """

    example: str
    samples: int
    right: int
    unscored: int
    distinct_sql: int
    difficulty: str = ""
    database: str = ""

    @property
    def pass_rate(self) -> float | None:
        """In [0, 1], over the scored completions; None where none is."""
        scored = self.samples - self.unscored
        return self.right / scored if scored else None

    def row(self) -> dict[str, Any]:
        return {"example": self.example, "pass_rate": self.pass_rate} | asdict(self)


@dataclass(frozen=True, slots=True)
class PassRates:
    """A file as it was read: its head, its whole lines by example, their bytes, and the SHA-256 of those."""

    path: Path
    head: Head
    rates: Mapping[str, Rate]
    whole: int
    sha256: str


def read(path: Path) -> PassRates:
    """A file of pass rates, but for a last line that was cut. Raises ConfigError where it is none, or a line broken."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise ConfigError(
            f"there are no pass rates {path}: python -m rl.curriculum --config CONFIG --output {path} measures it"
        ) from None
    except OSError as error:
        raise ConfigError(f"the pass rates {path} cannot be read: {error.strerror}") from None
    whole = data.rfind(b"\n") + 1
    first, *lines = data[:whole].decode("utf-8", "replace").removesuffix("\n").split("\n")
    head = _head(first, path)
    rates: dict[str, Rate] = {}
    for number, line in enumerate(lines, 2):
        rate = _rate(line, f"{path} line {number}")
        if rate.example in rates:
            raise ConfigError(f"{path} line {number}: {rate.example} was measured before; delete one of its lines")
        rates[rate.example] = rate
    return PassRates(path, head, rates, whole, hashlib.sha256(data[:whole]).hexdigest())


def begin(path: Path, head: Head) -> PassRates:
    """The file to go on with, a torn last line cut off; a new one where there is none.

    Raises ConfigError when it was measured otherwise, and when it cannot be written.
    """
    try:
        if not path.exists():
            write_whole(path, json.dumps({"pass_rates": SCHEMA} | asdict(head), ensure_ascii=False) + "\n")
        found = read(path)
        if told := differences(found.head, head, [field.name for field in fields(Head) if field.name not in PLACES]):
            raise ConfigError(
                f"{path} was measured otherwise: {told}. Go on as it was begun, or name another file with --output"
            )
        with path.open("r+b") as opened:
            opened.truncate(found.whole)
    except OSError as error:
        raise ConfigError(f"the pass rates {path} cannot be written: {error.strerror}") from error
    return found


def append(path: Path, rates: Iterable[Rate]) -> None:
    """Add the lines of some questions in one write. Raises ConfigError where the disk does not take them."""
    text = "".join(json.dumps(rate.row(), ensure_ascii=False) + "\n" for rate in rates)
    try:
        with path.open("ab", buffering=0) as opened:
            opened.write(text.encode("utf-8", "surrogatepass"))
    except OSError as error:
        raise ConfigError(f"the pass rates {path} cannot be written: {error.strerror}") from error


def differences(before: Head, now: Head, parts: Sequence[str]) -> str:
    """What is not the same, as words; "" when nothing is."""
    pairs = [(part, getattr(before, part), getattr(now, part)) for part in parts]
    return "; ".join(f"{part} was {was!r} and is now {is_now!r}" for part, was, is_now in pairs if was != is_now)


def _head(line: str, path: Path) -> Head:
    found = _json(line)
    if found.get("pass_rates") is None:
        raise ConfigError(f"{path} is no file of pass rates: its first line does not say what was measured")
    wanted = {field.name for field in fields(Head)} | {"pass_rates"}
    if found["pass_rates"] != SCHEMA or set(found) != wanted:
        raise ConfigError(f"{path} was written by another version of the lab; measure the pass rates again")
    return Head(**{key: value for key, value in found.items() if key != "pass_rates"})


def _rate(line: str, where: str) -> Rate:
    found = _json(line)
    try:
        return Rate(**{key: value for key, value in found.items() if key != "pass_rate"})
    except TypeError:
        raise ConfigError(f"{where} is no pass rate: delete that line, and measure its question again") from None


def _json(line: str) -> dict[str, Any]:
    """The object in a line, an empty one where it holds none."""
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
