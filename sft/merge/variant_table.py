"""What was exported and how it did, as Markdown."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rewards.paired import Difference, Interval

if TYPE_CHECKING:
    from sft.merge.exports import Export
    from sft.merge.variant_scores import Row


def megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


def share(interval: Interval) -> str:
    return f"{100 * interval.mean:.1f} [{100 * interval.low:.1f}, {100 * interval.high:.1f}]"


def change(difference: Difference | None) -> str:
    if difference is None:
        return "-"
    low, high = 100 * difference.low, 100 * difference.high
    lost = f"{difference.gained} / {difference.lost}"
    return f"{100 * difference.mean:+.1f} [{low:+.1f}, {high:+.1f}], {lost}"


def sizes(exports: Sequence["Export"]) -> str:
    """Size on disk, and how far the float32 logits of the policy's own greedy answers moved."""
    lines = ["| variant | weights on disk | logits, largest and mean change | same greedy token |", "|---|---|---|---|"]
    for export in exports:
        gap = export.gap
        moved = f"{gap.largest:.2g}, {gap.mean:.2g} | {gap.same} of {gap.tokens}" if gap else "- | -"
        lines.append(f"| {export.name} | {megabytes(export.bytes)} | {moved} |")
    return "\n".join(lines)


def scores(rows: Sequence["Row"], batch: int) -> str:
    """Accuracy in points with 95% intervals, the paired change to the first row, and latency in milliseconds."""
    timed = rows[0].latency.questions
    lines = [
        f"| variant | on disk | weights in memory | execution accuracy (strict), {rows[0].accuracy.scored} questions | "
        f"paired change, gained / lost | ms a question, batch 1, {timed} questions: mean, P50, P95 | "
        f"questions/s, batch {batch} |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        time = row.latency
        each = ", ".join(f"{1000 * seconds:,.0f}" for seconds in (time.mean, time.p50, time.p95))
        peak = f" (peak {megabytes(row.peak)})" if row.peak is not None else ""
        lines.append(
            f"| {row.name} | {megabytes(row.bytes)} | {megabytes(row.memory)}{peak} | {share(row.accuracy)} | "
            f"{change(row.change)} | {each} | {time.batched_per_second:.1f} |"
        )
    return "\n".join(lines)
