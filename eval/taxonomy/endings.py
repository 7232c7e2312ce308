"""How an answer is wrong that did not run."""

import re

from sqlglot import exp

from envs import lexical
from envs.example import Example
from envs.execution import Status
from envs.prose import starts_statement
from eval.taxonomy.judged import Judged
from eval.trees.linking import linked
from eval.trees.reading import read

DIALECTS = ("postgres", "mysql", "tsql", "bigquery", "snowflake", "oracle", "duckdb", "sqlite")
_PROGRAM = re.compile(
    r"^\s*(?:import |from \w+ import |def \w+\(|db\.\w+|const |let |var |#include|MATCH\s*\(|PREFIX |public )",
    re.MULTILINE,
)
"""Python, JavaScript, MongoDB's shell, C, Java, Cypher, SPARQL."""
_MARKS = {
    "sqlite": re.compile(
        r"\bSELECT\s+TOP\s+\d|\bILIKE\b|::\s*\w|\bINTERVAL\s+['\d]|\bEXTRACT\s*\(|\bFETCH\s+(?:FIRST|NEXT)\b|\bDATE_\w+\s*\("
        r"|\b(?:ANY|ALL)\s*\(\s*SELECT\b|\bROLLUP\b|\bQUALIFY\b|\bROWNUM\b",
        re.IGNORECASE,
    ),
    "duckdb": re.compile(r"`|\bSELECT\s+TOP\s+\d|\bROWNUM\b|\bLIMIT\s+\d+\s*,|\bIFNULL\b", re.IGNORECASE),
}
"""What engines of other dialects take and this one does not."""
_OPEN_END = re.compile(
    r"(?:\b(?:SELECT|FROM|WHERE|JOIN|ON|AND|OR|BY|HAVING|IN|AS|LIKE|BETWEEN|LIMIT|UNION|EXCEPT|INTERSECT|NOT)|[,.=<>(+*-])\s*$",
    re.IGNORECASE,
)
_UNPARSED = ("does not parse", "selects no columns")
"""How the gate begins what it says of such a text (`envs.gate`)."""


def ending(sql: str, example: Example, score: Judged, completion: str, truncated: bool) -> set[str]:
    """The names of what kept an answer from running; none where it ran."""
    if truncated:
        return {"truncated"}
    if score.status == Status.NO_SQL or not sql.strip():
        return {"other language" if _PROGRAM.search(completion) else "prose"}
    if score.status == Status.OK:
        return set()
    if score.status in (Status.SYNTAX, Status.REJECTED) and not starts_statement(sql):
        return {"other language" if _PROGRAM.search(sql) else "prose"}
    if score.status == Status.SYNTAX or score.gate.startswith(_UNPARSED):
        return {_unparsed(sql, example)}
    return _NAMED.get(score.status, set()) or _names(sql, example, score)


_NAMED = {
    Status.REJECTED.value: {"refused"},
    Status.FORBIDDEN.value: {"refused"},
    Status.AMBIGUOUS.value: {"ambiguous column"},
    Status.SEMANTIC.value: {"misuse"},
    Status.TIMEOUT.value: {"timed out"},
    Status.MEMORY.value: {"too much"},
    Status.TOO_MANY_ROWS.value: {"too much"},
}


def _unparsed(sql: str, example: Example) -> str:
    if _is_cut(sql):
        return "truncated"
    marks = _MARKS.get(example.database.engine)
    if marks and marks.search(sql):
        return "other dialect"
    if read(sql, example.dialect) is None and any(read(sql, other) is not None for other in DIALECTS):
        return "other dialect"
    return "syntax error"


def _is_cut(sql: str) -> bool:
    """Whether it ends in the middle: inside a bracket or quotes, or where something must follow."""
    kinds = [sql[token.start : token.end] for token in lexical.tokens(sql) if token.kind != "space"]
    last = kinds[-1] if kinds else ""
    quoted = last[:1] in ("'", '"', "`") and (len(last) == 1 or last[-1] != last[0])
    deep = sum(kind in ("(", "[") for kind in kinds) - sum(kind in (")", "]") for kind in kinds)
    return quoted or (deep > 0 and not last.endswith(")")) or _OPEN_END.search(sql) is not None


def _names(sql: str, example: Example, score: Judged) -> set[str]:
    """What an engine did not know, and whether the schema does."""
    if score.status == Status.MISSING_FUNCTION:
        return {"unknown function" if _invented(sql, example, score.message) else "other dialect"}
    known = linked(sql, example.dialect, example.schema)
    found: set[str] = set()
    if known is not None:
        lost = {"hallucinated table": known.unknown_tables, "hallucinated column": known.unknown_columns}
        lost["misplaced column"] = known.misplaced
        found = {name for name, names in lost.items() if names}
    if found or score.status not in (Status.MISSING_TABLE, Status.MISSING_COLUMN):
        return found or {"does not run"}
    return {"hallucinated table" if score.status == Status.MISSING_TABLE else "misplaced column"}


def _invented(sql: str, example: Example, message: str) -> bool:
    """Whether sqlglot knows the function that the engine misses from no dialect."""
    root = read(sql, example.dialect)
    if root is None:
        return True
    strange = (call.name.lower() for call in root.find_all(exp.Anonymous))
    return any(name in message.lower() for name in strange)
