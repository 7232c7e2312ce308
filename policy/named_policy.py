"""Which policy a name on the command line means, and how it was asked when it was trained. Imports no torch."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from envs.presentation import Presentation
from policy import yaml_file
from policy.availability import base_of, folder_of, is_folder, why_no_model
from policy.config_error import ConfigError
from policy.presenting import cannot_be_presented

LONGEST = 256
"""Tokens of an answer where nobody says."""


@dataclass(frozen=True, slots=True)
class Named:
    """`model` is a folder or a name on the hub, `base` the model under it, itself where there is no adapter; `adapter`
    is peft's own description of the adapter, None without one; `run` is the config of the run it comes from, or {}."""

    model: str
    base: str
    adapter: dict[str, Any] | None
    run: dict[str, Any]

    @property
    def rank(self) -> int | None:
        """Of a LoRA, the largest where layers differ."""
        if self.adapter is None:
            return None
        return max([int(self.adapter.get("r", 0)), *map(int, (self.adapter.get("rank_pattern") or {}).values())])


def named(policy: str) -> Named:
    """A run's folder means the policy it ended with. Raises ConfigError where there is none."""
    folder = folder_of(policy)
    if (folder / "policy").is_dir() and not (folder / "config.json").is_file():
        folder = folder / "policy"
        policy = str(folder)
    elif (folder / "checkpoints").is_dir() and (folder / "config.yaml").is_file():
        raise ConfigError(f"--policy {policy} is a run that has not ended; name one of {folder / 'checkpoints'}/*")
    if not is_folder(policy) and (absent := why_no_model(policy)):
        raise ConfigError(f"--policy {policy} cannot be had: {absent.reason}")
    if is_folder(policy):
        folder = folder_of(policy)
        policy = str(folder)
    described = folder / "adapter_config.json"
    adapter = json.loads(described.read_text(encoding="utf-8")) if described.is_file() else None
    base = base_of(policy)
    if base != policy and is_folder(base):
        base = str(folder_of(base))
    return Named(policy, base, adapter, _run_of(folder))


def _run_of(folder: Path) -> dict[str, Any]:
    """The resolved config beside a run's `policy`, or above its `checkpoints`."""
    for above in (folder.parent, folder.parent.parent):
        file = above / "config.yaml"
        if file.is_file() and (above / "environment.json").is_file():
            return yaml_file.parse(file.read_text(encoding="utf-8"))
    return {}


@dataclass(frozen=True, slots=True)
class Way:
    """How it is asked: prompt style, arguments of the chat template, most tokens of an answer, what is shown beside the
    question, and the tokens that a prompt with shots may have, None where only the model's room counts."""

    style: Any
    template: dict[str, Any] | None
    most: int
    presentation: Presentation = field(default_factory=Presentation)
    most_prompt: int | None = None


def way_of(
    policy: Named,
    style: str | None,
    template: dict[str, Any] | None,
    most: int | None,
    shown: Mapping[str, Any] | None = None,
) -> Way:
    """As somebody says, else as the policy's run asked, else as the lab does. `shown` has the keys of a `Presentation`,
    None for those of which nothing is said."""
    template = policy.run.get("chat_template_kwargs") if template is None else template
    most = most or policy.run.get("max_completion_length") or policy.run.get("max_new_tokens") or LONGEST
    said = {key: value for key, value in (shown or {}).items() if value is not None}
    presentation = Presentation.of({**policy.run, **said})
    if not presentation.shots:
        presentation = replace(presentation, shot_choice="similar", shot_path=None)
    if told := cannot_be_presented(presentation):
        raise ConfigError(told)
    style = style or policy.run.get("prompt", "strict")
    return Way(style, template, most, presentation, policy.run.get("max_prompt_tokens"))
