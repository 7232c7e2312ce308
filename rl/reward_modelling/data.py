"""What a reward model learns from and is reported on: pairs read, or made of golds; held out by database; as ids."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from envs.example import Example
from envs.sql_env import SqlEnv
from policy.config import ConfigError, Resolved
from policy.questions import environment, load_splits
from policy.run_folder import RunFolder
from rl.pairs.pair import Pair, write
from rl.preferences import Preferences, read_all, split_by_database
from rl.reward_modelling.config import RewardRun, how_many_corruptions

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Ids = dict[str, list[int]]
"""`chosen_ids` and `rejected_ids` of a pair as TRL's RewardTrainer takes them: prompt, query, end."""

SHARED = "shared_pairs"
"""In a run's `environment.json`: `Material.shared`, which a resumed run tells again."""


@dataclass(frozen=True, slots=True)
class Material:
    """`pairs` are trained on, or watched while training; `held_out` are about databases that no pair of them knows.
    `shared` were to be held out and are about databases that are trained on, so they are left out."""

    pairs: tuple[Pair, ...]
    held_out: tuple[Pair, ...]
    shared: int


@dataclass(frozen=True, slots=True)
class Lessons:
    """`train` and `validation` are the ids of the pairs in `preferences`, in their order. `marked` pairs hold a special
    token of the tokenizer in their own text and were left out."""

    preferences: Preferences
    train: tuple[Ids, ...]
    validation: tuple[Ids, ...]
    marked: int


def kept_in(folder: RunFolder) -> tuple[Path, Path]:
    """The files of a run's pairs: what it trains on and watches, and what it is reported on. A resumed run reads these,
    so that a query that once ran out of time makes no other pairs."""
    return folder.evaluations / "pairs.jsonl", folder.evaluations / "held_out_pairs.jsonl"


def material(resolved: Resolved[RewardRun]) -> Material:
    """All pairs of the config, read, made, or, of a resumed run, as its folder has them. Raises ConfigError on a row
    that must not be trained on, and where nothing is left."""
    run, (pairs_file, held_out_file) = resolved.own, kept_in(RunFolder(Path(resolved["output_dir"])))
    if run.resume and held_out_file.is_file():
        told = RunFolder(Path(resolved["output_dir"])).path / "environment.json"
        shared = json.loads(told.read_text(encoding="utf-8")).get(SHARED, 0) if told.is_file() else 0
        kept = [tuple(read_all([str(file)], run.prompt, run.comparison)) for file in (pairs_file, held_out_file)]
        return Material(kept[0], kept[1], shared)
    pairs = read_all(run.pairs, run.prompt, run.comparison) if run.pairs else []
    held_out = read_all(run.test_pairs, run.prompt, run.comparison) if run.test_pairs else []
    if how_many_corruptions(run) or not run.test_pairs:
        made, tested = _made(resolved)
        pairs, held_out = once([*pairs, *made]), held_out or once(tested)
    known = {pair.schema_id for pair in pairs}
    new = [pair for pair in held_out if pair.schema_id not in known]
    if not new:
        raise ConfigError(
            f"all {len(held_out):,} held-out pairs are about databases that are trained on, so nothing could be said "
            "of others. Name other test_pairs, or another held_out_split"
        )
    return Material(tuple(pairs), tuple(new), len(held_out) - len(new))


def once(pairs: Sequence[Pair]) -> list[Pair]:
    """Each pair once, as `read_all` gives them: a resumed run must find as many as there were."""
    found: dict[tuple[str, str, str], Pair] = {}
    for pair in pairs:
        found.setdefault((pair.example, pair.chosen, pair.rejected), pair)
    return list(found.values())


def _made(resolved: Resolved[RewardRun]) -> tuple[list[Pair], list[Pair]]:
    """Corruptions of the train golds, as many as are asked for, and of the held-out ones where no file has pairs."""
    run = resolved.own
    splits, each = load_splits(run, resolved["seed"]), how_many_corruptions(run)
    golds = [("train", splits.train, each), (run.held_out_split, splits.held_out, run.test_corruptions)]
    golds = [(split, some, n) for split, some, n in golds if n and not (split != "train" and run.test_pairs)]
    with environment(run, [example for _, some, _ in golds for example in some]) as env:
        kept = {example.id: example for example in env.admit().kept}
        made = {
            split: _corrupted(resolved, env, split, [kept[e.id] for e in some if e.id in kept], len(some), n)
            for split, some, n in golds
        }
    return made.get("train", []), made.get(run.held_out_split, [])


