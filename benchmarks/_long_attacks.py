"""Attacks that are long rather than clever: made here, because nobody wants them in a file."""

from collections.abc import Callable

from benchmarks._attack_cases import Attack, Engine

FITS = 19_000
"""Characters: below what the gate lets through (`envs.gate.CHARACTERS`), so that a parser and an engine see it."""


def long_attacks() -> list[Attack]:
    """Every text for both engines; ids are L (over the gate's limit), F (below it) and N (not the same twice)."""
    found: list[Attack] = []
    engines: tuple[Engine, ...] = ("sqlite", "duckdb")
    for engine in engines:
        for i, (note, text) in enumerate(_too_long().items()):
            found.append(Attack(engine, f"L{i:02}", "long", (text,), note))
        for i, (note, text) in enumerate((_fitting() | _runaway(engine)).items()):
            found.append(Attack(engine, f"F{i:02}", "fits", (text,), note))
        for i, text in enumerate(_changing(engine)):
            found.append(Attack(engine, f"N{i:02}", "nondet", (text,), text))
    return found


def _too_long() -> dict[str, str]:
    return {
        "brackets": "SELECT " + "(" * 100_000 + "1" + ")" * 100_000,
        "brackets never closed": "SELECT " + "(" * 300_000,
        "nested subqueries": "SELECT * FROM (" * 10_000 + "SELECT 1" + ")" * 10_000,
        "300,000 terms": "SELECT " + "+".join(["1"] * 300_000),
        "30,000 UNIONs": " UNION ".join(f"SELECT {i}" for i in range(30_000)),
        "20 MB of one string": "SELECT '" + "x" * 20_000_000 + "'",
        "20 MB of blanks": "SELECT 1" + " " * 20_000_000,
        "20 MB of comments": "SELECT 1 " + "/**/" * 5_000_000,
        "20 MB of quotes": "SELECT " + "'" * 20_000_000,
        "a comment never closed": "SELECT 1 /*" + "/*" * 1_000_000,
        "1,000,000 statements": "SELECT 1;" * 1_000_000,
        "a huge list": "SELECT 1 WHERE 1 IN (" + ",".join(map(str, range(1_000_000))) + ")",
        "a huge pattern": "SELECT 'a' LIKE '" + "%_" * 1_000_000 + "'",
        "deep JSON": "SELECT json_extract('" + "[" * 1_000_000 + "', '$')",
        "a million surrogates": "SELECT '" + "\ud800" * 1_000_000 + "'",
    }


