"""What texts look like: dates, addresses, codes. The name of the first form that nearly all of them have."""

import re
from collections.abc import Iterable

ENOUGH = 0.95
"""Share of the texts that must have a form; what is left is taken for faults in the data."""

FORMS = {
    "date YYYY-MM-DD": r"\d{4}-\d{2}-\d{2}",
    "timestamp YYYY-MM-DD HH:MM": r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?",
    "date D/M/Y or M/D/Y": r"\d{1,2}/\d{1,2}/(\d{2}|\d{4})",
    "date D.M.Y": r"\d{1,2}\.\d{1,2}\.(\d{2}|\d{4})",
    "time HH:MM": r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?",
    "email": r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}",
    "url": r"(https?://|www\.)\S+",
    "uuid": r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    "ip address": r"\d{1,3}(\.\d{1,3}){3}",
    "number as text": r"[+-]?\d+(\.\d+)?",
    "percentage": r"[+-]?\d+(\.\d+)?\s?%",
    "money": r"[$€£]\s?\d[\d,]*(\.\d+)?",
    "telephone": r"\+?[\d() .-]{7,20}(x\d+)?",
    "code": r"(?=.*\d)[A-Z0-9]+([-_][A-Z0-9]+)*|[A-Z]{2,5}",
}
_COMPILED = {name: re.compile(form) for name, form in FORMS.items()}
SORTED = ("date YYYY-MM-DD", "timestamp YYYY-MM-DD HH:MM")
"""Forms whose order as text is their order in time."""


def format_of(texts: Iterable[str]) -> str:
    """A name in `FORMS`, or ""; blank texts do not count."""
    told = [text for text in texts if text.strip()]
    for name, form in _COMPILED.items():
        if told and sum(form.fullmatch(text) is not None for text in told) >= ENOUGH * len(told):
            return name
    return ""
