"""The pairs that a run trains on: read and checked, or made from the task's golds; split by database; as token ids.

Importing this imports neither torch nor TRL.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from envs.prompt import Style
from envs.verdict import Mode
from policy.config_error import ConfigError
from rl.pairs.pair import Pair, by_line

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True, slots=True)
class Preferences:
    """`train` and `validation` share no database. `too_long` pairs were left out, with either answer."""

    train: tuple[Pair, ...]
    validation: tuple[Pair, ...]
    too_long: int


def read_all(files: Sequence[str], style: Style, comparison: Mode) -> list[Pair]:
    """The pairs of several files, each pair once. Raises ConfigError on what must not be trained on, and where answers
    were written to another style of prompt than the run asks in, or judged by another comparison than it judges by."""
    found: dict[tuple[str, str, str], Pair] = {}
    for file in files:
        for at, pair in by_line(Path(file).expanduser()).items():
            if pair.prompt != style:
                raise ConfigError(
                    f"{file} line {at} was answered to the prompt {pair.prompt!r}, and this run asks in {style!r}. "
                    f"Write prompt: {pair.prompt}"
                )
            if pair.verified.comparison != comparison:
                raise ConfigError(
                    f"{file} line {at} was verified by the comparison {pair.verified.comparison}, and this run judges "
                    f"by {comparison}. Write comparison: {pair.verified.comparison}"
                )
            found.setdefault((pair.example, pair.chosen, pair.rejected), pair)
    return list(found.values())


def split_by_database(pairs: Sequence[Pair], share: float, seed: int) -> tuple[list[Pair], list[Pair]]:
    """Train and validation: whole databases, drawn until they hold about `share` of the pairs. Raises ConfigError where
    there is one database only, so that nothing could be held out."""
    counts: dict[str, int] = {}
    for pair in pairs:
        counts[pair.schema_id] = counts.get(pair.schema_id, 0) + 1
    if share <= 0:
        return list(pairs), []
    if len(counts) < 2:
        raise ConfigError("all pairs are about one database, so none can be held out: write validation_share: 0")
    names = sorted(counts)
    Random(seed).shuffle(names)
    held: set[str] = set()
    for name in names[:-1]:
        if held and sum(counts[one] for one in held) >= share * len(pairs):
            break
        held.add(name)
    return [p for p in pairs if p.schema_id not in held], [p for p in pairs if p.schema_id in held]


def token_ids(
    tokenizer: "PreTrainedTokenizerBase", pair: Pair, template: Mapping[str, Any] | None
) -> dict[str, list[int]]:
    """`prompt_ids`, `chosen_ids` and `rejected_ids` as TRL's DPOTrainer takes them: answers with the token that stops
    them, after the very prompt that is asked everywhere else."""
    from policy.chat import taught

    chosen, rejected = (
        taught(tokenizer, pair.asked(), pair.prompt, template, text) for text in (pair.chosen, pair.rejected)
    )
    return {
        "prompt_ids": chosen.ids[: chosen.answer_at],
        "chosen_ids": chosen.ids[chosen.answer_at :],
        "rejected_ids": rejected.ids[rejected.answer_at :],
    }


def fitting(ids: Mapping[str, Sequence[int]], most: int | None) -> bool:
    """Whether both answers fit with their prompt."""
    longest = max(len(ids["chosen_ids"]), len(ids["rejected_ids"]))
    return most is None or len(ids["prompt_ids"]) + longest <= most
