"""A question, and what became of an answer to it, as text for a person at a terminal."""

import os
import shutil
import sys
import textwrap
from itertools import accumulate
from typing import get_args

import rewards
from envs.example import Example
from envs.execution import Execution, Value
from envs.rollout import Rollout
from envs.verdict import Mode

SCHEMA_LINES = 30
"""Most lines of a schema that are shown without being asked for."""
CELL = 40
"""Most characters of a value that the table shows."""
WIDEST = 120
STYLES = {"bold": "1", "dim": "2", "right": "32", "wrong": "31", "unscored": "33"}


def painted(text: str, style: str) -> str:
    """`text` in a style, plain where nobody would see it."""
    plain = not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return text if plain or not text else f"\033[{STYLES[style]}m{text}\033[0m"


def wrapped(text: str, label: str = "", indent: int = 4) -> str:
    """Each line of `text` folded at the width of the terminal; folds are indented, or stand beside the label."""
    width = min(shutil.get_terminal_size().columns, WIDEST)
    first = f"{label:<10}" if label else ""
    folds = textwrap.TextWrapper(width, subsequent_indent=" " * (len(first) or indent), break_on_hyphens=False)
    lines = [folds.fill(line) for line in (first + text).splitlines()]
    return "\n".join(lines)


def asked(example: Example, place: str) -> str:
    """The question as a policy gets it, without the gold."""
    notes = ", ".join(filter(None, [place, example.dialect, example.difficulty, example.category]))
    lines = [f"{painted(example.id, 'bold')}  {painted(notes, 'dim')}", schema(example, whole=False)]
    if example.evidence:
        lines.append(wrapped(example.evidence, "evidence"))
    return "\n\n".join([*lines, painted(wrapped(example.question, indent=0), "bold")]) + "\n"


def schema(example: Example, whole: bool = True) -> str:
    lines = wrapped(example.schema or "there is no schema: the database is missing, or empty").splitlines()
    if whole or len(lines) <= SCHEMA_LINES:
        return "\n".join(lines)
    more = f"... {len(lines) - SCHEMA_LINES} more lines; .schema shows them"
    return "\n".join([*lines[:SCHEMA_LINES], painted(more, "dim")])


def told(rollout: Rollout) -> str:
    """What became of a completion: how it ended, its rows, the verdict in every mode, every reward."""
    execution, verdict = rollout.execution, rollout.verdict
    lines = [painted(f"{execution.status}", "right" if execution.ok else "wrong") + f"  {execution.seconds:.3f} s"]
    if rollout.sql != rollout.completion.rstrip("; \n"):
        lines.append(wrapped(rollout.sql or "no SQL was found in it", "read as"))
    if (why := rollout.gate or execution.message) and why != verdict.ungradable:
        lines.append(wrapped(why))
    if execution.ok:
        lines.append(table(execution))
    marks = {"vacuous": verdict.vacuous, "constant": verdict.constant, "refuted by a twin": verdict.twins is False}
    modes = {"state": verdict.state} if verdict.state is not None else {m: verdict.named(m) for m in get_args(Mode)}
    said = "  ".join(f"{name} {answer(right)}" for name, right in modes.items())
    lines += ["", f"{painted('verdict', 'bold')}   {said}"]
    for what, text in (
        ("no ruler", verdict.ungradable),
        ("because", "" if verdict.reason == rollout.gate else verdict.reason),
        ("but", ", ".join(name for name, so in marks.items() if so) + ": not proven" if any(marks.values()) else ""),
        ("overlap", "" if verdict.overlap is None else f"{verdict.overlap:.3f} of the rows"),
    ):
        if text:
            lines.append(wrapped(text, what))
    lines += ["", painted("rewards", "bold")]
    for name in rewards.NAMES:
        score = rewards.load(name)(rollout)
        lines.append(f"  {name:<18} " + (painted("unscored", "unscored") if score is None else f"{score:.3f}"))
    return "\n".join(lines) + "\n"


def answer(right: bool | None) -> str:
    word = "unscored" if right is None else "right" if right else "wrong"
    return painted(word, word)


def table(execution: Execution) -> str:
    """The first rows of a result, numbers to the right, as many columns as fit, and how many there are of each."""
    cells = [[cell(value) for value in row] for row in execution.sample]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    fit = sum(total <= min(shutil.get_terminal_size().columns, WIDEST) for total in accumulate(w + 2 for w in widths))
    lines: list[str] = []
    for row, texts in zip(execution.sample, cells, strict=True):
        shown = list(zip(row, texts, widths, strict=True))[: max(fit, 1)]
        aligned = (t.rjust(w) if isinstance(value, int | float) else t.ljust(w) for value, t, w in shown)
        lines.append("  " + "  ".join(aligned).rstrip())
    notes = [count(execution.rows, "row", len(cells)), count(execution.columns, "column", max(fit, 1) if cells else 0)]
    return "\n".join([*lines, painted("  " + ", ".join(notes), "dim")])


def count(number: int, what: str, shown: int) -> str:
    """Like "3 rows" or "120 rows (5 shown)"."""
    return f"{number:,} {what}{'' if number == 1 else 's'}" + (f" ({shown} shown)" if 0 < shown < number else "")


def cell(value: Value) -> str:
    text = "NULL" if value is None else value.hex(" ") if isinstance(value, bytes) else str(value)
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return text if len(text) <= CELL else text[: CELL - 3] + "..."
