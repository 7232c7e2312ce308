"""What Spider's test-suite evaluator says: its reading of a query and its equality of answers, bit for bit.

Source: taoyds/test-suite-sql-eval at e97acc5 with `--plug_value` and `--keep_distinct` off. Oddities that are kept, as
published numbers hold them: DISTINCT counts for nothing, "order by" anywhere in the gold fixes the order with no ties,
`value` in a prediction reads `1`, and `1` beside `1.0` can make two equal rows differ. Not kept: what is not UTF-8 is
replaced, where the evaluator drops it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from operator import eq

from envs.execution import Value
from envs.values import Row

_REWRITTEN = ("distinct", "> =", "< =", "! =", "curdate")
_ODD = re.compile(r"""["`\[\]$@#%:\\]|--|/\*|\bGO\b""")
_DISTINCT = re.compile(r"\b[dD][iI][sS][tT][iI][nN][cC][tT]\b")
_YEAR = re.compile(r"YEAR\s*\(\s*CURDATE\s*\(\s*\)\s*\)\s*", re.IGNORECASE)
_TOKEN = re.compile(
    r"""(?P<kept>/\*.*?\*/
          | (?<![\w"$])(?P<dollar>\$(?:[a-zà-ü_]\w*)?\$).*?(?P=dollar)
          | `(?:``|[^`])*` | '(?:''|\\'|[^'])*' | "(?:""|\\"|[^"])*"
          | (?<![\w\])])\[[^\]\[]+\]
          | :: | (?<!\w)[$:]\w+ | \\\w+ | %(?:\(\w+\))?s | (?:@|\#\#?)[a-zà-ü]\w+)
      | (?P<line>(?:--|\#\ )[^\r\n]*(?:\r\n|\r|\n|\Z))
      | (?P<newline>\r\n?|\n) | (?P<blank>\s)
      | (?P<number>-?0x[\da-f]+ | -?\d+(?:\.\d+)?e-?\d+
          | -?(?:\d+\.\d*|\.\d+)(?![_a-zà-ü]) | -?\d+(?![_a-zà-ü]))
      | (?P<name>(?<=\.)[a-zà-ü]\w* | [a-zà-ü]\w*(?=\s*\.(?!\d)) | [a-zà-ü]\w*(?=\())
      | (?P<word>(?:case|in|values|using|from|as)\b | \w[$\#\w]*)
      | (?P<other>\#?- | [+/@\#%^&|][+/@\#%^&|-]* | .)""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)


def as_evaluated(sql: str, prediction: bool) -> str:
    """The text that the evaluator executes; `sql` itself where it changes nothing."""
    text = sql.replace("value", "1") if prediction else sql
    lower = text.lower()
    several = ";" in text and ";" in text.rstrip("; \t\r\n")
    for part in _REWRITTEN:
        if part in lower:
            break
    else:
        if not several and "GO" not in text:
            return text
    for apart, joined in (("> =", ">="), ("< =", "<="), ("! =", "!=")):
        text = text.replace(apart, joined)
    if "distinct" in lower or several or "GO" in text:
        text = "".join(_first_statement(text) if several or _ODD.search(text) else _without_distinct(text))
    return _YEAR.sub("2020", text)


def order_matters(gold_sql: str) -> bool:
    """Whether the gold fixes the order of rows; `gold_sql` as evaluated."""
    return "order by" in gold_sql.lower()


def equal(gold_rows: Sequence[Row], rows: Sequence[Row], order_matters: bool) -> bool:
    """Whether some permutation of the columns (and of the rows, where order is free) makes the two the same."""
    if len(gold_rows) != len(rows):
        return False
    if not gold_rows:
        return True
    width = len(gold_rows[0])
    if len(rows[0]) != width:
        return False
    if all(map(eq, gold_rows, rows)) and not _odd(gold_rows, rows, width):
        return True
    if width == 1:
        return order_matters is False and Counter(gold_rows) == Counter(rows)
    if not _alike(gold_rows, rows, order_matters):
        return False
    if order_matters:
        return Counter(zip(*gold_rows, strict=True)) == Counter(zip(*rows, strict=True))
    return Counter(gold_rows) == Counter(rows) or _permuted(gold_rows, rows)


def _without_distinct(sql: str) -> Iterator[str]:
    """The same for one statement in which nothing but quotes keeps a word from being a token."""
    for i, part in enumerate(re.split("(')", sql)):
        yield part if i % 4 == 2 else _DISTINCT.sub("", part)


def _first_statement(sql: str) -> Iterator[str]:
    """Its pieces, without DISTINCT, split as sqlparse 0.5 and 0.6 do."""
    depth, ended = 0, False
    for match in _TOKEN.finditer(sql):
        kind, text = match.lastgroup, match.group()
        if ended and kind not in ("blank", "line"):
            return
        bare = text.lower() if kind in ("word", "name") else ""
        depth += (text == "(") - (text == ")") - (bare == "end" and kind == "word")
        ended = ended or (text == ";" and depth <= 0) or (text == "GO" and kind == "word")
        if bare != "distinct":
            yield text


def _odd(gold_rows: Sequence[Row], rows: Sequence[Row], width: int) -> bool:
    """Whether equal rows may still be `_alike` or not: only where a float may be written in two ways."""
    return width > 1 and any(float in map(type, row) for some in (gold_rows, rows) for row in some)


def _alike(gold_rows: Sequence[Row], rows: Sequence[Row], order_matters: bool) -> bool:
    """The evaluator's quick look: each row with its values sorted by how they and their types are written."""
    some, others = map(_unordered, gold_rows), map(_unordered, rows)
    return all(map(eq, some, others)) if order_matters else set(some) == set(others)


def _unordered(row: Row) -> Row:
    return tuple(sorted(row, key=_written))


def _written(value: Value) -> str:
    return str(value) + str(type(value))


def _permuted(gold_rows: Sequence[Row], rows: Sequence[Row]) -> bool:
    """Whether a permutation of columns makes the multisets equal: columns one by one, as long as prefixes agree."""
    golden: list[tuple[Value, ...]] = list(zip(*gold_rows, strict=True))
    columns: Counter[tuple[Value, ...]] = Counter(zip(*rows, strict=True))  # equal columns are tried once
    contents = {column: frozenset(Counter(column).items()) for column in columns}
    wanted = [frozenset(Counter(column).items()) for column in golden]
    if Counter(wanted) != Counter(contents[column] for column in columns.elements()):
        return False
    rarity = Counter(wanted)
    order = sorted(range(len(golden)), key=lambda i: (rarity[wanted[i]], -len(wanted[i])))

    def place(depth: int, left: Sequence[int], right: Sequence[int]) -> bool:
        if depth == len(order):
            return True
        gold = order[depth]
        for column in [column for column, number in columns.items() if number and contents[column] == wanted[gold]]:
            ids: dict[tuple[int, Value], int] = {}
            new_left, new_right = _extended(left, golden[gold], ids), _extended(right, column, ids)
            if Counter(new_left) == Counter(new_right):
                columns[column] -= 1
                if place(depth + 1, new_left, new_right):
                    return True
                columns[column] += 1
        return False

    start = [0] * len(gold_rows)
    return place(0, start, start)


def _extended(prefixes: Iterable[int], column: Iterable[Value], ids: dict[tuple[int, Value], int]) -> list[int]:
    return [ids.setdefault(pair, len(ids)) for pair in zip(prefixes, column, strict=True)]
