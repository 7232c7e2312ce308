"""1.0 when the completion held a query and the gate let it run.

A gate, not "sqlglot did not raise": that one accepts `hello`, two statements and the empty string. See envs/gate.py.
"""

from envs.rollout import Rollout


def parseable(rollout: Rollout) -> float:
    """1.0 or 0.0; never None, because the gate needs no database."""
    return float(rollout.sql != "" and rollout.gate == "")
