"""SQL that stands bare in prose: where it starts, and where the prose goes on."""

import re

from envs import lexical

_NAME = r'(?:\w{1,100}|"[^"\n]{1,100}")'
_QUERY = rf"""
    SELECT\b(?!\s{{0,3}}(?:[,.:]|(?:and|to|with|statement|query|queries|clause|clauses|the|from\ the|is|in)\b))
  | WITH\s{{1,20}}(?:RECURSIVE\s{{1,20}})?{_NAME}\s{{0,20}}(?:\([^()]{{0,500}}\)\s{{0,20}})?
    AS\s{{0,20}}(?:NOT\s{{1,20}})?(?:MATERIALIZED\s{{0,20}})?\(
  | VALUES\s{{0,20}}\("""
_WRITE = rf"""
    (?:INSERT\s{{1,20}}(?:OR\s{{1,20}}\w{{1,10}}\s{{1,20}})?|REPLACE\s{{1,20}}|MERGE\s{{1,20}})INTO\b
  | UPDATE\s{{1,20}}[^;:]{{1,100}}?\sSET\s | DELETE\s{{1,20}}FROM\b | TRUNCATE\s{{1,20}}(?:TABLE\s{{1,20}})?{_NAME}
  | CREATE\s{{1,20}}(?:OR\s{{1,20}}REPLACE\s{{1,20}})?(?:(?:UNIQUE|TEMP|TEMPORARY|VIRTUAL)\s{{1,20}})?
    (?:TABLE|VIEW|INDEX|TRIGGER)\b
  | ALTER\s{{1,20}}TABLE\b | DROP\s{{1,20}}(?:TABLE|VIEW|INDEX|TRIGGER)\b"""
_OTHER = r"""
    (?:PRAGMA|ATTACH|DETACH|VACUUM|COPY|CALL|INSTALL|LOAD|SET|SHOW|DESCRIBE|SUMMARIZE|TABLE|FROM|PIVOT|BEGIN|COMMIT
    |ROLLBACK|EXPLAIN|EXPORT|IMPORT|CHECKPOINT|USE|DELETE|INSERT|UPDATE|CREATE|DROP|ALTER|GRANT)\b"""

_UPPER = re.compile(rf"\b(?:{_QUERY}|{_WRITE})", re.VERBOSE)
_ANY = re.compile(rf"\b(?:{_QUERY}|{_WRITE})", re.VERBOSE | re.IGNORECASE)
_LINE_START = re.compile(
    rf"(?:^|[:`])[ \t>(]{{0,20}}(?P<sql>{_QUERY}|{_WRITE})", re.VERBOSE | re.IGNORECASE | re.MULTILINE
)
_FIRST = re.compile(rf"\(*+\s*+(?:{_QUERY}|{_WRITE}|(?-i:{_OTHER}))", re.VERBOSE | re.IGNORECASE)
_STATEMENT = re.compile(
    rf"\(*+\s*+(?:SELECT|WITH|VALUES|REPLACE|MERGE|TRUNCATE|{_OTHER})\b", re.VERBOSE | re.IGNORECASE
)
_COMMENT_LINE = re.compile(r"^[ \t]*+--[^\n]*+", re.MULTILINE)
_STOP = re.compile(r"```|~~~|</(?:answer|sql|solution)\s{0,9}>|<\|im_end\|>|<\|endoftext\|>|</s>", re.IGNORECASE)
_SENTENCE = re.compile(
    r"(?:This|These|That|The|It|Here|Note|Explanation|In|We|I|Let|Hope|Where|You|Output|Result)\b"
    r"(?:[:,]?[ \t]{1,3}[a-z]{2,}|:\s|\s[a-z]\s)"
)
_JOINING = {"as", "from", "join", "by", "select", "and", "or", "on", "where", "in", "not", "into", "update", "table"}
_CONTINUES = re.compile(
    r"(?:SELECT|FROM|WHERE|GROUP|ORDER|HAVING|LIMIT|OFFSET|FETCH|WINDOW|QUALIFY|UNION|INTERSECT|EXCEPT|JOIN|LEFT|RIGHT|"
    r"INNER|OUTER|FULL|CROSS|NATURAL|AND|OR|ON|USING|VALUES|SET|AS|NOT|IN|CASE|WHEN|THEN|ELSE|END|WITH|RETURNING|"
    r"INSERT|UPDATE|DELETE|DESC|ASC|NULLS|BETWEEN|IS|LIKE)\b",
    re.IGNORECASE,
)


def starts_statement(text: str) -> bool:
    """Whether the first word of `text`, after blanks, comments and brackets, begins a statement of any kind."""
    return _STATEMENT.match(text, _first(text)) is not None


def bare(text: str) -> str:
    """The SQL in `text` without the prose around it; "" when nothing in it looks like SQL."""
    start = _start(text)
    return "" if start is None else text[start : _end(text, start)]


def _first(text: str) -> int:
    """The place of the first character that is neither blank nor comment."""
    return next((t.start for t in lexical.tokens(text) if t.kind not in ("space", "comment", "semicolon")), len(text))


def _start(text: str) -> int | None:
    if _FIRST.match(text, _first(text)):
        return 0
    seen = _COMMENT_LINE.sub(lambda line: " " * len(line[0]), text)  # what is commented out is no answer
    if found := _UPPER.search(seen) or _LINE_START.search(seen) or _ANY.search(seen):
        return found.start("sql") if "sql" in found.re.groupindex else found.start()
    return None


def _end(text: str, start: int) -> int:
    quoted_by_backtick = start > 0 and text[start - 1] == "`"
    depth = backticks = 0
    previous = ""
    for kind, at, end in lexical.tokens(text, start):
        if kind == "name" and text[at] == "`" and (quoted_by_backtick or text.startswith("```", at)):
            if text.startswith("```", at) or (backticks % 2 == 0 and not text[at + 1 : at + 2].isalnum()):
                return at
            backticks += 2
        elif kind == "open":
            depth += 1
        elif kind == "close":
            depth -= 1
            if depth < 0:
                return at
        elif kind == "semicolon" and depth == 0 and not starts_statement(text[end : end + 2_000]):
            return at
        elif kind == "other" and (stop := _STOP.search(text, at, end + 20)) and stop.start() < end:
            return stop.start()
        elif kind == "word" and previous not in _JOINING and _SENTENCE.match(text, at) and text[at - 1 : at].isspace():
            return _before_full_stop(text, at)
        elif kind == "space" and depth == 0 and text.count("\n", at, end) > 1 and _goes_on_in_prose(text, end):
            return at
        if kind not in ("space", "comment"):
            previous = text[at:end].lower()[:20] if kind == "word" else text[end - 1]
            previous = "as" if previous in (",", "=", "<", ">") else previous
    return len(text)


def _goes_on_in_prose(text: str, at: int) -> bool:
    if text[at : at + 1] in ("#", "*") or text.startswith(("- ", "1."), at):
        return True
    return text[at : at + 1].isalpha() and not _CONTINUES.match(text, at)


def _before_full_stop(text: str, at: int) -> int:
    end = len(text[:at].rstrip())
    return end - 1 if text[end - 1 : end] in (".", ":") else end
