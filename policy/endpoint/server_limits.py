"""What a server's headers say about its limits: how long to wait, what is left, when there is more.

`Retry-After` is RFC 9110 section 10.2.3: seconds, or a date. `x-ratelimit-{remaining,reset,limit}-{requests,tokens}`
are OpenAI's, which Groq and others send too, with durations such as "1s", "6m0s" or "2m59.56s".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

Kind = Literal["requests", "tokens"]
KINDS: tuple[Kind, ...] = ("requests", "tokens")

_NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,12})?")
_DURATION = re.compile(
    r"(?:(?P<d>\d{1,6})d)?(?:(?P<h>\d{1,6})h)?(?:(?P<m>\d{1,9})m(?!s))?"
    r"(?:(?P<s>\d{1,9}(?:\.\d{1,12})?)s)?(?:(?P<ms>\d{1,12}(?:\.\d{1,12})?)ms)?"
)
_SECONDS = {"d": 86_400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


@dataclass(frozen=True, slots=True)
class Left:
    """Of one kind of limit: how much is left, how much there is when nothing is used (None where the server does not
    say), and in how many seconds that is so again."""

    remaining: int
    limit: int | None
    reset: float


def wait_asked_for(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server asks to wait, 0 for a date that is past; None where it does not say, or says nonsense."""
    milliseconds, said = headers.get("retry-after-ms", "").strip(), headers.get("retry-after", "").strip()
    if _NUMBER.fullmatch(milliseconds):
        return float(milliseconds) / 1000
    if _NUMBER.fullmatch(said):
        return float(said)
    until = _date(said)
    if until is None:
        return None
    # By the server's own clock where it shows it: this machine's may be wrong.
    now = _date(headers.get("date", "")) or datetime.now(UTC)
    return max(0.0, (until - now).total_seconds())


def seconds(text: str) -> float | None:
    """Of a duration, or of a number; None where it is neither."""
    text = text.strip()
    if _NUMBER.fullmatch(text):
        return float(text)
    found = _DURATION.fullmatch(text)
    if not text or not found:
        return None
    return sum(float(part) * _SECONDS[unit] for unit, part in found.groupdict().items() if part)


def left(headers: Mapping[str, str]) -> dict[Kind, Left]:
    """Of each kind of limit that the headers tell all of."""
    found: dict[Kind, Left] = {}
    for kind in KINDS:
        remaining, limit = (headers.get(f"x-ratelimit-{word}-{kind}", "").strip() for word in ("remaining", "limit"))
        reset = seconds(headers.get(f"x-ratelimit-reset-{kind}", ""))
        if _NUMBER.fullmatch(remaining) and reset is not None:
            known = _NUMBER.fullmatch(limit) and float(limit) >= 1
            found[kind] = Left(int(float(remaining)), int(float(limit)) if known else None, reset)
    return found


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError):  # TypeError is what older versions raise for what is no date
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
