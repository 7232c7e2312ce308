"""Pairs to train on and to refuse."""

from collections.abc import Callable

import pytest

from envs.verdict import CONTRACT
from rl.pairs.pair import Pair, Verified


@pytest.fixture(scope="session")
def pair() -> Callable[..., Pair]:
    """A verified pair of an example about a database: the right query reads a column that is there."""

    def made(example: str, database: str, column: str = "name", kind: str = "", error: str = "missing_column") -> Pair:
        right, wrong = f"SELECT {column} FROM {database}", f"SELECT {column}s FROM {database}"
        return Pair(
            example=example,
            task="worlds",
            split="train",
            question=f"Show the {column} of each {database}",
            evidence="",
            schema=f"{database}({column}, age)",
            schema_id=database,
            engine="sqlite",
            dialect="sqlite",
            gold_sql=right,
            prompt="strict",
            chosen=right,
            rejected=wrong,
            chosen_sql=right,
            rejected_sql=wrong,
            source="corruption" if kind else "policy",
            chosen_source="gold",
            error=error,
            kind=kind,
            verified=Verified(CONTRACT, "strict", False, True, True),
        )

    return made
