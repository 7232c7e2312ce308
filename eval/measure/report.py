"""The table as Markdown for people and as JSON for programs, with the same numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from envs.visible import visible
from eval.head_to_head.safe_text import cell, cut
from eval.latency.record import Waits
from eval.measure.errors import ErrorClass
from eval.measure.slices import WHAT
from eval.measure.table import Cell, Row

SCHEMA = 1
LONGEST = 400
"""Characters of a query that are shown."""
LEGEND = (
    "Percent, or a number where one is counted; 95% intervals: Wilson's where every question counts 0 or 1, else the "
    "ideal bootstrap over questions (marked ~). Every question counts once, whatever the answer; questions that a row "
    "cannot score are listed below it and in no mean."
)


@dataclass(frozen=True, slots=True)
class Report:
    """`policies` maps the name of a column to its file and what its samples say of themselves. `by` maps a division to
    its slices and their rows, `waits` a policy to what `python -m eval.latency` measured of it."""

    policies: Mapping[str, Mapping[str, Any]]
    questions: int
    rows: Sequence[Row]
    by: Mapping[str, Mapping[str, Sequence[Row]]]
    errors: Sequence[ErrorClass] | None
    waits: Mapping[str, Waits]


def markdown(report: Report) -> str:
    names = list(report.policies)
    said = [row for row in report.rows if not row.empty]
    lines = [f"{report.questions:,} questions. {LEGEND}", "", *_head(["", *names, "of"])]
    lines += [_line([f"{row.measure.name}{_arrow(row)}", *_cells(row), _of(row)]) for row in said]
    lines += ["", *_unscored(report.rows, names)]
    lines += _waits(report.waits, names) if report.waits else []
    for by, slices in report.by.items():
        lines += ["", f"By {by}: {WHAT[by]}", "", *_head(["", "", *names, "of"])]
        lines += [
            _line([name, row.measure.name, *_cells(row), _of(row)]) for name, rows in slices.items() for row in rows
        ]
    if report.errors is not None:
        lines += ["", *_errors(report.errors, names)]
    return visible("\n".join(lines) + "\n")


def as_json(report: Report) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "policies": report.policies,
        "questions": report.questions,
        "rows": [_row(row) for row in report.rows],
        "by": {
            by: {name: [_row(row) for row in rows] for name, rows in some.items()} for by, some in report.by.items()
        },
        "latency": {name: asdict(one) for name, one in report.waits.items()},
        "errors": None if report.errors is None else [asdict(one) for one in report.errors],
    }


def _row(row: Row) -> dict[str, Any]:
    measure = {key: getattr(row.measure, key) for key in ("name", "what", "unit", "better")}
    return measure | {"same_questions": row.same, "cells": [asdict(one) for one in row.cells]}


def _cells(row: Row) -> list[str]:
    return [_told(one, row.measure.unit == "share", row.same) for one in row.cells]


def _told(one: Cell, share: bool, same: bool) -> str:
    if one.mean is None:
        return ""
    scale, digits = (100, 1) if share else (1, 3)
    mean, low, high = (f"{scale * value:.{digits}f}" for value in (one.mean.mean, one.mean.low, one.mean.high))
    mark = "~" if one.mean.by == "bootstrap" else ""
    return f"{mean} {mark}({low} to {high})" + ("" if same else f" of {one.scored:,}")


def _of(row: Row) -> str:
    return f"{row.cells[0].scored:,}" if row.same else "other questions in each"


def _arrow(row: Row) -> str:
    return " (less is better)" if row.measure.better == "lower" else ""


def _unscored(rows: Sequence[Row], names: Sequence[str]) -> list[str]:
    """For each row the questions that it leaves out, by reason; rows that leave out the same in one line."""
    told: dict[str, list[str]] = {}
    for row in rows:
        parts = [
            f"{name}: " + ", ".join(f"{count:,} ({why})" for why, count in one.unscored.items())
            for name, one in zip(names, row.cells, strict=True)
            if one.unscored
        ]
        whys = {tuple(one.unscored.items()) for one in row.cells}
        if len(whys) == 1 and parts and len(names) > 1:
            parts = ["each: " + parts[0].removeprefix(f"{names[0]}: ")]
        if parts:
            told.setdefault("; ".join(parts), []).append(row.measure.name)
    return [f"- unscored in {', '.join(measures)}: {what}" for what, measures in told.items()]


def _waits(waits: Mapping[str, Waits], names: Sequence[str]) -> list[str]:
    """Beside each other only where they were measured on the same."""
    found = [waits.get(name) for name in names]
    rows = [
        ("latency, mean seconds", [one and f"{one.mean:.3f}" for one in found]),
        ("latency, P50", [one and f"{one.p50:.3f}" for one in found]),
        ("latency, P95", [one and f"{one.p95:.3f}" for one in found]),
        ("answers a second, many at once", [one and f"{one.answers_per_second:.1f}" for one in found]),
        ("peak memory, MiB", [one and one.peak_mib and f"{one.peak_mib:,.0f}" for one in found]),
        ("parameters", [one and one.parameters and f"{one.parameters:,}" for one in found]),
    ]
    lines = ["", "Latency: one question at a time", "", *_head(["", *names])]
    lines += [_line([name, *(str(cell or "") for cell in cells)]) for name, cells in rows]
    on = {one.on for one in found if one}
    told = "Measured on: " if len(on) == 1 else "Measured on what is not the same, so these are not to be compared: "
    return [*lines, "", told + "; or ".join(sorted(on))]


def _errors(errors: Sequence[ErrorClass], names: Sequence[str]) -> list[str]:
    lines = ["Wrong answers by their most telling error (in brackets: in how many it is found at all)", ""]
    lines += _head(["", *names])
    for one in errors:
        counts = zip(one.first, one.any, strict=True)
        lines.append(_line([one.name, *(f"{first:,} ({found:,})" for first, found in counts)]))
    lines += [_line(["all", *(f"{sum(one.first[i] for one in errors):,}" for i, _ in enumerate(names))]), ""]
    for one in errors:
        wrong = one.shown
        lines += [f"- {one.name} ({wrong.policy}, {wrong.example}): {cell(wrong.question)}"]
        lines += [f"    - gold: `{_code(wrong.gold)}`", f"    - answer: `{_code(wrong.sql)}`"]
        lines += [f"    - {cell(wrong.message)}"] if wrong.message else []
    return lines


def _head(cells: Sequence[str]) -> list[str]:
    return [_line(cells), "|" + "---|" + "---:|" * (len(cells) - 1)]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell(one) for one in cells) + " |"


def _code(sql: str) -> str:
    return cut(" ".join(sql.split()).replace("`", "'"), LONGEST)
