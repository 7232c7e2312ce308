"""Pieces that the sections of the page are made of. Everything from a task goes through `safe`."""

from collections.abc import Iterable, Sequence
from html import escape

from envs.explore.plots import SERIES


def safe(text: str) -> str:
    return escape(text.replace("\0", "\N{REPLACEMENT CHARACTER}"), quote=True)


def share(part: float, whole: float) -> str:
    """A percentage rounded down, so that 100% means all, and 0% none."""
    if part <= 0 or not whole:
        return "0%"
    if part >= whole:
        return "100%"
    percent = int(1000 * part / whole) / 10
    return f"{percent:.1f}%" if percent else "<0.1%"


def of(part: int, whole: int) -> str:
    """A count and its share, ready for the page."""
    return f"{part:,} <span class='soft'>{safe(share(part, whole))}</span>"


def dot(place: int, name: str) -> str:
    """The name of a split behind its colour."""
    return f'<span class="split"><i class="dot {SERIES[place]}"></i>{safe(name)}</span>'


def meter(place: int, part: int, whole: int) -> str:
    """A cell: a share as a bar in the colour of its split, and in figures."""
    width = 100 * part / max(1, whole)
    bar = f'<span class="meter"><i class="{SERIES[place]}" style="width:{width:.1f}%"></i></span>'
    return f'<td class="bars">{bar}{safe(share(part, whole))} <span class="soft">{part:,}</span></td>'


def table(head: Sequence[str], rows: Iterable[str], kind: str = "") -> str:
    """`head` and `rows` are HTML; all columns but the first hold numbers."""
    numbers = ' class="n"' if not kind else ""
    names = "".join(f"<th{numbers if i else ''}>{name}</th>" for i, name in enumerate(head))
    body = "\n".join(rows)
    return f'<div class="wide"><table class="even {kind}">\n<tr>{names}</tr>\n{body}\n</table></div>'


def row(name: str, cells: Iterable[str]) -> str:
    """One row of numbers; name and cells are HTML."""
    return f"<tr><td>{name}</td>" + "".join(f'<td class="n">{cell}</td>' for cell in cells) + "</tr>"


def fold(summary: str, body: Iterable[str], opened: bool = False) -> str:
    """A part that opens; both are HTML."""
    inside = "\n".join(body)
    return f'<details class="group"{" open" if opened else ""}><summary>{summary}</summary>\n{inside}\n</details>'
