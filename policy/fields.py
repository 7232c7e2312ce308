"""What keys a command knows: a dataclass is a table of fields, and a value is held against its annotation.

A field of the lab's own is written `name: Annotated[type, "help"] = default`. Checking is pydantic's strict mode: 2.5
and 8.0 are no ints, true is no number, an int is a float, and no number may be infinite or not a number.
"""

import dataclasses
import types
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError

from policy.config_error import ConfigError, did_you_mean

REQUIRED: Any = dataclasses.MISSING
"""The default of a field that has none."""


@dataclass(frozen=True, slots=True)
class Field:
    """One key: its annotation, its default (`REQUIRED` when it has none) and one line of help ("" when it has none)."""

    name: str
    type: Any
    default: Any
    help: str


@cache
def fields_of(table: type) -> Mapping[str, Field]:
    """The fields of a dataclass by name, in its order."""
    hints = get_type_hints(table, include_extras=True)
    found: dict[str, Field] = {}
    for field in dataclasses.fields(table):
        hint = hints[field.name]
        annotated = get_origin(hint) is Annotated
        default = field.default_factory() if callable(field.default_factory) else field.default
        type_ = get_args(hint)[0] if annotated else hint
        found[field.name] = Field(field.name, type_, default, str(get_args(hint)[1]) if annotated else "")
    return found


def is_union(type_: Any) -> bool:
    return get_origin(type_) in (Union, types.UnionType)


def members(type_: Any) -> tuple[Any, ...]:
    """The arms of a union, or the type alone."""
    return get_args(type_) if is_union(type_) else (type_,)


def is_mapping(field: Field) -> bool:
    return any(get_origin(arm) is dict or arm is dict for arm in members(field.type))


def choices(type_: Any) -> list[Any]:
    """Every value that the Literals of an annotation list."""
    return [choice for arm in members(type_) if get_origin(arm) is Literal for choice in get_args(arm)]


def describe(type_: Any) -> str:
    """An annotation in words: 'an integer or null'."""
    if is_union(type_):
        arms = sorted(get_args(type_), key=lambda arm: arm is types.NoneType)
        return " or ".join(describe(arm) for arm in arms)
    if get_origin(type_) is Literal:
        return "one of " + ", ".join(str(choice) for choice in get_args(type_))
    if get_origin(type_) is list:
        return "a list, each of it " + describe(get_args(type_)[0])
    if get_origin(type_) is dict or type_ is dict:
        value = get_args(type_)[1] if get_args(type_) else Any
        return "a mapping" if value is Any else "a mapping of words, each to " + describe(value)
    words = {int: "an integer", float: "a number", bool: "true or false", str: "text", types.NoneType: "null"}
    return words.get(type_, getattr(type_, "__name__", str(type_)))


def kind(value: Any) -> str:
    """What a value is, in the words of `describe`."""
    words = {bool: "true or false", int: "an integer", float: "a decimal number", str: "text", list: "a list"}
    return "null" if value is None else words.get(type(value), "a mapping" if isinstance(value, dict) else "no value")


@cache
def _adapter(type_: Any) -> TypeAdapter[Any]:
    return TypeAdapter(type_, config=ConfigDict(strict=True, allow_inf_nan=False))


def check(field: Field, value: Any, where: str) -> Any:
    """The value as it was written, if its field takes it. Raises ConfigError with place, value and choices."""
    try:
        _adapter(field.type).validate_python(value)
        return value
    except ValidationError as error:
        first = error.errors()[0]
    key, wanted = field.name, field.type
    if not is_union(wanted) and first["loc"] and get_origin(wanted) in (dict, list):
        key, wanted, value = f"{key}.{first['loc'][0]}", get_args(wanted)[-1], first["input"]
    if isinstance(value, float) and first["type"] == "finite_number":
        raise ConfigError(f"{where}: {key} is {value}; it must be a finite number.")
    words = [choice for choice in choices(wanted) if isinstance(choice, str)]
    hint = did_you_mean(value, words) if isinstance(value, str) else ""
    if isinstance(value, str) and words:
        raise ConfigError(f"{where}: {key} is {value!r}; it must be {describe(wanted)}.{hint}")
    if isinstance(value, str) and bool in members(wanted):
        hint = " YAML here knows only true and false."
    if isinstance(value, float) and value.is_integer() and int in members(wanted):
        hint = f" Write {int(value)}."
    shown = "null" if value is None else repr(value)
    is_kind = "" if value is None else f", which is {kind(value)}"
    raise ConfigError(f"{where}: {key} is {shown}{is_kind}; it must be {describe(wanted)}.{hint}")
