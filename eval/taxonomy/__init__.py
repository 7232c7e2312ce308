"""How a wrong answer is wrong, told by itself: names of errors, the most telling first.

Where an answer did not run, how it ended says it. Where it ran, its tree is laid beside the gold's, clause by clause:
that compares how two queries are written, so that a way of writing may be named where the error is another. One kind
of comparison a file.
"""

from envs.example import Example
from eval.taxonomy.differences import differences
from eval.taxonomy.endings import ending
from eval.taxonomy.judged import Judged

CLASSES = (
    *("prose", "other language", "truncated", "other dialect", "syntax error", "refused", "timed out", "too much"),
    *("hallucinated table", "hallucinated column", "misplaced column", "ambiguous column", "misuse"),
    *("unknown function", "does not run"),
    *("set operation", "wrong table", "missing table", "extra table", "join", "ties", "aggregate"),
    *("missing column", "extra column", "wrong column", "filter", "value", "grouping", "having"),
    *("order", "limit", "column order", "distinct", "nesting", "other"),
)
"""From the most telling on. `misplaced column`: the schema has it, and no table that is read there. `misuse`: read, and
without sense to the engine, such as an aggregate in WHERE. `nesting`: nothing but that one joins what the other nests,
which counts rows more than once. `ties`: one query takes the first of an order, the other all that equal a maximum.
`other`: nothing differs by these rules, or sqlglot reads one of the two not at all."""


def classes(
    sql: str, example: Example, score: Judged, completion: str = "", truncated: bool = False
) -> tuple[str, ...]:
    """Some of `CLASSES` in their order, at least one for a wrong answer; () for one that is right or unscored.

    `sql` is the query in the answer; of several golds, the one counts from which it differs in the fewest ways.
    `completion` is the whole answer, which tells prose from a program where there is no SQL in it; `truncated` says
    that it was cut. An answer that is right on its database and refuted by a twin is wrong.
    """
    if score.correct is None or (score.correct and score.twins is not False):
        return ()
    found = ending(sql, example, score, completion, truncated) or differences(sql, example)
    return tuple(name for name in CLASSES if name in found) or ("other",)
