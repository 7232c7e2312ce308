"""Why a body is not what may be sent, in our words: pydantic's are for whoever writes Python."""

from collections.abc import Callable, Mapping
from typing import Any

from serve.api.failure import Failure

PLACE = 100
"""Characters of the name of a field, which the client may have made up."""
_TOLD: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "missing": lambda _: "is missing",
    "extra_forbidden": lambda _: "is no field of this request",
    "string_type": lambda _: "is no text",
    "string_unicode": lambda _: "is no text of Unicode",
    "bool_type": lambda _: "is neither true nor false",
    "list_type": lambda _: "is no list",
    "string_too_short": lambda told: f"has fewer than {told['min_length']:,} characters",
    "string_too_long": lambda told: f"has more than {told['max_length']:,} characters",
    "too_short": lambda told: f"has fewer than {told['min_length']:,} {_parts(told)}",
    "too_long": lambda told: f"has more than {told['max_length']:,} {_parts(told)}",
    "greater_than_equal": lambda told: f"is less than {told['ge']:,}",
    "less_than_equal": lambda told: f"is more than {told['le']:,}",
    "value_error": lambda told: str(told["error"]),
}
"""What is said of a field, by the type of the error (https://docs.pydantic.dev/latest/errors/validation_errors/)."""
_NUMBERS = ("int_type", "int_from_float", "int_parsing", "int_parsing_size", "finite_number")
_OBJECTS = ("model_type", "model_attributes_type", "dict_type")


def misread(error: Mapping[str, Any]) -> Failure:
    """Of the first error of a `RequestValidationError`."""
    kind, place = error["type"], error["loc"][1:]
    if kind == "json_invalid":
        return Failure(400, "bad_json", "the body is no JSON")
    where = ".".join(map(str, place))[:PLACE] or "the body"
    if kind in _NUMBERS:
        told = "is no whole number"
    elif kind in _OBJECTS:
        told = "is no JSON object"
    else:
        told = _TOLD.get(kind, lambda _: "is not what may stand there")(error.get("ctx") or {})
    return Failure(422, "bad_request", f"{where} {told}; /docs says what may be sent")


def _parts(told: Mapping[str, Any]) -> str:
    """pydantic counts a list's, or those of a text that a function of ours has looked at."""
    return "parts" if told.get("field_type") == "List" else "characters"
