"""What the sandbox is asked and what it answers."""

from collections.abc import Sequence
from dataclasses import dataclass

from envs.example import Database
from envs.execution import Execution, Limits
from envs.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Job:
    """Candidates for one gold on one database; `limits` where they are not the sandbox's own (memory is always its).
    `fingerprints`: name each result as a whole too, and say what other evaluators say (`also_said`): a few
    microseconds, but some 10 ms where it has 10,000 rows."""

    database: Database
    gold_sql: str
    dialect: str
    sqls: Sequence[str]
    limits: Limits | None = None
    fingerprints: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """One candidate beside its gold. `gate` is why it may not run, "" when it may."""

    sql: str
    gate: str
    execution: Execution
    verdict: Verdict
