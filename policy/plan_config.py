"""Read a config that says which trainings to run; where it is the config of one training, say so and what to give."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from policy import yaml_file
from policy.config import Resolved, read_config
from policy.config_error import ConfigError
from policy.fields import REQUIRED, fields_of

Own = TypeVar("Own")


def read_plan_config(own: type[Own], argv: Sequence[str], module: str, instead: str) -> Resolved[Own]:
    """As `read_config`. `instead` is what to give the command in place of the config of a training: "a search, ..."."""
    try:
        return read_config(own, argv, module=module)
    except ConfigError:
        path = _named(argv)
        if path is None or not _of_a_training(own, path):
            raise
        missing = ", ".join(name for name, field in fields_of(own).items() if field.default is REQUIRED)
        raise ConfigError(
            f"{path} is the config of one training, and {module} takes one with {missing}. Give it {instead}."
        ) from None


def _named(argv: Sequence[str]) -> Path | None:
    for at, word in enumerate(argv):
        if word == "--config" and at + 1 < len(argv):
            return Path(argv[at + 1])
        if word.startswith("--config="):
            return Path(word.partition("=")[2])
    return None


def _of_a_training(own: type, path: Path) -> bool:
    try:
        keys = yaml_file.read(path).keys()
    except ConfigError:
        return False
    return "task" in keys and not keys & fields_of(own).keys() - {"output_dir", "seed"}
