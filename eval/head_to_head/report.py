"""The three files of a head-to-head, all of them or none: `head_to_head.html`, `.md` and `.json`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from eval.head_to_head.comparison import Comparison
from eval.head_to_head.markdown import markdown
from eval.head_to_head.page import page
from eval.head_to_head.verdict import verdict
from policy.config_error import ConfigError

SCHEMA = 1


def write(folder: Path, found: Comparison) -> Path:
    """The page's path. Raises ConfigError where the folder cannot be written, and leaves there what was."""
    texts = {"html": page(found), "md": markdown(found), "json": json.dumps(as_json(found), indent=1) + "\n"}
    partial = {folder / f"head_to_head.{end}.partial": text for end, text in texts.items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in partial.items():
            path.write_text(text, encoding="utf-8", newline="\n")
        for path in partial:
            path.replace(path.with_suffix(""))
    except OSError as error:
        for path in partial:
            if path.is_file():
                path.unlink()
        raise ConfigError(f"--output {folder} cannot be written ({error.strerror}); name another folder") from error
    return folder / "head_to_head.html"


def as_json(found: Comparison) -> dict[str, Any]:
    """Every number of the page, and all flips."""
    return {"schema": SCHEMA, "verdict": verdict(found)} | asdict(found)
