"""`samples.jsonl.arrived`: answers of an endpoint as they come, until all rows stand in the order of the questions.

It is held by one process, and gone once every row is written. No line holds a key.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from policy.config_error import ConfigError
from policy.presenting import LATER_KEYS
from policy.run_folder import append_json
from policy.sample_lines import cut_torn_line
from policy.samples import Head


@dataclass(frozen=True, slots=True)
class Arrived:
    """The `place`th answer to an example, counted from 0. `tokens` are those of the completion as the server counts
    them, None where it does not; `spent` those of prompt and completion; the rest in the words of the server."""

    example: str
    place: int
    text: str
    tokens: int | None
    spent: int
    finish_reason: str
    served: str
    fingerprint: str


def beside(output: Path) -> Path:
    return output.with_name(f"{output.name}.arrived")


def drop_if_empty(file: Path) -> None:
    if not file.stat().st_size:
        file.unlink()


def append(file: Path, head: Head, arrived: Arrived) -> None:
    append_json(file, {"of": _of(head)} | asdict(arrived))


def read(file: Path, head: Head) -> list[Arrived]:
    """A last line that was cut is taken off. Raises ConfigError where the answers came about in another way."""
    if not file.is_file():
        return []
    cut_torn_line(file)
    found: list[Arrived] = []
    whole = file.read_bytes().decode("utf-8", "surrogatepass").removesuffix("\n")
    for number, line in enumerate(whole.split("\n") if whole else (), 1):  # splitlines would tear one at U+2028
        try:
            row = json.loads(line)
            same, arrived = row["of"] == _of(head), Arrived(**{one.name: row[one.name] for one in fields(Arrived)})
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ConfigError(f"{file} line {number} is no answer of an endpoint ({error!r}): delete it") from error
        if not same:
            raise ConfigError(
                f"{file} holds answers that were asked for in another way (model, host, prompt, sampling or seed): "
                "give another --output, or delete it"
            )
        found.append(arrived)
    return found


def _of(head: Head) -> str:
    facts = asdict(head)
    for key, usual in LATER_KEYS.items():  # files from before there was such a key
        if facts[key] == usual:
            del facts[key]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]
