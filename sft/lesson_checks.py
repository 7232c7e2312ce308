"""What `lessons` and `repair_samples` of an SFT config must satisfy beyond types."""

from collections.abc import Mapping
from typing import Any

from policy.config_error import did_you_mean
from sft import lessons

MOST = 10
"""Lessons of a kind from one question."""


def lessons_can_be_mixed(values: Mapping[str, Any], given: set[str]) -> str | None:
    """Kinds that there are, in amounts that can be made."""
    shares, samples = values["lessons"], values["repair_samples"]
    if samples and "repair" not in (shares or {}):
        return (
            "repair_samples would be ignored without repair in lessons. Write lessons: {text_to_sql: 1, repair: 0.3}."
        )
    if shares is None:
        return None
    for name, share in shares.items():
        if name not in lessons.NAMES:
            hint = did_you_mean(name, lessons.NAMES)
            return f"lessons has {name!r}, and sft/lessons/ has {', '.join(lessons.NAMES)}.{hint}"
        if not 0 < share <= MOST:
            return (
                f"lessons.{name} is {share:g}; it is how many lessons a question gives, above 0 and at most {MOST}. "
                "Leave out what is not to be taught."
            )
    return None if shares else "lessons is empty, so nothing would be taught. Write lessons: {text_to_sql: 1}, or null."
