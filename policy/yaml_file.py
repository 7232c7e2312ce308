"""YAML read strictly: one flat mapping, no key twice, no aliases, and the words of YAML 1.2.

PyYAML follows YAML 1.1, where `1e-6` is text, `no` is false and `2026-01-01` is a date. Here a number is a number, only
`true` and `false` are booleans (so `eval_strategy: no` stays the word it is) and nothing is a date. The rules are those
of the core schema, https://yaml.org/spec/1.2.2/#103-core-schema, without its octal and hexadecimal numbers.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from yaml.composer import ComposerError
from yaml.constructor import ConstructorError

from policy.config_error import ConfigError


@dataclass(frozen=True, slots=True)
class Entry:
    """One key's value and the line it stands on, counted from 1."""

    value: Any
    line: int


class _Reader(yaml.SafeLoader):
    """PyYAML's safe loader with the rules above."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark
            raise ComposerError(None, None, "aliases (*name) are not read: write the value out", mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: dict[Any, int] = {}
        for key_node, _ in node.value:
            key, line = self.construct_object(key_node, deep=True), key_node.start_mark.line + 1
            if not isinstance(key, str):
                problem = f"the key {key!r} is not a word"
                raise ConstructorError(None, None, problem, key_node.start_mark)
            if key in seen:
                problem = f"{key} stands on line {seen[key]} and again on line {line}: keep one of them"
                raise ConstructorError(None, None, problem, key_node.start_mark)
            seen[key] = line
        return super().construct_mapping(node, deep)


def _construct_float(reader: yaml.SafeLoader, node: yaml.ScalarNode) -> float:
    return float(reader.construct_scalar(node).lower().replace(".inf", "inf").replace(".nan", "nan"))


def _construct_int(reader: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    return int(reader.construct_scalar(node))


_Reader.yaml_implicit_resolvers = {}
_Reader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Reader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$", re.I), list("tfTF"))
_Reader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9_]*)$"), list("-+0123456789"))
_Reader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^(?:[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan)$", re.I),
    list("-+.0123456789"),
)


class _Writer(yaml.SafeDumper):
    """PyYAML's safe dumper, quoting the text that `_Reader` would take for a number or a boolean."""

    yaml_implicit_resolvers = _Reader.yaml_implicit_resolvers


def _represent_float(writer: yaml.SafeDumper, value: float) -> yaml.ScalarNode:
    return writer.represent_scalar("tag:yaml.org,2002:float", repr(value))


_Writer.add_representer(float, _represent_float)
_Reader.add_constructor("tag:yaml.org,2002:float", _construct_float)
_Reader.add_constructor("tag:yaml.org,2002:int", _construct_int)


def _sentence(error: yaml.YAMLError, where: str) -> str:
    """PyYAML's several lines as one sentence that starts with the place."""
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        return f"{where}{f' line {mark.line + 1}' if mark else ''}: {error.problem or error.context}."
    reason = getattr(error, "reason", None) or "it cannot be read"
    return f"{where} is not YAML: {reason}."


def parse(text: str) -> Any:
    """One value as the command line writes it, `3e-6` or `{blended: 1.0}`. Raises yaml.YAMLError."""
    return yaml.load(text, Loader=_Reader)


def write(value: Any) -> str:
    """One value on one line, as `parse` reads it."""
    if isinstance(value, str) and "\n" in value:
        return json.dumps(value, ensure_ascii=False)
    text = yaml.dump(value, Dumper=_Writer, default_flow_style=True, width=10**6, allow_unicode=True, sort_keys=False)
    return text.removesuffix("\n...\n").rstrip("\n")


def read(path: Path) -> dict[str, Entry]:
    """Every top-level key of a file with its value and line. Raises ConfigError with the file's name and the line."""
    where = str(path)
    if path.is_dir():
        inside = ", ".join(str(file) for file in sorted(path.glob("*.yaml"))[:8])
        raise ConfigError(f"{where} is a folder, not a config file.{f' It holds {inside}.' if inside else ''}")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        beside = ", ".join(str(file) for file in sorted(path.parent.glob("*.yaml")))
        raise ConfigError(f"there is no file {where}.{f' Beside it are {beside}.' if beside else ''}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{where} is not a text file: byte {error.start} is not UTF-8.") from None
    except OSError as error:
        raise ConfigError(f"{where} cannot be read: {error.strerror}.") from None
    reader: _Reader | None = None
    try:
        reader = _Reader(text)
        node = reader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            kind = "is empty" if node is None else "holds no mapping"
            raise ConfigError(f"{where} {kind}: a config is lines of `key: value`, such as `task: worlds`.")
        lines = {key.value: key.start_mark.line + 1 for key, _ in node.value}
        values: dict[str, Any] = reader.construct_document(node)
    except yaml.YAMLError as error:
        raise ConfigError(_sentence(error, where)) from None
    finally:
        if reader is not None:
            reader.dispose()
    return {key: Entry(value, lines[key]) for key, value in values.items()}
