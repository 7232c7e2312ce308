"""A dense reward from what was executed: 1.0 for a proven answer, else 0.1 for running and 0.4 x the overlap of rows.

For small policies, which learn from partial credit where large ones need none (Think2SQL, arXiv:2504.15077). Nothing
in it looks at the text, so a flipped operator earns what its rows earn. No wrong answer reaches more than 0.5.
"""

from envs.rollout import Rollout
from rewards.parseable import parseable

RUNS = 0.1
"""What a query is worth that ran to its end inside its limits, whatever it returned."""

ROWS = 0.4
"""What `Verdict.overlap` adds at most. RUNS + ROWS is half of a right answer."""


def row_overlap(rollout: Rollout) -> float | None:
    """In [0, 1]; None where there is no ruler.

    An equality that proves nothing (both answers empty, or an answer that reads no table) earns RUNS and no more: its
    overlap proves nothing either, and could be had without reading the question. Right here and wrong on a twin of the
    database is wrong, and keeps the credit for its rows. Beside a gold that writes no rows are compared: RUNS again.
    """
    proven = rollout.verdict.proven
    if proven is None:
        return None
    if not parseable(rollout) or not rollout.execution.ok:
        return 0.0
    if proven:
        return 1.0
    empty = rollout.verdict.vacuous or rollout.verdict.constant
    return RUNS + ROWS * (0.0 if empty else rollout.verdict.overlap or 0.0)
