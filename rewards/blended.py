"""The reward this lab trains on: 1.0 for a right answer, else 0.7 x ROUGE-L of the SQL text.

The seed's score (antbartash/text-to-sql) with its holes closed. Text is credited only to SQL that passed the gate and
did not end hard, and never above 0.7, so no wrong answer can outscore a right one. Right means `Verdict.proven`: an
equality that proves nothing (both results empty, an answer that reads no table), or that a twin of the database
refutes, gets the text credit and no more; else a policy learns to answer with nothing. The text is the query's own:
comments, and strings that the gold does not hold, are no place to copy it to, and an answer that reads no table where
the gold does is no query at all.
"""

from envs import lexical
from envs.execution import Status
from envs.rollout import Rollout
from rewards.parseable import parseable
from rewards.rouge_l import f_measure

TEXT = 0.7
"""What a perfect copy of the gold's text is worth when its result is not the gold's."""

HARD = {Status.TIMEOUT, Status.MEMORY, Status.FORBIDDEN, Status.CRASH}
"""Endings that cost the lab something or tried to leave the sandbox: no credit for looking like the gold."""


def blended(rollout: Rollout) -> float | None:
    """In [0, 1]; None where there is no ruler (the gold is ungradable, or the worker was lost twice)."""
    proven = rollout.verdict.proven
    if proven is None:
        return None
    if not parseable(rollout) or rollout.execution.status in HARD:
        return 0.0
    if proven:
        return 1.0
    gold = rollout.example.gold_sql
    return 0.0 if rollout.verdict.constant else TEXT * f_measure(gold, own_text(rollout.sql, gold))


def own_text(sql: str, gold: str) -> str:
    """`sql` without its comments, and without the strings that `gold` does not hold."""
    kept = {gold[token.start : token.end] for token in lexical.tokens(gold) if token.kind == "string"}
    parts = [(token.kind, sql[token.start : token.end]) for token in lexical.tokens(sql)]
    return "".join(
        " " if kind == "comment" or (kind == "string" and part not in kept) else part for kind, part in parts
    )
