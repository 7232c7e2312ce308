"""An answer from what the sandbox showed of a statement."""

from envs.execution import Limits
from envs.sandbox.shown import Shown
from serve.answer import Answer
from serve.refusals import refusal


def shown_answer(question: str, sql: str, shown: Shown, limits: Limits) -> Answer:
    """Without what was asked of the model."""
    parts = ["reads only" if shown.changes is None else "writes, tried on a copy", str(shown.effort or "")]
    return Answer(
        question,
        sql,
        columns=shown.names if shown.answers else (),
        rows=shown.rows,
        count=shown.count,
        capped=shown.count is None or shown.count > len(shown.rows),
        error=None if shown.answers else refusal(shown, limits),
        checks=", ".join(filter(None, parts)) if shown.answers or shown.effort else "",
        changes=shown.changes,
        status=shown.status,
    )