def _filled(start: str, part: str, end: str = "") -> str:
    return start + part * ((FITS - len(start) - len(end)) // len(part)) + end


def _numbered(start: str, part: Callable[[int], str], end: str = "") -> str:
    text, i = start, 0
    while len(text) + len(part(i)) + len(end) < FITS:
        text, i = text + part(i), i + 1
    return text + end


def _fitting() -> dict[str, str]:
    return {
        "brackets up to the limit": "SELECT " + "(" * 99 + "1" + ")" * 99,
        "NOT": _filled("SELECT ", "NOT ", "1"),
        "minus signs": _filled("SELECT ", "- ", "1"),
        "terms": _filled("SELECT 1", "+1"),
        "ANDs": _filled("SELECT 1", " AND 1"),
        "concatenations": _filled("SELECT 'a'", "||'a'"),
        "casts": _filled("SELECT 1", "::INT"),
        "subscripts": _filled("SELECT x", "[1]"),
        "dots": _filled("SELECT a", ".a"),
        "commas": _filled("SELECT 1", ",1"),
        "joins": _filled("SELECT 1 FROM emp", ",emp"),
        "natural joins": _filled("SELECT 1 FROM emp", " NATURAL JOIN emp"),
        "UNIONs": _filled("SELECT 1", " UNION SELECT 1"),
        "EXCEPT and INTERSECT": _filled("SELECT 1", " EXCEPT SELECT 2 INTERSECT SELECT 1"),
        "CASE in CASE": _filled("SELECT ", "CASE WHEN 1 THEN 1 ELSE ", "1"),
        "CASE in CASE, closed": "SELECT " + "CASE WHEN 1 THEN 1 ELSE " * 600 + "1" + " END" * 600,
        "EXISTS": "SELECT " + "EXISTS (SELECT " * 95 + "1" + ")" * 95,
        "BETWEEN": _filled("SELECT 1", " BETWEEN 1 AND 1"),
        "lambdas": _filled("SELECT ", "x -> ", "1"),
        "INTERVALs": _filled("SELECT ", "INTERVAL ", "1"),
        "sort keys": _filled("SELECT id FROM emp ORDER BY 1", ",1"),
        "common tables": _numbered("WITH a AS (SELECT 1 x)", lambda i: f",a{i} AS (SELECT x FROM a)", " SELECT 1"),
        "doubling common tables": "WITH a0 AS (SELECT 1 x)"
        + "".join(f",a{i} AS (SELECT a.x FROM a{i - 1} a, a{i - 1} b)" for i in range(1, 60))
        + " SELECT count(*) FROM a59",
        "doubling unions": "WITH a0 AS NOT MATERIALIZED (SELECT 1 x)"
        + "".join(
            f",a{i} AS NOT MATERIALIZED (SELECT x FROM a{i - 1} UNION ALL SELECT x FROM a{i - 1})" for i in range(1, 40)
        )
        + " SELECT count(*) FROM a39",
        "a pattern": "SELECT " + "'" + "a" * 9_000 + "' LIKE '" + "%a" * 4_500 + "b'",
        "a list": _numbered("SELECT 1 FROM emp WHERE id IN (0", lambda i: f",{i}", ")"),
        "a long number": "SELECT " + "9" * 18_000,
        "a long name": "SELECT " + "a" * 18_000,
        "a long exponent": "SELECT 1e" + "9" * 18_000,
        "comments in comments": _filled("SELECT 1 ", "/*", "*/"),
        "dollar quotes": _filled("SELECT ", "$a$", "1"),
        "NUL": "SELECT 1 \0 UNION SELECT 2",
        "a lone surrogate": "SELECT '\ud800' AS \"\udfff\"",
        "byte order marks": "\ufeff" * 1_000 + "SELECT 1",
        "right to left": "SELECT '\u202e\u2066' AS \"\u200f\"",
        "no text": " \t\n;;;-- nothing",
    }


def _runaway(engine: Engine) -> dict[str, str]:
    if engine == "sqlite":
        return {
            "one opcode": "SELECT instr(hex(zeroblob(4900000)), hex(zeroblob(2400000)) || '1')",
            "a slow function a row": "SELECT sum(length(replace(hex(zeroblob(4000000)), '00', '0'))) FROM emp, emp b",
            "endless rows": "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM r) SELECT x FROM r",
            "a wide sort": "SELECT a.name FROM emp a, emp b, emp c, emp d, emp e ORDER BY a.name || b.name || c.name",
        }
    return {
        "a constant to fold": "SELECT levenshtein(repeat('a', 300000), repeat('b', 300000))",
        "a list": "SELECT len(list_sort(range(200000000)))",
        "endless rows": "SELECT i FROM range(9000000000) t(i)",
        "a regular expression a row": "SELECT count(*) FROM range(100000) t(i) WHERE "
        "regexp_matches(repeat('a', 5000) || i::VARCHAR, '(a*)*(a*)*(a*)*b')",
        "a wide sort": "SELECT a.name FROM emp a, emp b, emp c, emp d, emp e ORDER BY a.name || b.name || c.name",
        "a sleep": "SELECT sleep_ms(60000)",
    }


def _changing(engine: Engine) -> list[str]:
    """Answers that a second run does not repeat: nothing a verdict can be built on."""
    both = [
        "SELECT random()",
        "SELECT current_timestamp",
        "SELECT current_time",
        "SELECT id FROM emp ORDER BY random()",
    ]
    if engine == "sqlite":
        times = ("datetime('now')", "julianday()", "strftime('%f')", "unixepoch('now', 'subsec')", "time('now')")
        own = ("hex(randomblob(8))", "abs(random()) % 1000", "total_changes()", "last_insert_rowid()", "changes()")
        return both + [f"SELECT {value}" for value in times + own]
    times = ("now()", "get_current_timestamp()", "localtimestamp", "localtime", "transaction_timestamp()")
    ages = ("age(TIMESTAMP '2020-01-01')", "epoch_ms(now()::TIMESTAMP)", "current_localtimestamp()", "today()")
    own = ("uuid()", "uuidv7()", "gen_random_uuid()", "txid_current()", "setseed(0.5)", "pg_catalog.random()")
    system = (
        "main.random()",
        "system.main.random()",
        "system.main.now()",
        "pg_backend_pid()",
        "current_connection_id()",
    )
    sampled = [
        "SELECT id FROM emp USING SAMPLE 3",
        "SELECT id FROM emp TABLESAMPLE 50%",
        "SELECT sum(memory_usage_bytes) FROM duckdb_memory()",
        "SELECT shuffled FROM (SELECT list_sort(range(5)) shuffled) USING SAMPLE 1",
    ]
    return both + [f"SELECT {value}" for value in times + ages + own + system] + sampled