def _corrupted(
    resolved: Resolved[RewardRun], env: SqlEnv, split: str, golds: Sequence[Example], asked: int, each: int
) -> list[Pair]:
    from rl.pairs.corruption import corrupted

    run = resolved.own
    if not golds:
        raise ConfigError(
            f"none of the {asked:,} {split} golds of task {run.task} can grade an answer, so none can be made wrong. "
            f"python -m rewards.validate --task {run.task} says why; or name files of rl.pairs"
        )
    found, _ = corrupted(golds, env, run.task, split, run.prompt, each, resolved["seed"])
    if not found:
        raise ConfigError(f"none of the {len(golds):,} {split} golds of task {run.task} could be made wrong")
    return list(found)


def keep(folder: RunFolder, found: Material) -> None:
    """Held-out pairs last: their file says that both are whole."""
    for file, pairs in zip(kept_in(folder), (found.pairs, found.held_out), strict=True):
        write(file, pairs)


def can_be_read(resolved: Resolved[RewardRun], held_out: Sequence[Pair], tokenizer: "PreTrainedTokenizerBase") -> None:
    """Raises ConfigError where no held-out pair fits, so that nothing could be reported of what is trained."""
    longest, template = resolved["max_length"], resolved["chat_template_kwargs"]
    if longest is None or any(max(map(len, ids_of(tokenizer, one, template).values())) <= longest for one in held_out):
        return
    raise ConfigError(
        f"{resolved.path}: all {len(held_out):,} held-out pairs are longer than max_length {longest}, so nothing could "
        "be said of the model. Raise max_length"
    )


def prepare(resolved: Resolved[RewardRun], pairs: Sequence[Pair], tokenizer: "PreTrainedTokenizerBase") -> Lessons:
    """Tokenise as the model will be asked, leave out what does not fit, hold databases out. Raises ConfigError where
    nothing is left, or where the chat template cannot be taught."""
    run, longest = resolved.own, resolved["max_length"]
    plain = [pair for pair in pairs if not _is_marked(tokenizer, pair)]
    try:
        ids = {id(pair): ids_of(tokenizer, pair, resolved["chat_template_kwargs"]) for pair in plain}
    except ValueError as error:
        raise ConfigError(f"{resolved.path}: {error}") from error
    fit = [pair for pair in plain if longest is None or max(map(len, ids[id(pair)].values())) <= longest]
    if not fit:
        raise ConfigError(f"none of the {len(pairs):,} pairs is left to train on: max_length is {longest}")
    watching = resolved["eval_strategy"] != "no"
    train, validation = split_by_database(fit, run.validation_share if watching else 0, resolved["seed"])
    Random(resolved["seed"]).shuffle(train)
    rows = [tuple(ids[id(pair)] for pair in part) for part in (train, validation)]
    left_out = len(plain) - len(fit)
    return Lessons(Preferences(tuple(train), tuple(validation), left_out), rows[0], rows[1], len(pairs) - len(plain))


def ids_of(tokenizer: "PreTrainedTokenizerBase", pair: Pair, template: dict[str, Any] | None) -> Ids:
    """Raises ValueError as `policy.chat.taught` does."""
    from policy.learned_reward import reads

    sides = {"chosen_ids": pair.chosen_sql, "rejected_ids": pair.rejected_sql}
    return {side: reads(tokenizer, pair.asked(), sql, pair.prompt, template) for side, sql in sides.items()}


def _is_marked(tokenizer: "PreTrainedTokenizerBase", pair: Pair) -> bool:
    from dataclasses import replace

    from policy.chat import marks_in

    return bool(marks_in(tokenizer, replace(pair.asked(), gold_sql=f"{pair.chosen_sql}\n{pair.rejected_sql}")))
