"""What playing golds, silence and strangers' golds found, counted and in words."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from envs.admission import Admission
from envs.example import Example
from envs.rollout import Rollout
from envs.verdict import Mode
from rewards.admission_words import MODES, cause, disagreeing, grouped, match, note_kind, rewritten, said, shortfall
from rewards.execution_match import execution_match

MOST = 10
"""Winning strangers that are named at a terminal."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds: median, 95th percentile and longest of one run of a kept gold; their sum; the gate as a whole."""

    median: float
    most_of_them: float
    longest: float
    sum: float
    gate: float

    @classmethod
    def of(cls, seconds: Iterable[float], gate: float) -> "Cost":
        ranked = sorted(seconds) or [0.0]
        return cls(
            ranked[len(ranked) // 2], ranked[int(0.95 * (len(ranked) - 1))], ranked[-1], sum(ranked), round(gate, 1)
        )

    def __str__(self) -> str:
        return (
            f"a gold takes {1000 * self.median:.3g} ms (median), {1000 * self.most_of_them:.3g} ms (95%), "
            f"{self.longest:.2f} s (longest), all together {self.sum:.1f} s; the gate took {self.gate:.1f} s"
        )


@dataclass(frozen=True, slots=True)
class Report:
    """`golds`, `empty` and `strangers` are the three answers to the examples kept; the last where there is a stranger.

    `cost` is the only part that differs from one run to the next. `twins` says whether twins were asked for.
    """

    examples: Sequence[Example]
    admission: Admission
    golds: Sequence[Rollout]
    empty: Sequence[Rollout]
    strangers: Sequence[Rollout]
    twins: bool = False
    cost: Cost = field(default=Cost(0, 0, 0, 0, 0), compare=False)

    @property
    def below(self) -> list[tuple[Rollout, str]]:
        """Kept golds that score below the top as their own answer, and in what."""
        return [(rollout, why) for rollout in self.golds if (why := shortfall(rollout))]

    @property
    def disagreements(self) -> list[tuple[Rollout, str]]:
        """Kept golds that some mode does not call right as their own answer, and what is to be said of it.

        What Spider's evaluator spoils by rewriting (`rewritten`) is no fault of the ruler: published numbers hold it.
        """
        found = [(rollout, disagreeing(rollout)) for rollout in self.golds]
        told = "; Spider's evaluator executes another text"
        return [(r, f"not right by {', '.join(lost)}{told if rewritten(r) else ''}") for r, lost in found if lost]

    @property
    def speaking(self) -> list[Rollout]:
        """Empty answers that win."""
        return [rollout for rollout in self.empty if execution_match(rollout) == 1.0]

    @property
    def matches(self) -> list[Rollout]:
        """Strangers' golds that win."""
        return [rollout for rollout in self.strangers if execution_match(rollout) == 1.0]

    @property
    def tried(self) -> list[Rollout]:
        """Kept golds with twins on which an answer can be tried."""
        return [rollout for rollout in self.golds if rollout.verdict.twins is not None]

    @property
    def refuted(self) -> list[Rollout]:
        """Strangers' golds that win here and lose on a twin."""
        return [rollout for rollout in self.matches if rollout.verdict.twins is False]

    @property
    def sound(self) -> bool:
        return not self.below and not self.speaking

    @property
    def causes(self) -> dict[str, list[tuple[str, str]]]:
        """Cause -> (id, reason) of its quarantined examples, the most frequent cause first."""
        return grouped(((cause(reason), (id, reason)) for id, reason in self.admission.quarantined))

    @property
    def notes(self) -> dict[str, list[tuple[str, str]]]:
        """Kind of note -> (id, note), the most frequent kind first."""
        pairs = [(id, note) for id, notes in self.admission.notes for note in notes]
        return grouped((note_kind(note), (id, note)) for id, note in pairs)

    @property
    def modes(self) -> dict[Mode, tuple[int, int]]:
        """Mode -> (kept golds that win in it, kept golds it can grade); golds that write are graded by none."""
        queries = [rollout.verdict for rollout in self.golds if rollout.verdict.state is None]
        return {mode: (sum(v.named(mode) is True for v in queries), len(queries)) for mode in MODES}

    def __str__(self) -> str:
        kept, matches = len(self.admission.kept), self.matches
        nothing = sum(rollout.verdict.vacuous for rollout in self.golds)
        modes = ", ".join(f"{mode} {won:,} of {of:,}" for mode, (won, of) in self.modes.items())
        lines = [
            f"{len(self.examples):7,} examples",
            f"{kept:7,} kept; {nothing:,} of them prove nothing (an empty or constant result)",
            f"{len(self.admission.quarantined):7,} quarantined",
            *(f"{len(rows):13,} {why}" for why, rows in self.causes.items()),
            *(row(id, reason) for rows in self.causes.values() for id, reason in rows),
            f"{len(self.below):7,} kept golds score below the top as their own answer",
            *(row(rollout.example.id, why) for rollout, why in self.below),
            f"{len(self.speaking):7,} empty answers win",
            *(row(rollout.example.id, said(rollout)) for rollout in self.speaking),
            f"{len(matches):7,} of {len(self.strangers):,} golds of another question win",
            *(row(rollout.example.id, f"{match(rollout)}: {rollout.sql}") for rollout in matches[:MOST]),
            *([row("...", "report.html lists them all")] if len(matches) > MOST else []),
            *([f"{len(self.tried):7,} kept golds have twins to try an answer on"] if self.twins else []),
            *([f"{len(self.refuted):7,} of the strangers' wins are refuted by twins"] if self.twins else []),
            f"{sum(map(len, self.notes.values())):7,} notes",
            *(f"{len(rows):13,} {kind}" for kind, rows in self.notes.items()),
            f"        gold as its own answer wins: {modes}",
            *(row(rollout.example.id, why) for rollout, why in self.disagreements),
            f"        {self.cost}",
            "sound: every kept gold wins, and silence never does" if self.sound else "NOT SOUND",
        ]
        return "\n".join(lines)

    def write(self, folder: Path) -> None:
        """`quarantine.jsonl` (id, reason, gold) and `notes.jsonl` (id, notes), in the order of the examples."""
        golds = {example.id: example.gold_sql for example in self.examples}
        found = [{"id": id, "reason": reason, "gold": golds[id]} for id, reason in self.admission.quarantined]
        _lines(folder / "quarantine.jsonl", found)
        _lines(folder / "notes.jsonl", [{"id": id, "notes": notes} for id, notes in self.admission.notes])


def row(id: str, text: str) -> str:
    return f"          {id}: {' '.join(text.split())[:200]}"


def _lines(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8", errors="backslashreplace")
