"""What the authors of a file say of its predictions, laid beside the verdicts of every comparison."""

from collections.abc import Mapping, Sequence

from envs.rows import Row
from eval.score_table import COLUMNS, verdict
from policy.scores import Scored

WORDS = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}


def label(row: Row, column: str) -> bool | None:
    """True, False, or None where the row does not say. Raises ValueError on a word that is neither."""
    text = row.text(column).strip().lower()
    if text and text not in WORDS:
        raise ValueError(f"{row.at}: {column} is {text[:40]!r}, and a label is true or false, 1 or 0")
    return WORDS.get(text)


def agreement(found: Mapping[str, Sequence[Scored]]) -> str:
    """In Markdown, a row a label: how many verdicts of each comparison are what the label says, over all files; ""
    where no file has labels."""
    pairs: dict[str, dict[str, list[bool]]] = {}
    for some in found.values():
        for one in some:
            for name, labels in (one.facts.get("labels") or {}).items():
                for said, score in zip(labels, one.scores, strict=True):
                    for column in COLUMNS:
                        judged = verdict(score, column)
                        if judged is not None and said is not None:
                            pairs.setdefault(name, {}).setdefault(column, []).append(judged == said)
    used = [column for column in COLUMNS if any(column in one for one in pairs.values())]
    lines = [f"| the file's own label | {' | '.join(used)} |", f"|---|{'---:|' * len(used)}"]
    for name, columns in pairs.items():
        cells = [f"{sum(columns.get(one, [])):,} of {len(columns.get(one, [])):,}" for one in used]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) if pairs else ""
