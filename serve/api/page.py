"""The page that asks: HTML, style and script that come from here and load nothing from elsewhere."""

from collections.abc import Callable
from pathlib import Path

from envs import page_style

BROWSER = Path(__file__).parent / "browser"
SCRIPTS = ("element", "highlight", "rows", "answer", "feedback", "main")
"""In the order in which they are read."""


def _html() -> str:
    return (BROWSER / "page.html").read_text(encoding="utf-8")


def _css() -> str:
    return page_style.STYLE + (BROWSER / "page.css").read_text(encoding="utf-8")


def _js() -> str:
    return "'use strict';\n" + "\n".join((BROWSER / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)


FILES: dict[str, tuple[str, Callable[[], str]]] = {
    "/": ("text/html", _html),
    "/page.css": ("text/css", _css),
    "/page.js": ("text/javascript", _js),
}
"""Path -> type, and what it says."""
