"""Whether the answer is the gold, apart from how it is written.

Both go through sqlglot 30.30 in the task's dialect. What does not count: case of keywords, and of names as the dialect
folds them; white space, comments and a last semicolon; the kind of quotes around names, and around strings that SQLite
takes in double quotes too; aliases of tables (`T1`, with and without AS) and of columns; `<>` for `!=` and whatever
else sqlglot writes in one way. What counts: everything else, the order of conditions and whether a column names its
table too. No official definition: it is what papers call exact match after normalisation, and not Spider's exact set
match, which compares clauses as sets and hides values.
"""

from functools import lru_cache

from sqlglot import exp
from sqlglot.optimizer.normalize_identifiers import normalize_identifiers
from sqlglot.optimizer.qualify_tables import qualify_tables

from envs.example import Example
from envs.lexical import unstyled
from eval.best_of_golds import best
from eval.trees.reading import read, safely
from eval.trees.renaming import renamed
from eval.trees.strings import with_strings


def exact_match(sql: str, example: Example) -> float | None:
    """1.0 or 0.0; 0.0 for an answer that cannot be read, None where no gold can be."""
    found = _normalised(unstyled(sql, example.dialect), example.dialect, example.schema)

    def same(gold_sql: str) -> float | None:
        gold = _normalised(unstyled(gold_sql, example.dialect), example.dialect, example.schema)
        return None if gold is None else float(found == gold)

    return best(example, same)


@lru_cache(maxsize=2048)
def _normalised(sql: str, dialect: str, schema: str) -> str | None:
    root = read(sql, dialect)
    return None if root is None else safely(_text, root, dialect, schema)


def _text(root: exp.Expr, dialect: str, schema: str) -> str:
    folded = normalize_identifiers(with_strings(root, dialect, schema), dialect=dialect)
    if isinstance(folded, exp.Query):
        folded = renamed(qualify_tables(folded, dialect=dialect))
    return folded.sql(dialect=dialect, identify=True, comments=False)
