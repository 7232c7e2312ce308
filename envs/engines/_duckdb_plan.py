"""How much a query would make DuckDB go through, by its plan: an estimate, nothing runs."""

import json
from collections.abc import Mapping
from typing import Any, Protocol

import duckdb

from envs.engines._duckdb_watchdog import watchdog


class Handled(Protocol):
    """`envs.engines.duckdb.DuckdbConnection`."""

    @property
    def handle(self) -> duckdb.DuckDBPyConnection: ...

    def schema(self) -> str: ...


def widest_step(connection: Handled, sql: str, tables: Mapping[str, str], seconds: float) -> int | None:
    """Rows that its widest operator is expected to give; None where DuckDB does not say."""
    handle = connection.handle
    watchdog.arm(handle, seconds)
    try:
        found = handle.execute(f"EXPLAIN (FORMAT JSON) {sql}").fetchall()
        return _widest(json.loads(found[0][1]))
    except (duckdb.Error, ValueError, LookupError, RecursionError):
        watchdog.disarm()
        connection.schema()  # which leaves the transaction: after an error it takes no more
        return None
    finally:
        watchdog.disarm()


def _widest(plan: list[dict[str, Any]]) -> int | None:
    found = [int(rows) for one in plan if (rows := one.get("extra_info", {}).get("Estimated Cardinality"))]
    found += [below for one in plan if (below := _widest(one.get("children", []))) is not None]
    return max(found, default=None)
