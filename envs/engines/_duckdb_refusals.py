"""What is refused by name before DuckDB sees it, with the reason in words.

It names the fault; nobody's safety depends on it (`envs/sandbox`, and the locked, read-only instance). Strings,
comments and quoted columns do not trigger it; a quoted function name does, and DuckDB 2.0 has no other spelling of one.
"""

import re
from collections.abc import Sequence

from envs import lexical
from envs.engines._duckdb_frozen import NAMES as FROZEN

_CHANCE = {
    *("setseed", "current_connection_id", "current_query_id", "current_transaction_id", "txid_current", "stats"),
    *("pg_backend_pid", "reservoir_quantile"),
}
_SECRETS = {"current_setting", "getenv", "getvariable", "which_secret"}
_STRINGS = {"query", "query_table", "json_execute_serialized_sql"}
_FILES = {
    *(
        "read_csv",
        "read_csv_auto",
        "read_text",
        "read_blob",
        "read_duckdb",
        "read_parquet",
        "parquet_scan",
        "sniff_csv",
    ),
    *("read_json", "read_json_auto", "read_json_objects", "read_json_objects_auto", "read_ndjson", "read_ndjson_auto"),
    *("read_ndjson_objects", "read_single_csv_file", "read_single_json_file", "read_single_parquet_file"),
    *("parquet_metadata", "parquet_schema", "parquet_file_metadata", "parquet_full_metadata", "parquet_kv_metadata"),
    *("parquet_bloom_probe", "arrow_scan", "arrow_scan_dumb", "pandas_scan", "python_arrow_scan"),
    "python_map_function",
}
_INSTANCE = {
    *("enable_logging", "disable_logging", "truncate_duckdb_logs", "write_log", "checkpoint", "force_checkpoint"),
    *("enable_profiling", "disable_profiling", "register_external_resource_type", "register_external_resource"),
    *("create_external_resource", "destroy_external_resource", "deregister_external_resource"),
}
_CALLS = {
    **{name: "is not deterministic" for name in _CHANCE},
    **{name: "discloses settings of the server" for name in _SECRETS},
    **{name: "runs SQL held in a string" for name in _STRINGS},
    **{name: "reads files or memory outside the database" for name in _FILES},
    **{name: "changes the server" for name in _INSTANCE},
    **{name: "waits" for name in ("sleep_ms", "pg_sleep")},
}
"""Refused where a bracket follows."""
_DISCLOSES = {
    *("duckdb_databases", "duckdb_settings", "duckdb_extensions", "duckdb_extension_repositories", "duckdb_secrets"),
    *("duckdb_memory", "duckdb_temporary_files", "duckdb_external_file_cache", "duckdb_logs", "duckdb_logs_parsed"),
    *("duckdb_log_contexts", "duckdb_variables", "duckdb_prepared_statements", "duckdb_connection_count"),
    *("duckdb_approx_database_count", "duckdb_eviction_queues", "duckdb_external_resources", "duckdb_table_sample"),
    *("duckdb_external_resource_types", "duckdb_profiling_settings", "pg_settings", "pragma_database_list"),
    *("pragma_database_size", "pragma_metadata_info", "pragma_storage_info", "pragma_user_agent", "pragma_platform"),
}
"""Refused wherever they are named: DuckDB reads some of them without brackets."""
_WORD = re.compile(r"\w+")
_SAMPLES = {"tablesample", "sample"}
_HIDES = re.compile(r"\$|\b[eE]'")
"""Dollar quotes and strings with escapes, which `lexical` does not know, nor does it a comment inside a comment."""
_OF_A_SCHEMA = re.compile(rf"\.\s*\"?({'|'.join(sorted(FROZEN))})\b")
_SUSPECTS = frozenset(_CALLS) | _DISCLOSES | FROZEN | _SAMPLES


def refusal(sql: str) -> str:
    """Why `sql` is refused, or ""."""
    words = _WORD.findall(sql.lower())
    if _SUSPECTS.isdisjoint(words):
        return ""
    if _HIDES.search(sql) or sql.count("/*") > 1:
        return _anywhere(sql, words)
    parts = [(kind, sql[start:end]) for kind, start, end in lexical.tokens(sql) if kind not in ("space", "comment")]
    for i, (kind, text) in enumerate(parts):
        if kind not in ("word", "name"):
            continue
        name = text.strip('"').lower()
        if kind == "word" and (name == "tablesample" or (name == "sample" and _follows(parts, i, "using"))):
            return f"is not deterministic: {'USING SAMPLE' if name == 'sample' else 'TABLESAMPLE'}"
        if name in _DISCLOSES:
            return f"discloses the server: {name}"
        if i + 1 < len(parts) and parts[i + 1][1] == "(":
            if name in _CALLS:
                if _follows(parts, i, "with") or _follows(parts, i, "recursive"):
                    continue  # as good a name for a CTE as any
                return f"{_CALLS[name]}: {name}"
            if name in FROZEN and _follows(parts, i, "."):
                return f"is not deterministic: {name} of another schema"
    return ""


def _follows(parts: Sequence[tuple[str, str]], i: int, what: str) -> bool:
    return i > 0 and parts[i - 1][1].lower() == what


def _anywhere(sql: str, words: Sequence[str]) -> str:
    """Why a text is refused in which something may hide from `lexical`: there a name is enough, wherever it stands."""
    named = next((word for word in words if word in _CALLS or word in _DISCLOSES or word in _SAMPLES), "")
    if named:
        return f"names what may not be called, in a text with quotes or comments of an unusual kind: {named}"
    other = _OF_A_SCHEMA.search(sql.lower())
    return f"is not deterministic: {other[1]} of another schema" if other else ""
