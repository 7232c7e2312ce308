"""The stand-in: what runs where a config's model, its data or an accelerator is missing, so that every command runs.

It replaces the keys of `configs/stand_in.yaml` and no others, in three groups: `model`, `data` and `sizes`. A model in
a folder of yours is never replaced for want of an accelerator, nor is anything for that reason under `use_cpu: true`.
What was typed on the command line is kept, and said so.
"""

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from policy import yaml_file
from policy.availability import Missing, is_local, why_no_dataset, why_no_model
from policy.config import ConfigError, Resolved, Source
from policy.device import SIGNS, why_no_accelerator
from policy.fields import check

FILE = Path(__file__).parent.parent / "configs" / "stand_in.yaml"
GROUPS = ("model", "data", "sizes")
NAMES_IT = {"model": "model_name_or_path", "data": "task"}
"""Group -> the key that says what is wanted. Typed on the command line, it keeps its whole group as it is."""


def read_groups(file: Path = FILE) -> dict[str, dict[str, Any]]:
    """The groups of `configs/stand_in.yaml`. Raises ConfigError when it holds other groups."""
    groups = {name: entry.value for name, entry in yaml_file.read(file).items()}
    if set(groups) != set(GROUPS) or not all(isinstance(group, dict) for group in groups.values()):
        wanted, found = ", ".join(GROUPS), ", ".join(groups)
        raise ConfigError(f"{file} must hold the groups {wanted}, each a mapping; it holds {found}.")
    return groups


def why_no_data(task: str, task_path: str | None, hub_is_silent: bool) -> Missing | None:
    """None when a task's data lies in a path, is made by the lab, or can be had from the hub, its `HUB_DATASET`. A task
    whose data is nowhere else than in a path says so in `ONLY_WITH_PATH`."""
    module = import_module(f"envs.tasks.{task}")
    if task_path:
        return None
    if told := getattr(module, "ONLY_WITH_PATH", None):
        return Missing(told)
    data = getattr(module, "HUB_DATASET", None)
    return why_no_dataset(data, hub_is_silent) if data else None


def missing(resolved: Resolved[Any], signs: tuple[str, ...] = SIGNS) -> dict[str, Missing]:
    """Group -> why it must be replaced. The hub is asked only where nothing nearer decides.

    Raises ConfigError where the command line names a model or a task that cannot be had.
    """
    found: dict[str, Missing] = {}
    model, silent = resolved["model_name_or_path"], False
    if not is_local(model):
        slow = "" if resolved["use_cpu"] else why_no_accelerator(signs)
        if slow and not _typed(resolved, "model_name_or_path"):
            found = {"model": Missing(slow), "sizes": Missing(slow)}
        elif absent := why_no_model(model, resolved["model_revision"]):
            found, silent = {"model": absent}, absent.silent
    if absent := why_no_data(resolved["task"], resolved["task_path"], silent):
        found["data"] = absent
    for group, key in NAMES_IT.items():
        if group in found and _typed(resolved, key):
            fix = f"Leave --{key} out to run the stand-in."
            raise ConfigError(f"--{key} {resolved[key]} cannot be had: {found[group].reason}. {fix}")
    return found


def apply(resolved: Resolved[Any], signs: tuple[str, ...] = SIGNS, file: Path = FILE) -> Resolved[Any]:
    """The config with what is missing replaced. Raises ConfigError under `stand_in: never` when something must be."""
    if resolved["stand_in"] == "always":
        return _put(resolved, dict.fromkeys(GROUPS, "stand_in: always"), file)
    found = {group: absent.reason for group, absent in missing(resolved, signs).items()}
    slow = "" if resolved["use_cpu"] or is_local(resolved["model_name_or_path"]) else why_no_accelerator(signs)
    if slow and "model" not in found:
        note = f"model_name_or_path {resolved['model_name_or_path']} is kept, as it was typed, with {slow}"
        resolved = replace(resolved, notes=(*resolved.notes, note))
    if found and resolved["stand_in"] == "never":
        why = "; ".join(dict.fromkeys(found.values()))
        raise ConfigError(f"stand_in is never, and {why}. Write --stand_in auto to run something smaller in its place.")
    return _put(resolved, found, file)


def _put(resolved: Resolved[Any], why: Mapping[str, str], file: Path) -> Resolved[Any]:
    """Replace the groups named in `why`, in the file's order. Keys this command does not know are for the others."""
    notes: list[str] = []
    for group, keys in read_groups(file).items():
        if group not in why:
            continue
        name = NAMES_IT.get(group)
        typed = [key for key in keys if key in resolved and _typed(resolved, key) and resolved[key] != keys[key]]
        if name in typed:
            notes.append(f"{name} {resolved[name]} is kept with its {group} keys, as it was typed")
            continue
        notes += [f"{key} {yaml_file.write(resolved[key])} is kept, as it was typed" for key in typed]
        updates = {key: value for key, value in keys.items() if key in resolved and key not in typed}
        for key, value in updates.items():
            updates[key] = check(resolved.fields[key], value, f"{file.name}, {group}")
        resolved = resolved.replace(updates, Source.STAND_IN, why[group])
        if name == "model_name_or_path":
            is_local(resolved[name])
    return replace(resolved, notes=(*resolved.notes, *notes))


def _typed(resolved: Resolved[Any], key: str) -> bool:
    return resolved.source(key) is Source.COMMAND_LINE
