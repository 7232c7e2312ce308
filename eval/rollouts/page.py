"""The whole document: one file that loads nothing, with a script that shows what a policy wrote as text only."""

import re
from base64 import b64encode
from hashlib import sha256
from html import escape
from pathlib import Path

from envs import page_style
from eval.rollouts.pack import Packed

BROWSER = Path(__file__).parent / "browser"
SCRIPTS = ("element", "pieces", "words", "curves", "rollout", "group", "found", "main")
"""In the order in which they stand on the page."""


def page(packed: Packed) -> str:
    """Packed data holds no character that HTML knows, and no script runs but the lab's own, named by its hash."""
    script = "'use strict';\n" + "\n".join((BROWSER / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)
    pieces = "\n".join(f'<script type="application/gzip" class="piece">{piece}</script>' for piece in packed.pieces)
    parts = {
        "title": escape(packed.title),
        "style": page_style.STYLE + (BROWSER / "page.css").read_text(encoding="utf-8"),
        "script": script,
        "hash": "sha256-" + b64encode(sha256(script.encode()).digest()).decode(),
        "head": packed.head,
        "pieces": pieces,
    }
    document = (BROWSER / "page.html").read_text(encoding="utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], document)
