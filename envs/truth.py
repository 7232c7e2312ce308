"""Is a question one of yes or no: does its gold show a single truth value?"""

from envs import gate


def tells_truth(gold_sql: str, dialect: str) -> bool:
    """Whether the outermost projection is one comparison, AND/OR/NOT, EXISTS, IN, BETWEEN, LIKE or IS."""
    from sqlglot import exp

    root = gate.parse(gold_sql, dialect)
    while isinstance(root, exp.Subquery):
        root = root.this
    if not isinstance(root, exp.Select) or len(root.expressions) != 1:
        return False
    shown = root.expressions[0].unalias()
    while isinstance(shown, exp.Paren):
        shown = shown.this
    return isinstance(shown, exp.Predicate | exp.Connector | exp.Not)
