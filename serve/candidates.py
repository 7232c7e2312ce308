"""The queries that were written for one question, and what became of each."""

from collections.abc import Sequence

from envs.execution import Limits
from envs.sandbox.shown import Shown
from policy import vote
from serve.answer import Candidate
from serve.refusals import refusal
from serve.writer import Written


def candidates_of(
    written: Sequence[Written],
    sqls: Sequence[str],
    shown: Sequence[Shown],
    opinions: Sequence[float | None],
    limits: Limits,
) -> list[Candidate]:
    """In their order; votes are counted among them."""
    votes = vote.votes([one.fingerprint for one in shown])
    return [
        Candidate(
            sql,
            count,
            None if one.answers else refusal(one, limits),
            policy=by.by,
            result=one.fingerprint,
            opinion=opinion,
        )
        for by, sql, one, opinion, count in zip(written, sqls, shown, opinions, votes, strict=True)
    ]
