"""`samples.jsonl`: what a policy wrote, one line a question, appended as it is written. Imports no torch.

Every line says how it came about, so that lines can be cut, joined and read alone: policy and its weights, task and
split, prompt, backend, sampling, seed, versions. Scoring adds nothing to it: that is another file.
"""

from collections.abc import Iterable, Sequence
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import Any

from envs.presentation import Presentation
from policy.config_error import ConfigError
from policy.run_folder import append_json
from policy.sample_lines import cut, lines, whole_lines

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Completion:
    """`tokens` counts the one that stopped it too; `truncated` where none did; `logprob_sum` in nats, under the
    distribution it was drawn from. Tokens and log-probability are None where nobody knows them."""

    text: str
    tokens: int | None
    truncated: bool
    logprob_sum: float | None


@dataclass(frozen=True, slots=True)
class Head:
    """What must be the same for all lines of a file. `weights` is a fingerprint (`policy.weights`), or what is known of
    a model behind an endpoint: its name and host. `request` is what was added to each request to an
    endpoint, None elsewhere; `quantised` says how weights were held, "" as they are; the others that follow are of the
    prompt (`envs.presentation.Presentation`)."""

    policy: str
    weights: str
    task: str
    task_path: str | None
    split: str
    prompt: str
    chat_template_kwargs: dict[str, Any] | None
    backend: str
    dtype: str
    samples: int
    temperature: float
    max_new_tokens: int
    batch_size: int
    seed: int
    request: dict[str, Any] | None = None
    schema_style: str = "ddl"
    schema_tokens: int | None = None
    schema_notes: str = "none"
    shots: int = 0
    shot_choice: str = "similar"
    shot_path: str | None = None
    quantised: str = ""

    @property
    def presentation(self) -> Presentation:
        return Presentation.of(asdict(self))


LEFT_OUT = {one.name: one.default for one in fields(Head) if one.default is not MISSING}
"""What came later than the first files: in no line where it holds this, and meant where a line has it not."""


def finished(path: Path, head: Head) -> set[str]:
    """Examples that the file holds; a last line that was cut is taken off it.

    Raises ConfigError where its lines came about in another way, or are no samples.
    """
    if not path.is_file():
        return set()
    whole = whole_lines(path, SCHEMA, "samples")
    done: set[str] = set()
    for number, row in enumerate(lines(path, "python -m eval.generate writes it", whole), 1):
        try:
            found = {one.name: row[one.name] for one in fields(Head) if one.default is MISSING or one.name in row}
            example = row["example"]
        except KeyError as error:
            raise ConfigError(f"{path} line {number} is no sample ({error!r}); give another --output") from error
        found = LEFT_OUT | found
        wanted = asdict(head) | {"policy": found["policy"]}  # the same weights may have moved
        if other := [key for key in wanted if found.get(key) != wanted[key]]:
            told = "; ".join(f"{key} was {found.get(key)!r} and is now {wanted[key]!r}" for key in other)
            raise ConfigError(f"{path} holds samples of another kind: {told}. Give another --output")
        done.add(example)
    cut(path, whole)
    return done


def append(
    path: Path, head: Head, versions: dict[str, str], answered: Iterable[tuple[str, Sequence[Completion]]]
) -> None:
    """One line for each (example, its completions)."""
    for example, completions in answered:
        append_json(path, line(head, versions, example, completions))


def line(head: Head, versions: dict[str, str], example: str, completions: Sequence[Completion]) -> dict[str, Any]:
    told = {"schema": SCHEMA, "example": example, "completions": [asdict(one) for one in completions]}
    facts = {key: value for key, value in asdict(head).items() if key not in LEFT_OUT or value != LEFT_OUT[key]}
    return told | facts | {"versions": versions}
