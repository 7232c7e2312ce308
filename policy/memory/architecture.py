"""The config of a model by its name: its own where it can be had, else from the sizes that are written down here."""

from pathlib import Path
from typing import Any

import yaml

from policy.config_error import ConfigError

KNOWN = Path(__file__).with_name("architectures.yaml")
SMALL = "policy/seedling"


def architecture(name: str, revision: str = "main") -> Any:
    """As transformers reads it. `runs/...` that is not there yet is taken for a policy of the seedling's size where its
    name says so. Raises ConfigError where neither a file, a hub nor `architectures.yaml` knows the model."""
    from transformers import AutoConfig

    from policy.availability import base_of
    from policy.load import locate

    known = yaml.safe_load(KNOWN.read_text(encoding="utf-8"))
    if name in known:
        return AutoConfig.for_model(**known[name])
    found = locate(base_of(name)) if not name.startswith("runs/") or Path(name).exists() else SMALL
    try:
        return AutoConfig.from_pretrained(found, revision=revision)
    except OSError as error:
        raise ConfigError(
            f"model_name_or_path {name}: its config can be had neither here nor from a hub, and {KNOWN.name} has "
            f"{', '.join(known)}"
        ) from error
