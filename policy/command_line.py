"""The command line of every command: `--config FILE`, and `--KEY VALUE` or `--KEY=VALUE` for any key of a config."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill
from typing import Any

import yaml

from policy import yaml_file
from policy.config_error import ConfigError, did_you_mean
from policy.fields import REQUIRED, Field, check, choices, fields_of, is_mapping, members
from policy.removed_names import REMOVED

WHERE = "command line"


@dataclass(frozen=True, slots=True)
class Override:
    """One `--KEY VALUE`; `inner` is the word after the dot in `--rewards.rouge_l 0.5`, "" without one."""

    field: Field
    inner: str
    text: str


@dataclass(frozen=True, slots=True)
class Arguments:
    """What was typed: the config file (None when only help was asked for) and the overrides in their order."""

    config: Path | None
    overrides: tuple[Override, ...]


def known(key: str, fields: Mapping[str, Field], where: str) -> Field:
    """The field of that name. Raises ConfigError with what replaced it, or with the names that are close."""
    if key in fields:
        return fields[key]
    if key in REMOVED:
        raise ConfigError(f"{where}: {key} is no longer a setting. {REMOVED[key]}")
    hint = (
        did_you_mean(key, list(fields)) or " --help lists the lab's own keys; the others are named as TRL names them."
    )
    raise ConfigError(f"{where}: there is no key {key}.{hint}")


def split(argv: Sequence[str], fields: Mapping[str, Field], module: str) -> Arguments:
    """What was typed. A true-or-false key may stand alone and means true. Raises ConfigError on anything unknown."""
    config: str | None = None
    overrides: list[Override] = []
    words = list(argv)
    if "-h" in words or "--help" in words:
        return Arguments(None, ())
    while words:
        word = words.pop(0)
        if not word.startswith("--"):
            fix = f" Write --config {word}." if word.endswith((".yaml", ".yml")) else " Write --KEY VALUE."
            raise ConfigError(f"{WHERE}: {word!r} belongs to no key.{fix}")
        name, equals, text = word[2:].partition("=")
        outer, _, inner = name.partition(".")
        key = outer.replace("-", "_")
        field = None if key == "config" else known(key, fields, WHERE)
        if not equals:
            follows = bool(words) and not words[0].startswith("--")
            if field and field.type is bool and (not follows or words[0].lower() not in ("true", "false")):
                text = "true"
            elif follows:
                text = words.pop(0)
            else:
                raise ConfigError(f"{WHERE}: --{name} stands alone; write its value after it.")
        if field is None:
            if config is not None:
                raise ConfigError(f"{WHERE}: --config is given twice, {config} and {text}: a run has one config.")
            config = text
            continue
        if inner and not is_mapping(field):
            raise ConfigError(f"{WHERE}: --{name} reaches into {key}, which is no mapping; write --{key} VALUE.")
        if any(other.field.name == key and other.inner == inner for other in overrides):
            raise ConfigError(f"{WHERE}: --{name} is given twice: keep one of them.")
        overrides.append(Override(field, inner, text))
    if config is None:
        found = ", ".join(str(file) for file in sorted(Path("configs").glob(f"{module.rpartition('.')[2]}_*.yaml")))
        raise ConfigError(f"{WHERE}: --config FILE is missing.{f' There are {found}.' if found else ''}")
    return Arguments(Path(config), tuple(overrides))


def value_of(override: Override, before: Any) -> Any:
    """The key's new value; `before` is what a dotted key adds to. For a key that is text, what was typed is taken as it
    was typed, number or not, so that nothing need be quoted twice."""
    try:
        value = yaml_file.parse(override.text)
    except yaml.YAMLError:
        value = override.text
    if override.inner:
        value = {**(before if isinstance(before, dict) else {}), override.inner: value}
    only_text = set(members(override.field.type)) <= {str, type(None)}
    if only_text and value is not None and not isinstance(value, str):
        value = override.text
    return check(override.field, value, WHERE)


USUAL = {"output_dir", "learning_rate", "max_steps", "per_device_train_batch_size", "save_steps", "seed", "report_to"}
"""Fields that every trainer has and people change most: what `--help` shows of a long table."""


def _row(field: Field) -> str:
    """One line of help: the key, its choices, its help text, its default."""
    listed = f" ({' | '.join(str(choice) for choice in choices(field.type))})" if len(choices(field.type)) > 1 else ""
    default = "required" if field.default is REQUIRED else f"default {yaml_file.write(field.default)}"
    text = f"  {field.name:<18} {field.help}{listed}; {default}"
    return fill(text, 118, subsequent_indent=" " * 21, break_on_hyphens=False)


def help_page(own: type, borrowed: Sequence[type], module: str) -> str:
    """What `--help` prints: the usage, the lab's own keys, and where the others are listed."""
    stem = module.rpartition(".")[2]
    about = (own.__doc__ or "").strip().partition("\n")[0]
    page = [
        f"python -m {module} --config configs/{stem}_NAME.yaml [--KEY VALUE | --KEY=VALUE | --KEY.INNER VALUE] ...",
        f"\n{about}\n\nThe lab's own keys, in a config or on the command line:\n",
        *(_row(field) for field in fields_of(own).values()),
    ]
    for table in borrowed:
        names, file = list(fields_of(table)), f"{table.__module__.replace('.', '/')}.py"
        verb, count = (
            ("work", f"The {len(names)} model fields") if len(names) < 30 else ("works", f"Every field ({len(names)})")
        )
        few = [name for name in names if name in USUAL] if len(names) > 30 else names
        text = f"{count} of {(table.__doc__ or table.__name__).rstrip('.')} {verb} too, in {file}: {', '.join(few)}"
        page.append("\n" + fill(f"{text}{', ...' if len(few) < len(names) else '.'}", 118))
    return "\n".join(page)
