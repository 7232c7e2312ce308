"""What stands still in DuckDB, so that a query has one answer: its clock, and its chance.

Temporary macros shadow the functions, also in column defaults and under keywords such as CURRENT_DATE, which DuckDB
2.0 turns into calls. What no macro reaches is refused by name (`_duckdb_refusals`).
"""

_NOW = "TIMESTAMPTZ '2025-01-01 00:00:00+00'"
_UUID = "UUID '00000000-0000-4000-8000-000000000000'"
_CONSTANTS = {
    "0.5::DOUBLE": ("random",),
    _UUID: ("uuid", "uuidv4", "uuidv7", "gen_random_uuid"),
    _NOW: (
        *("now", "current_timestamp", "get_current_timestamp", "transaction_timestamp"),
        *("pg_postmaster_start_time", "pg_conf_load_time"),
    ),
    "DATE '2025-01-01'": ("today", "current_date"),
    "TIMETZ '00:00:00+00'": ("current_time", "get_current_time"),
    "TIME '00:00:00'": ("current_localtime",),  # LOCALTIME becomes this call
    "TIMESTAMP '2025-01-01 00:00:00'": ("current_localtimestamp",),
}
NAMES = frozenset({"age", "ago"}.union(*_CONSTANTS.values()))
MACROS = "; ".join(
    [
        *(f"CREATE TEMP MACRO {name}() AS {value}" for value, names in _CONSTANTS.items() for name in names),
        f"CREATE TEMP MACRO ago(i) AS {_NOW} - i::INTERVAL",
        "CREATE TEMP MACRO age(t) AS system.main.age(TIMESTAMP '2025-01-01', t), (t, u) AS system.main.age(t, u)",
    ]
)
