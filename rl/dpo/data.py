"""The pairs of a run as token ids: read or made, held out by database, what is too long left out and counted."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from envs.example import Example
from envs.sql_env import SqlEnv
from policy.config import ConfigError, Resolved
from rl.dpo.config import DpoRun
from rl.pairs.pair import Pair
from rl.preferences import Preferences, fitting, read_all, split_by_database, token_ids

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Row = Mapping[str, Sequence[int]]
"""`prompt_ids`, `chosen_ids` and `rejected_ids` of a pair, as TRL's DPOTrainer takes them."""

KEPT = "pairs.jsonl"
"""In the run's folder: every pair that it was given or made, from which a resumed run reads them again."""


@dataclass(frozen=True, slots=True)
class Taught:
    """`train` and `validation` are the rows of the pairs in `preferences`, in their order. `marked` pairs hold a
    special token of the tokenizer in their own text and were left out."""

    preferences: Preferences
    train: tuple[Row, ...]
    validation: tuple[Row, ...]
    marked: int

    def summary(self, max_length: int | None) -> str:
        """One paragraph for the console and the report."""
        found = self.preferences
        questions = len({pair.example for pair in found.train})
        text = f"{len(found.train):,} pairs of {questions:,} questions to learn from"
        if found.validation:
            count = len({pair.schema_id for pair in found.validation})
            text += f", {len(found.validation):,} of other databases ({count:,}) to see how they are ordered"
        sources = Counter(f"{pair.chosen_source} over {pair.source}" for pair in found.train)
        text += f"; chosen over rejected: {_counted(sources)}; rejected for: {_counted(_errors(found.train), 8)}."
        shorter = sum(len(row["chosen_ids"]) < len(row["rejected_ids"]) for row in self.train)
        text += f" The chosen is the shorter in {shorter / len(self.train):.0%}."
        if found.too_long:
            text += f" {found.too_long:,} pairs were longer than max_length {max_length} and left out whole."
        if self.marked:
            text += f" {self.marked:,} hold a special token of the tokenizer in their own text and were left out."
        return text


def _errors(pairs: Iterable[Pair]) -> Counter[str]:
    return Counter(pair.kind or pair.error for pair in pairs)


def _counted(counts: Counter[str], most: int = 4) -> str:
    told = [f"{name} {count:,}" for name, count in counts.most_common(most)]
    return ", ".join(told + ([f"{len(counts) - most} others"] if len(counts) > most else []))


def given_pairs(resolved: Resolved[DpoRun]) -> list[Pair] | None:
    """The pairs of the config's files, or, of a resumed run, of its folder; None where they are to be made. Raises
    ConfigError on a row that must not be trained on."""
    run, kept = resolved.own, Path(resolved["output_dir"]) / KEPT
    if run.resume and kept.is_file():
        return read_all([str(kept)], run.prompt, run.comparison)
    return None if run.pairs is None else read_all(run.pairs, run.prompt, run.comparison)


def made_pairs(resolved: Resolved[DpoRun], golds: Sequence[Example], env: SqlEnv) -> list[Pair]:
    """Typed corruptions of admitted golds. Raises ConfigError where none can be made."""
    from rl.pairs.corruption import corrupted

    run = resolved.own
    found, _ = corrupted(golds, env, run.task, "train", run.prompt, run.corruptions_each, resolved["seed"])
    if not found:
        raise ConfigError(f"none of {len(golds):,} golds of {run.task} could be made wrong; write pairs: [FILE]")
    return list(found)


def not_measured_on(pairs: Sequence[Pair], measured: Sequence[Example]) -> None:
    """Raises ConfigError where a pair is about a question by which the policy is measured or chosen."""
    asked = {example.id for example in measured}
    if shared := [pair.example for pair in pairs if pair.example in asked]:
        raise ConfigError(
            f"{len(shared):,} pairs are about questions that this run is measured on, such as {shared[0]}. Make pairs "
            "of the train split, or write another held_out_split"
        )


def prepare(resolved: Resolved[DpoRun], pairs: Sequence[Pair], tokenizer: "PreTrainedTokenizerBase") -> Taught:
    """Tokenise, leave out what does not fit, hold databases out, cut to `train_size`. Raises ConfigError where nothing
    is left, or where the chat template cannot be taught."""
    from policy.chat import marks_in

    run, template, longest = resolved.own, resolved["chat_template_kwargs"], resolved["max_length"]
    plain = [p for p in pairs if not marks_in(tokenizer, replace(p.asked(), gold_sql=f"{p.chosen}\n{p.rejected}"))]
    try:
        rows = {id(pair): token_ids(tokenizer, pair, template) for pair in plain}
    except ValueError as error:
        raise ConfigError(f"{resolved.path}: {error}") from error
    fit = [pair for pair in plain if fitting(rows[id(pair)], longest)]
    if not fit:
        lengths = f"; max_length is {longest}" if len(plain) else ""
        raise ConfigError(f"none of the {len(pairs):,} pairs can be trained on{lengths}")
    train, validation = split_by_database(fit, run.validation_share, resolved["seed"])
    Random(resolved["seed"]).shuffle(train)
    train = train[: run.train_size] if run.pairs is not None else train
    found = Preferences(tuple(train), tuple(validation), len(plain) - len(fit))
    of = [tuple(rows[id(pair)] for pair in part) for part in (train, validation)]
    return Taught(found, of[0], of[1], len(pairs) - len(plain))


def asked_in(pairs: Iterable[Pair]) -> tuple[Example, ...]:
    """Each question of the pairs once."""
    return tuple({pair.example: pair.asked() for pair in pairs}.values())
