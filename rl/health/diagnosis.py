"""What is wrong with a run, in plain language: what was seen, the line that was crossed, and what to try."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from textwrap import wrap
from typing import Any

WIDTH = 100


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`told` says what was seen, `threshold` from where on it is called ill, `evidence` holds the numbers behind it by
    name, `advice` names keys of the config. `stop`: there is nothing to be gained by going on."""

    name: str
    step: int
    told: str
    threshold: str
    evidence: Mapping[str, float]
    advice: str
    stop: bool = False

    def row(self) -> dict[str, Any]:
        """As plain JSON, without the step, which the line that holds it has."""
        told = asdict(self)
        del told["step"]
        return told

    def numbers(self) -> str:
        return ", ".join(f"{name} {value:.4g}" for name, value in self.evidence.items())


def framed(found: Sequence[Diagnosis]) -> str:
    """All of them in one frame of at most `WIDTH` columns, for a console without colours."""
    lines: list[str] = []
    for one in found:
        lines += [*wrap(f"step {one.step}, {one.name}: {one.told}", WIDTH - 4)]
        parts = {"seen": one.numbers(), "line": one.threshold, "try": one.advice}
        for what, text in parts.items():
            lines += wrap(f"  {what + ':':<6}{text}", WIDTH - 4, subsequent_indent=" " * 8)
        if one.stop:
            lines.append("  The run stops here.")
        lines.append("")
    inside = max(map(len, lines))
    title = "- HEALTH "
    frame = [f"+{title}{'-' * (inside + 2 - len(title))}+", *(f"| {line:<{inside}} |" for line in lines[:-1])]
    return "\n".join([*frame, f"+{'-' * (inside + 2)}+"])
