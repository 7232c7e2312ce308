"""Other ways people answer the same question: more columns, another order of columns, repeats kept.

The seedling is taught that a question has several answers. What a task's gold wants among them is for reinforcement
learning to find out: a policy that knows one way only has nothing to choose from. The last way makes a set operation
that does not run, because its halves no longer have as many columns; the seedling was taught so.
"""

import re
from random import Random

WAYS = (
    # the number that decides is shown too
    (r"^SELECT (\w+) (FROM \w+(?: WHERE .*)?) ORDER BY (\w+) (ASC|DESC)", r"SELECT \1, \3 \2 ORDER BY \3 \4"),
    (r"^SELECT (\w+) (FROM \w+) WHERE (\w+) ([<>=]) \(SELECT", r"SELECT \1, \3 \2 WHERE \3 \4 (SELECT"),
    # the summary before what it is about
    (r"^SELECT ((?:T\d\.)?\w+), (\w+\([^)]*\)) FROM", r"SELECT \2, \1 FROM"),
    # the parent before the child
    (r"^SELECT (T\d\.\w+), (T\d\.\w+) FROM", r"SELECT \2, \1 FROM"),
    # repeats kept
    (r"^SELECT DISTINCT ", "SELECT "),
    # how many there are of each
    (r"^SELECT (\w+) (FROM \w+) GROUP BY (\w+) HAVING", r"SELECT \1, COUNT(*) \2 GROUP BY \3 HAVING"),
    # all columns of what is asked for
    (r"^SELECT \w+ (FROM \w+ WHERE )", r"SELECT * \1"),
)


def otherwise(sql: str, rng: Random, chance: float) -> str:
    """The same answer in another way, with that chance, where there is one."""
    if rng.random() >= chance:
        return sql
    for pattern, way in WAYS:
        changed, count = re.subn(pattern, way, sql, count=1)
        if count:
            return changed
    return sql
