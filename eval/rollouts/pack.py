"""A run as the page carries it: a head that is read at once, and the rollouts in compressed pieces read when seen."""

import gzip
import json
from base64 import b64encode
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from eval.rollouts.curves import curves, diagnoses, number
from eval.rollouts.files import Run
from eval.rollouts.marks import FILTERS, group_marks, high, total
from eval.rollouts.shown import shown_question, shown_row
from eval.rollouts.telling import quota, telling
from policy.rollouts import Row

BUDGET = 15_000_000
"""Bytes of the page that rollouts may take."""
PIECE = 1_000_000
"""Characters of JSON in one compressed piece, about; a step is never split."""


@dataclass(frozen=True, slots=True)
class Packed:
    """`head` and `pieces` are gzip in base64; `kept` of all `rows` rollouts are in the pieces."""

    title: str
    head: str
    pieces: list[str]
    rows: int
    kept: int


@dataclass(slots=True)
class _Packing:
    """What grows while the steps go by."""

    pieces: list[str] = field(default_factory=list[str])
    waiting: list[str] = field(default_factory=list[str])
    steps: list[list[Any]] = field(default_factory=list[list[Any]])
    index: list[list[int]] = field(default_factory=list[list[int]])
    asked: dict[str, Row] = field(default_factory=dict[str, Row])
    counts: Counter[str] = field(default_factory=Counter[str])
    shown: Counter[str] = field(default_factory=Counter[str])

    def end_piece(self) -> None:
        if self.waiting:
            self.pieces.append(squeezed("[" + ",".join(self.waiting) + "]"))
            self.waiting = []

    @property
    def size(self) -> int:
        return sum(map(len, self.pieces))


def pack(run: Run, most: int | None = None) -> Packed:
    """At most `most` rollouts, and not more than `BUDGET` holds: of each step as many, the most telling ones."""
    sizes: list[int] = []
    totals: list[float | None] = []
    right: list[bool] = []
    for _, rows in run.steps():
        sizes.append(len(rows))
        totals += [total(row["rewards"], run.weights) for row in rows]
        right += [bool(row["correct"]) for row in rows]
    above, each = high(totals, right), quota(sizes, len(totals) if most is None else most)
    packing = _packed(run, above, each)
    while packing.size > BUDGET and each > 1:
        each = max(1, min(each - 1, int(0.95 * each * BUDGET / packing.size)))
        packing = _packed(run, above, each)
    return Packed(
        title=run.folder.resolve().name,
        head=squeezed(plain_json(_head(run, packing, len(totals)))),
        pieces=packing.pieces,
        rows=len(totals),
        kept=len(packing.index),
    )


def _packed(run: Run, above: float, each: int) -> _Packing:
    packing = _Packing()
    places: dict[str, int] = {}
    for step, rows in run.steps():
        scores = [total(row["rewards"], run.weights) for row in rows]
        marks = _marks(rows, scores, above)
        kept = telling(rows, marks, each)
        for at, row in enumerate(rows):
            places.setdefault(row["example"], len(places))
            packing.asked.setdefault(row["example"], run.questions.get(row["example"], row))
            packing.counts.update(marks[at] - {"tied"})
        packing.counts["tied"] += len({rows[at]["example"] for at in range(len(rows)) if "tied" in marks[at]})
        packing.shown["tied"] += len({rows[at]["example"] for at in kept if "tied" in marks[at]})
        told: list[Row] = []
        for at in kept:
            bits = sum(1 << i for i, one in enumerate(FILTERS) if one.key in marks[at])
            place = places[rows[at]["example"]]
            packing.shown.update(marks[at] - {"tied"})
            packing.index.append([len(packing.steps), place, len(told), bits])
            told.append(shown_row(rows[at], place, at, scores[at], bits))
        right = sum(bool(row["correct"]) for row in rows)
        groups = Counter(places[row["example"]] for row in rows)
        known = [score for score in scores if score is not None]
        mean = sum(known) / len(known) if known else None
        packing.steps.append(
            [
                step,
                number(rows[0].get("epoch")),
                len(packing.pieces),
                len(packing.waiting),
                len(rows),
                right,
                mean,
                [*groups.items()],
            ]
        )
        packing.waiting.append(plain_json(told))
        if sum(map(len, packing.waiting)) > PIECE:
            packing.end_piece()
    packing.end_piece()
    return packing


def _marks(rows: list[Row], scores: list[float | None], above: float) -> list[set[str]]:
    groups: dict[str, list[int]] = {}
    for at, row in enumerate(rows):
        groups.setdefault(row["example"], []).append(at)
    found: list[set[str]] = [set() for _ in rows]
    for places in groups.values():
        marks = group_marks([rows[at] for at in places], [scores[at] for at in places], above)
        for at, mark in zip(places, marks, strict=True):
            found[at] = mark
    return found


def _head(run: Run, packing: _Packing, rows: int) -> dict[str, Any]:
    schemas: dict[str, int] = {}
    questions = [shown_question(row, schemas) for row in packing.asked.values()]
    return {
        "name": run.folder.resolve().name,
        "model": str(run.config.get("model_name_or_path", "")),
        "task": str(run.config.get("task", "")),
        "max_steps": run.config.get("max_steps"),
        "finished": run.finished,
        "stand_in": run.stand_in,
        "notes": run.notes,
        "weights": run.weights,
        "rows": rows,
        "kept": len(packing.index),
        "curves": curves(run.metrics),
        "health": diagnoses(run.metrics),
        "filters": [
            asdict(one) | {"count": packing.counts[one.key], "shown": packing.shown[one.key]} for one in FILTERS
        ],
        "steps": packing.steps,
        "index": packing.index,
        "questions": questions,
        "schemas": [*schemas],
    }


def plain_json(value: Any) -> str:
    """JSON that a browser reads: no NaN, and nothing but ASCII."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def squeezed(text: str) -> str:
    return b64encode(gzip.compress(text.encode(), compresslevel=9, mtime=0)).decode()
