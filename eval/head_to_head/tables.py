"""What the queries of flipped questions return, executed anew in the lab's sandbox; nothing else is executed."""

from collections.abc import Sequence
from dataclasses import replace

from envs.example import Example
from eval.head_to_head.comparison import Comparison, Pair
from eval.head_to_head.flips import Flip, Written
from eval.head_to_head.flips_by_error import kinds
from eval.head_to_head.flips_page import MOST
from eval.head_to_head.policies import Table
from policy.questions import environment
from policy.task_fields import TaskFields

Results = dict[tuple[str, str], tuple[Table, int, int]]
"""First rows, columns and rows of (example, SQL), of what ran."""


def with_tables(found: Comparison, examples: Sequence[Example], fields: TaskFields) -> Comparison:
    """The flips that the page shows, with the results of their gold and of every query that runs."""
    shown = {flip.example: flip for pair in found.pairs for flip in _shown(pair)}
    asked: dict[tuple[str, str], None] = {}
    for pair in found.pairs:
        for flip in _shown(pair):
            for one in (flip.asked.gold, *(one.sql for one in (*flip.before, *flip.after))):
                asked[flip.example, one] = None
    results: Results = {}
    with environment(fields, [one for one in examples if one.id in shown]) as env:
        for (name, sql), rollout in zip(
            asked, env.play_batch([(n, f"```sql\n{s}\n```") for n, s in asked]), strict=True
        ):
            ran = rollout.execution
            if ran.ok and rollout.sql.strip().rstrip(";") == sql.strip().rstrip(";"):
                results[name, sql] = (ran.sample, ran.columns, ran.rows)
    pairs = (replace(pair, flips=tuple(_filled(flip, results) for flip in pair.flips)) for pair in found.pairs)
    return replace(found, pairs=tuple(pairs))


def _shown(pair: Pair) -> list[Flip]:
    return [flip for gained in (True, False) for kind in kinds(pair.flips, gained, MOST) for flip in kind.shown]


def _filled(flip: Flip, results: Results) -> Flip:
    def filled(one: Written) -> Written:
        table, columns, rows = results.get((flip.example, one.sql), (one.table, one.columns, one.rows))
        return replace(one, table=table, columns=columns, rows=rows)

    expected, _, _ = results.get((flip.example, flip.asked.gold), (flip.expected, 0, 0))
    before, after = (tuple(map(filled, side)) for side in (flip.before, flip.after))
    return replace(flip, before=before, after=after, expected=expected)
