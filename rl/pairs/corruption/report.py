"""What became of all corruptions that were made, by kind."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Tally:
    """Of one kind. `made` were played; `unfit` could not be put into the gold's own text and were not.

    Of those made `refused` did not pass the gate or the parser, `equal` give the gold's answer after all, `lucky` of
    these are refuted by a twin of the database, `unproven` ended as no answer should (out of time, a lost process) or
    have no ruler. All others are wrong and `kept`; `broken` of these do not run. `chosen` became pairs, in `shorter`
    of which the right answer has fewer characters than the wrong one, in `longer` more.
    """

    made: int = 0
    unfit: int = 0
    refused: int = 0
    equal: int = 0
    lucky: int = 0
    unproven: int = 0
    kept: int = 0
    broken: int = 0
    chosen: int = 0
    shorter: int = 0
    longer: int = 0


@dataclass(frozen=True, slots=True)
class CorruptionReport:
    """`golds` were tried; `barren` holds (id, reason) of those of which nothing was kept."""

    golds: int
    kinds: Mapping[str, Tally]
    barren: tuple[tuple[str, str], ...] = field(default=())

    def lines(self) -> list[str]:
        """As a table in plain text, a kind a line and all of them last."""
        names = ("made", "unfit", "refused", "equal", "lucky", "unproven", "kept", "broken", "chosen")
        total = Tally(*(sum(values) for values in zip(*map(_numbers, self.kinds.values()), strict=True)))
        rows = [(kind, tally) for kind, tally in self.kinds.items() if any(_numbers(tally))] + [("all", total)]
        head = "kind".ljust(20) + "".join(name.rjust(9) for name in names) + "  equal %  shorter %  longer %"
        return [head, *(_row(kind, tally, names) for kind, tally in rows)]


def _numbers(tally: Tally) -> tuple[int, ...]:
    return tuple(getattr(tally, name) for name in Tally.__dataclass_fields__)


def _row(kind: str, tally: Tally, names: tuple[str, ...]) -> str:
    counts = "".join(f"{getattr(tally, name):9,}" for name in names)
    equal, shorter, longer = (
        f"{100 * part / whole:.1f}" if whole else "-"
        for part, whole in ((tally.equal, tally.made), (tally.shorter, tally.chosen), (tally.longer, tally.chosen))
    )
    return f"{kind:20}{counts}{equal:>9}{shorter:>11}{longer:>10}"
