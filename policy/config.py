"""Read a config: one flat YAML file and the command line, checked in full before any model is loaded.

    resolved = read_config(GrpoRun, sys.argv[1:], GrpoFields, ModelFields, module="rl.grpo")
    resolved.own                    # GrpoRun, the lab's own fields
    resolved.given(GrpoFields)      # the keys somebody set: what to build TRL's GRPOConfig from
    resolved["learning_rate"]       # any key's value, TRL's default included
    resolved.to_yaml()              # every key that counts, with where it came from

Imports neither torch nor TRL.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Generic, TypeVar

from policy import yaml_file
from policy.command_line import WHERE, help_page, known, split, value_of
from policy.config_error import ConfigError, exit_with_sentence
from policy.fields import REQUIRED, Field, check, choices, fields_of

__all__ = ["ConfigError", "Replaced", "Resolved", "Setting", "Source", "exit_with_sentence", "read_config"]

Own = TypeVar("Own")


class Source(StrEnum):
    """Who decided a value."""

    FILE = "file"
    COMMAND_LINE = "command line"
    STAND_IN = "stand-in"
    DEVICE = "device"
    NAME = "the config's name"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Setting:
    """A value, who decided it, and its place or reason: 'configs/x.yaml line 4', 'no accelerator: ...'."""

    value: Any
    source: Source
    place: str


@dataclass(frozen=True, slots=True)
class Replaced:
    """One key that the stand-in or the device changed: what was wanted, what is used, and why."""

    key: str
    wanted: Any
    used: Any
    source: Source
    reason: str


@dataclass(frozen=True)
class Resolved(Generic[Own]):
    """A checked config: `tables` are the dataclasses of its fields, the lab's own first."""

    path: Path
    module: str
    tables: tuple[type, ...]
    settings: Mapping[str, Setting]
    replaced: tuple[Replaced, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def fields(self) -> dict[str, Field]:
        return {name: known for table in reversed(self.tables) for name, known in fields_of(table).items()}

    def __getitem__(self, key: str) -> Any:
        return self.settings[key].value if key in self.settings else self.fields[key].default

    def __contains__(self, key: str) -> bool:
        return key in self.fields

    def values(self) -> dict[str, Any]:
        """Every known key with the value that counts, defaults included."""
        settings = self.settings
        return {key: settings[key].value if key in settings else found.default for key, found in self.fields.items()}

    def given(self, table: type) -> dict[str, Any]:
        """The keys of one table that somebody set: file, command line, stand-in, device, or the config's name."""
        return {key: self.settings[key].value for key in fields_of(table) if key in self.settings}

    @property
    def own(self) -> Own:
        return self.tables[0](**self.given(self.tables[0]))

    def source(self, key: str) -> Source:
        return self.settings[key].source if key in self.settings else Source.DEFAULT

    @property
    def stand_in(self) -> bool:
        """Whether anything was replaced by the stand-in: the run, its files and its report must say so."""
        return any(one.source is Source.STAND_IN for one in self.replaced)

    def replace(self, updates: Mapping[str, Any], source: Source, reason: str) -> "Resolved[Own]":
        """The same with other values. Keys that already hold the value are left alone and not counted as replaced."""
        settings, replaced = dict(self.settings), list(self.replaced)
        for key, value in updates.items():
            if self[key] != value or isinstance(self[key], bool) != isinstance(value, bool):
                replaced.append(Replaced(key, self[key], value, source, reason))
                settings[key] = Setting(value, source, reason)
        return replace(self, settings=settings, replaced=tuple(replaced))

    def to_yaml(self) -> str:
        """A config that asks for the same run: every key somebody set and every own key, each with its origin.

        Without `resume`, `dry_run` and `device_memory`, which belong to one call and not to the run.
        """
        mark = "# STAND-IN RUN: its numbers say nothing about the model and data the config names.\n"
        shown = {**{key: Setting(self[key], Source.DEFAULT, "default") for key in fields_of(self.tables[0])}}
        lines = [
            f"{key}: {yaml_file.write(setting.value)}  # {_origin(setting)}\n"
            for key, setting in {**shown, **self.settings}.items()
            if key not in ("resume", "dry_run", "device_memory")
        ]
        return f"{mark if self.stand_in else ''}# python -m {self.module} --config {self.path}\n{''.join(lines)}"


def _origin(setting: Setting) -> str:
    by_hand = setting.source in (Source.STAND_IN, Source.DEVICE)
    return f"{setting.source}: {setting.place}" if by_hand else setting.place


def read_config(own: type[Own], argv: Sequence[str], *borrowed: type, module: str) -> Resolved[Own]:
    """The config that a command line names. `own` holds the lab's fields, `borrowed` those of TRL.

    `--help` prints a page and leaves with 0. Raises ConfigError on an unknown key, a duplicate, a wrong type or choice.
    """
    tables = (own, *borrowed)
    fields = {name: found for table in reversed(tables) for name, found in fields_of(table).items()}
    arguments = split(argv, fields, module)
    if arguments.config is None:
        print(help_page(own, borrowed, module))
        raise SystemExit(0)
    settings: dict[str, Setting] = {}
    for key, entry in yaml_file.read(arguments.config).items():
        place = f"{arguments.config} line {entry.line}"
        settings[key] = Setting(check(known(key, fields, place), entry.value, place), Source.FILE, place)
    for override in arguments.overrides:
        key = override.field.name
        before = settings[key].value if key in settings else override.field.default
        settings[key] = Setting(value_of(override, before), Source.COMMAND_LINE, WHERE)
    for key, found in fields.items():
        if found.default is REQUIRED and key not in settings:
            listed = f" ({', '.join(map(str, choices(found.type)))})" if choices(found.type) else ""
            raise ConfigError(f"{arguments.config}: {key} is missing; write `{key}: ...`{listed}. It is {found.help}.")
    _name(settings, fields, arguments.config)
    return Resolved(arguments.config, module, tables, settings)


def _name(settings: dict[str, Setting], fields: Mapping[str, Field], config: Path) -> None:
    """The file's stem names the folder, and the folder's last part names the run, where nobody said otherwise."""
    for key in ("output_dir", "run_name"):
        if key in fields and fields[key].default is None and (key not in settings or settings[key].value is None):
            folder = Path(settings["output_dir"].value) if key == "run_name" else Path("runs") / config.stem
            settings[key] = Setting(folder.name if key == "run_name" else str(folder), Source.NAME, Source.NAME.value)
