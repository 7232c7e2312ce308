"""The few rollouts of many that a person should look at: best, worst, newest failures, largest gaps to the truth."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]

MOST = 16
"""Rows picked at a time, a quarter of them for each reason."""

COLUMNS = (
    "step", "why", "example", "question", "gold_sql", "sql", "status", "message", "correct", "reason", "reward",
    "advantage", "completion",
)  # fmt: skip
"""Of the table, as they stand in policy/rollouts.py's rows, beside `why` the row was picked and the summed `reward`."""

LONGEST = 4_000
"""Characters of a cell: a table is for reading, and rollouts/ holds the whole."""


def telling(rows: Sequence[Row], weights: Mapping[str, float], most: int = MOST) -> list[list[Any]]:
    """At most `most` table rows (COLUMNS) of the rollouts generated since the last look, in their order.

    A rollout is picked for one reason only, and of rollouts with the same question and SQL one is enough. Those that no
    reward scores tell of a broken ruler and not of the policy: they can only be failures.
    """
    scored = [(row, reward) for row in rows if (reward := summed(row, weights)) is not None]
    by_reward = [row for row, _ in sorted(scored, key=lambda pair: pair[1])]
    gaps = sorted(scored, key=lambda pair: -abs(gap(pair[0], pair[1], weights)))
    wishes: dict[str, Iterator[Row]] = {
        "newest failure": (row for row in reversed(rows) if row["status"] != "ok"),
        "reward far from truth": (row for row, reward in gaps if gap(row, reward, weights)),
        "best": (row for row in reversed(by_reward) if row["correct"]),
        "worst": (row for row in by_reward if not row["correct"]),
    }
    picked: dict[tuple[str, str], tuple[Row, str]] = {}
    for why, wished in wishes.items():
        left = most // len(wishes)
        for row in wished:
            key = (row["example"], row["sql"] or row["completion"])
            if left and key not in picked:
                picked[key] = (row, why)
                left -= 1
    place = {id(row): at for at, row in enumerate(rows)}
    chosen = sorted(picked.values(), key=lambda pair: place[id(pair[0])])
    return [_cells(row, why, summed(row, weights)) for row, why in chosen]


def summed(row: Row, weights: Mapping[str, float]) -> float | None:
    """What the policy is trained on: the weighted sum of a rollout's rewards; None where it is unscored."""
    parts = [(row["rewards"].get(name), weight) for name, weight in weights.items() if weight]
    known = [(value, weight) for value, weight in parts if value is not None]
    return sum(value * weight for value, weight in known) if known else None


def gap(row: Row, reward: float, weights: Mapping[str, float]) -> float:
    """By how much the reward, as a share of what the weights can give, misses the verdict (1 right, 0 wrong)."""
    most = sum(weight for weight in weights.values() if weight > 0) or 1.0
    return reward / most - float(bool(row["correct"]))


def _cells(row: Row, why: str, reward: float | None) -> list[Any]:
    values = {**row, "why": why, "reward": reward}
    return [_short(values.get(column)) for column in COLUMNS]


def _short(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return f"{value[:LONGEST]} ..." if isinstance(value, str) and len(value) > LONGEST else value
