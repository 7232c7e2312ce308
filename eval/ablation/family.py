"""A family as its file says it: one flat YAML, checked before anything runs. Imports no torch."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Literal

from policy import yaml_file
from policy.config_error import ConfigError
from policy.plan_config import read_plan_config

MODULE = "eval.ablation"
ASKING = "eval.generate"
"""The one command that trains nothing: its members have no base config."""

FIXED = {
    "seed": "seeds lists them for all",
    "output_dir": "each member gets a folder of its own",
    "output": "each member gets a file of its own",
    "run_name": "each member is named by its folder",
    "resume": "the same command goes on by itself",
    "dry_run": "--dry_run checks all of them",
}
"""Keys that no member and no base may set -> what does instead."""

RULERS = ("task", "task_path", "held_out_split", "held_out_size", "comparison", "split", "limit")
"""Keys that all members share, set for all of them under `also`: with other questions or another ruler each, nothing
could be compared."""

_NAME = re.compile(r"[\w][\w.-]{0,60}")


@dataclass(frozen=True)
class FamilyFile:
    """A base config, what is varied in it, and the question that this answers."""

    question: Annotated[str, "what the family finds out, in a sentence"]
    command: Annotated[
        Literal["sft.train", "rl.dpo", "rl.grpo", "rl.rloo", "eval.generate"], "what runs a member, in its own process"
    ]
    reference: Annotated[str, "the member that all others are compared with"]
    base: Annotated[str | None, "the config that all members share; null for eval.generate alone"] = None
    also: Annotated[
        dict[str, Any] | None, "keys that are set for all members, {train_size: 960}; --also.KEY VALUE for a quick test"
    ] = None
    runs: Annotated[
        dict[str, dict[str, Any]] | None, "members by name, each with the keys that are its own, {r4: {lora_r: 4}}"
    ] = None
    vary: Annotated[
        dict[str, list[Any]] | None, "instead of runs: keys and their values, {lora_r: [4, 8]}; each with each"
    ] = None
    seeds: Annotated[list[int], "each member is run with each of them"] = field(default_factory=lambda: [1])
    untrained: Annotated[bool, "compare the answers before training as well: of the base model, asked so"] = False
    output_dir: Annotated[str | None, "where the runs and the table go; null takes runs/ and the file's name"] = None
    dry_run: Annotated[bool, "check all members, print what would run, and leave"] = False


@dataclass(frozen=True, slots=True)
class Member:
    """One run: `keys` are its own, `folder` is where its files go."""

    name: str
    seed: int
    keys: Mapping[str, Any]
    folder: Path


@dataclass(frozen=True, slots=True)
class Family:
    """What the file says, and its members in order, the seeds of one beside each other."""

    path: Path
    file: FamilyFile
    folder: Path
    members: tuple[Member, ...]

    @property
    def names(self) -> list[str]:
        return list(dict.fromkeys(one.name for one in self.members))

    def seeds_of(self, name: str) -> list[Member]:
        return [one for one in self.members if one.name == name]


def read(argv: Sequence[str]) -> Family:
    """The family that a command line names. Raises ConfigError with the first thing that cannot be; `--help` leaves
    with 0."""
    resolved = read_plan_config(
        FamilyFile, argv, MODULE, "a family whose key base names it, such as configs/ablation_rank.yaml"
    )
    file = resolved.own
    arms = file.runs if file.vary is None else _grid(file.vary)
    if told := _cannot_be(file, arms):
        raise ConfigError(f"{resolved.path}: {told}")
    assert arms is not None
    folder = Path(resolved["output_dir"])
    members = (
        Member(name, seed, keys, folder / f"{name}_seed{seed}") for name, keys in arms.items() for seed in file.seeds
    )
    return Family(resolved.path, file, folder, tuple(members))


def _grid(vary: Mapping[str, Sequence[Any]]) -> dict[str, dict[str, Any]]:
    """Every value of each key with every other: {lora_r: [4, 8]} -> {lora_r_4: {lora_r: 4}, lora_r_8: {lora_r: 8}}."""
    found: dict[str, dict[str, Any]] = {}
    for values in product(*vary.values()):
        keys = dict(zip(vary, values, strict=True))
        words = (f"{key}_{yaml_file.write(value)}" for key, value in keys.items())
        name = "_".join(re.sub(r"[^\w.-]+", "_", word).strip("_") for word in words)
        if name in found:
            raise ConfigError(
                f"vary: {dict(found[name])} and {keys} would both be the member {name}. Write them under runs, with "
                "names of their own, or leave one out."
            )
        found[name] = keys
    return found


def _cannot_be(file: FamilyFile, arms: Mapping[str, Mapping[str, Any]] | None) -> str | None:
    if (file.runs is None) == (file.vary is None):
        return "write either runs, members by name, or vary, keys and their values; " + (
            "neither is there." if file.runs is None else "both are there."
        )
    if arms is None or len(arms) < 2:
        return f"a family has two members or more, and this has {len(arms or ())}."
    if odd := next((name for name in arms if not _NAME.fullmatch(name)), None):
        return f"a member is called {odd!r}; its name is a folder's: letters, digits, '_', '.' and '-'."
    if file.reference not in arms:
        return f"reference is {file.reference!r}; it must be a member: {', '.join(arms)}."
    if not file.seeds or len(set(file.seeds)) < len(file.seeds):
        return f"seeds is {file.seeds}; it needs one or more, each once."
    if file.command == ASKING and (file.base or file.untrained):
        return f"{'base' if file.base else 'untrained'} is for a command that trains; {ASKING} takes its keys in also."
    if file.command != ASKING and not file.base:
        return f"base is missing: the config that {file.command} starts all members from, such as configs/NAME.yaml."
    for name, keys in (("also", file.also or {}), *arms.items()):
        for key in keys:
            if key in FIXED:
                return f"{name} sets {key}; leave it out: {FIXED[key]}."
            if key in RULERS and name != "also":
                return f"{name} sets {key}, and all members must answer the same questions: set it under also."
            if name != "also" and key in (file.also or {}):
                return f"{key} is under also, which is for all, and under {name}. Keep one of them."
    return None
