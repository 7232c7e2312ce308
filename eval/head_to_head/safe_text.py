"""What models and files wrote, so that a page or a Markdown table shows it and obeys none of it."""

from html import escape

from envs.visible import visible
from eval.head_to_head.policies import Table

CELL, ROWS, COLUMNS = 80, 8, 10
"""Most of a result that is shown: characters of a value, rows, columns."""


def safe(text: str) -> str:
    """Ready for HTML, in text and in quoted attributes."""
    return escape(visible(text), quote=True)


def cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]} [... {len(text) - most:,} characters more]"


def cell(text: str) -> str:
    """Ready for a cell of a Markdown table."""
    told = escape(visible(text).replace("\n", " "), quote=False)
    return "".join(f"\\{one}" if one in "\\`*_[]|" else one for one in told)


def fenced(text: str) -> list[str]:
    """Lines of a Markdown block that the text cannot end."""
    fence = "```"
    while fence in text:
        fence += "`"
    return [f"{fence}sql", visible(text), fence]


def values(table: Table) -> list[list[str]]:
    """The first cells of a result as text."""
    return [[cut(_told(value), CELL) for value in row[:COLUMNS]] for row in table[:ROWS]]


def _told(value: object) -> str:
    return "NULL" if value is None else f"x'{value.hex()}'" if isinstance(value, bytes) else str(value)
