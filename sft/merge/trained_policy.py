"""A policy that a run left behind: its folder, the adapter in it, and what the run says about itself. No torch."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from policy import yaml_file
from policy.availability import SEEDLING, folder_of, is_folder
from policy.config_error import ConfigError
from policy.model_fields import ModelFields


@dataclass(frozen=True)
class TrainedPolicy:
    """`folder` holds an adapter (`adapter` is its config) or a whole model (None). `run` is None outside a run.

    `config`, `summary` and `environment` are the run's files as they were read, empty where there is none.
    """

    folder: Path
    run: Path | None
    adapter: Mapping[str, Any] | None
    config: Mapping[str, Any] = field(default_factory=dict[str, Any])
    summary: Mapping[str, Any] = field(default_factory=dict[str, Any])
    environment: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def name(self) -> str:
        return self.run.name if self.run else self.folder.name

    @property
    def base(self) -> str | None:
        """What the adapter stands on; `policy/seedling` by that name wherever the lab lies. None for a whole model."""
        if self.adapter is None:
            return None
        named = str(self.adapter.get("base_model_name_or_path") or "")
        here = Path(named).is_dir() and SEEDLING.is_dir() and Path(named).samefile(SEEDLING)
        return "policy/seedling" if here else named

    @property
    def started_from(self) -> str | None:
        """The model that training began with, for the model card: the adapter's base, else what the config names."""
        return self.base or self.config.get("model_name_or_path")

    @property
    def stand_in(self) -> bool:
        return bool(self.summary.get("stand_in") or self.environment.get("stand_in"))

    @property
    def quantised(self) -> str | None:
        """The precision of the base that the adapter was trained on: nf4, fp4 or int8. None for full precision."""
        if self.adapter is None:
            return None
        if self.config.get("load_in_4bit"):
            return str(self.config.get("bnb_4bit_quant_type") or ModelFields.bnb_4bit_quant_type)
        return "int8" if self.config.get("load_in_8bit") else None


def find(name: str) -> TrainedPolicy:
    """The policy in `runs/NAME`, in `runs/NAME/policy`, or in any folder with a model or an adapter.

    Raises ConfigError when there is none.
    """
    given = folder_of(name)
    if given.name in ("", ".."):
        given = given.resolve()  # it is called what the folder is called
    if not given.is_dir():
        runs = ", ".join(sorted(str(path.parent) for path in Path("runs").glob("*/policy"))[:8])
        raise ConfigError(f"--policy is {name}, and there is no such folder.{f' There are {runs}.' if runs else ''}")
    folder = given / "policy" if (given / "policy").is_dir() else given
    if not any((folder / file).is_file() for file in ("config.json", "adapter_config.json")):
        hint = " The run has not finished, or has failed." if (given / "config.yaml").is_file() else ""
        raise ConfigError(f"--policy is {name}, and {folder} has no config.json and no adapter_config.json.{hint}")
    run = next((path for path in (given, *folder.parents[:2]) if (path / "config.yaml").is_file()), None)
    adapter = _json(folder / "adapter_config.json") if (folder / "adapter_config.json").is_file() else None
    said = [
        _json(file) if run and (file := run / name).is_file() else {} for name in ("summary.json", "environment.json")
    ]
    return TrainedPolicy(folder, run, adapter, _config(run), *said)


def base_config(policy: TrainedPolicy) -> dict[str, Any]:
    """config.json of the weights that are exported: the policy's own, or its base's. Raises ConfigError without one."""
    if policy.base is None:
        return _json(policy.folder / "config.json")
    if is_folder(policy.base):
        file = folder_of(policy.base) / "config.json"
        return _json(file) if file.is_file() else {}
    import huggingface_hub
    from huggingface_hub.errors import HfHubHTTPError

    try:
        revision: str = policy.config.get("model_revision") or "main"
        hub: Any = huggingface_hub
        file = Path(hub.hf_hub_download(policy.base, "config.json", revision=revision))
    except (OSError, HfHubHTTPError) as error:
        raise ConfigError(f"config.json of {policy.base} cannot be fetched: {str(error).splitlines()[0]}") from error
    return _json(file)


def _config(run: Path | None) -> dict[str, Any]:
    if run is None:
        return {}
    try:
        found: dict[str, Any] | None = yaml_file.parse((run / "config.yaml").read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ConfigError(f"{run / 'config.yaml'} is not YAML: {error}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{run / 'config.yaml'} cannot be read: {error}") from error
    return found if isinstance(found, dict) else {}


def _json(file: Path) -> dict[str, Any]:
    """What a file holds. Raises ConfigError when that is no JSON object."""
    try:
        found: Any = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"{file} cannot be read as JSON: {error}.") from error
    if not isinstance(found, dict):
        raise ConfigError(f"{file} holds a JSON {type(found).__name__}, and an object with named fields is needed.")
    return found
