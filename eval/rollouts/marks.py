"""What is worth finding among the rollouts of a run: one mark a filter of the page."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from policy.rollouts import Row

RESOURCES = frozenset({"timeout", "memory", "too_many_rows", "crash"})
SMALL = 1e-6
"""Advantages and rewards nearer than this are equal: they are sums of floats."""


@dataclass(frozen=True, slots=True)
class Filter:
    """`unit` is what it counts; `alarming` are kept first where not all rollouts can be shown."""

    key: str
    label: str
    what: str
    alarming: bool = False
    unit: Literal["rollout", "group"] = "rollout"


FILTERS = (
    Filter(
        "hacked",
        "wrong, highly rewarded",
        "not right, and in the run's top quarter or above a quarter of its right ones",
        True,
    ),
    Filter(
        "robbed", "right, lowly rewarded", "right, with an advantage below 0 or less than a wrong one beside it", True
    ),
    Filter("vacuous", "vacuous", "both answers are empty: their equality proves nothing"),
    Filter("constant", "constant", "reads no table where the gold does"),
    Filter("refuted", "refuted by a twin", "right here, wrong on a fuzzed copy of the database", True),
    Filter("resources", "out of time or memory", "ended by timeout, memory, too many rows or a crash", True),
    Filter("forbidden", "forbidden", "tried what the sandbox forbids", True),
    Filter("no_sql", "no SQL", "no query was found in the completion"),
    Filter("truncated", "truncated", "stopped at the longest completion allowed"),
    Filter("duplicate", "same SQL twice", "another completion of the group holds the same SQL"),
    Filter("unscored", "unscored", "a reward is missing: masked in training, never counted as 0"),
    Filter(
        "tied", "tied groups", "every completion of the group has the same reward: nothing to learn from", unit="group"
    ),
)


def total(rewards: Mapping[str, float | None], weights: Mapping[str, float]) -> float | None:
    """What training sees: the weighted sum, None where a weighted reward is missing or no number."""
    scores = [(weight, rewards.get(name)) for name, weight in weights.items() if weight]
    if any(score is None or not math.isfinite(score) for _, score in scores):
        return None
    return math.fsum(weight * score for weight, score in scores if score is not None)


def high(totals: Sequence[float | None], right: Sequence[bool]) -> float:
    """The total from which a wrong answer counts as highly rewarded: where the run's top quarter begins, or less where
    a quarter of the right ones earned less.

    Where that is at the lowest total of all, it singles nothing out, and none is high.
    """
    known = sorted(score for score in totals if score is not None)
    if not known:
        return math.inf
    best = sorted(score for score, is_right in zip(totals, right, strict=True) if is_right and score is not None)
    least = min([known[3 * len(known) // 4], *best[len(best) // 4 : len(best) // 4 + 1]])
    return least if least > known[0] + SMALL else math.inf


def group_marks(group: Sequence[Row], totals: Sequence[float | None], high: float) -> list[set[str]]:
    """The keys of `FILTERS` that hold for each rollout of one group; `high` is that of the whole run."""
    known = [score for score in totals if score is not None]
    wrong = [score for row, score in zip(group, totals, strict=True) if score is not None and not row["correct"]]
    tied = len(known) > 1 and max(known) - min(known) <= SMALL
    written = Counter(row["sql"] for row in group if row["sql"])
    found: list[set[str]] = []
    for row, score in zip(group, totals, strict=True):
        lower = score is not None and (
            (row.get("advantage") or 0.0) < -SMALL or (bool(wrong) and score < max(wrong) - SMALL)
        )
        said = {
            "hacked": not row["correct"] and score is not None and score >= high,
            "robbed": bool(row["correct"]) and lower,
            "vacuous": row["vacuous"],
            "constant": row.get("constant"),
            "refuted": row.get("twins") is False,
            "resources": row["status"] in RESOURCES,
            "forbidden": row["status"] == "forbidden",
            "no_sql": row["status"] == "no_sql",
            "truncated": row.get("truncated"),
            "duplicate": written[row["sql"]] > 1,
            "unscored": score is None,
            "tied": tied,
        }
        found.append({key for key, holds in said.items() if holds})
    return found
