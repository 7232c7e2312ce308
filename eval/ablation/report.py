"""The files of a family, all of them or none: `ablation.html`, `.md`, `.json` and `ablation.svg`, the same numbers."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from envs.page_style import STYLE
from eval.ablation.plot import plot
from eval.ablation.results import Results
from eval.ablation.told import cells, head, notes, verdict
from eval.head_to_head.safe_text import cell, safe
from policy.config_error import ConfigError
from policy.run_folder import write_whole

SCHEMA = 1
STAND_IN = "STAND-IN RUN: something smaller ran in place of what was asked for."
OWN = (
    ".chart svg { max-width: 100%; height: auto; } .scroll { overflow-x: auto; } .standin { color: var(--bad); } "
    "main { max-width: 84rem; } .chart, h1, p { max-width: 58rem; } .scroll th, .scroll td { overflow-wrap: normal; } "
    ".scroll td:not(:nth-child(2)) { white-space: nowrap; } .scroll td:nth-child(2) { min-width: 14rem; }"
)


def write(folder: Path, found: Results) -> Path:
    """The page's path. Raises ConfigError where the folder cannot be written."""
    drawn = plot(found)
    texts = {"svg": drawn, "json": as_json(found), "md": markdown(found), "html": page(found, drawn)}
    try:
        for end, text in texts.items():
            write_whole(folder / f"ablation.{end}", text)
    except OSError as error:
        raise ConfigError(f"--output_dir {folder} cannot be written ({error.strerror}); name another") from error
    return folder / "ablation.html"


def as_json(found: Results) -> str:
    told: dict[str, Any] = {"schema": SCHEMA, "verdict": verdict(found)} | asdict(found)
    return json.dumps(told, indent=1) + "\n"


def table(found: Results, written: Callable[[str], str] = cell) -> str:
    """Markdown, each cell as `written` makes it: for a terminal, which takes no escapes, `str`."""
    names = head(found)
    lines = [f"| {' | '.join(map(written, names))} |", f"|---|---|{'---:|' * (len(names) - 2)}"]
    return "\n".join([*lines, *(f"| {' | '.join(map(written, cells(found, row)))} |" for row in found.rows)])


def markdown(found: Results) -> str:
    lines = [f"# {cell(found.question)}", "", cell(verdict(found)), ""]
    lines += [f"**{STAND_IN}**", ""] if found.stand_in else []
    lines += [table(found), "", "![accuracy of each member with its interval](ablation.svg)", ""]
    lines += [f"- {cell(line)}" for line in notes(found)]
    lines += [f"- failed, and left out: {cell(name)}: {cell(_last(why))}" for name, why in found.failed.items()]
    return "\n".join(lines) + "\n"


def page(found: Results, drawn: str) -> str:
    """The whole document: no script, nothing loaded from anywhere."""
    row = lambda tag, texts: "".join(f"<{tag}>{safe(text)}</{tag}>" for text in texts)  # noqa: E731
    body = "".join(f"<tr>{row('td', cells(found, one))}</tr>\n" for one in found.rows)
    failed = "".join(f"<li>failed, and left out: {safe(n)}: {safe(_last(w))}</li>" for n, w in found.failed.items())
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{safe(found.family)}</title>\n<style>{STYLE}{OWN}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{safe(found.question)}</h1>\n<p><strong>{safe(verdict(found))}</strong></p>\n"
        + (f'<p class="standin"><strong>{STAND_IN}</strong></p>\n' if found.stand_in else "")
        + f'<div class="chart">{drawn[drawn.index("<svg") :]}</div>\n'
        f'<div class="scroll"><table>\n<tr>{row("th", head(found))}</tr>\n{body}</table></div>\n'
        f"<footer><ul>{''.join(f'<li>{safe(line)}</li>' for line in notes(found))}{failed}</ul></footer>\n"
        "</main>\n</body>\n</html>\n"
    )


def _last(why: str) -> str:
    """What a failed command said last before where its log is."""
    lines = [line for line in why.partition("\n\nall that it said")[0].splitlines() if line.strip()]
    return lines[-1] if lines else why
