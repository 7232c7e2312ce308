"""Another value of the column, or the gold's own with a part missing or a letter less."""

from collections.abc import Iterator

from sqlglot import exp

from envs.corruption.names import column_of
from envs.twins.condition_mistakes import literals
from envs.twins.records import Profile
from envs.twins.scope import text_of


def wrong_value(node: exp.Expr, profile: Profile) -> Iterator[exp.Expr]:
    parent, text = node.parent, text_of(node, profile)
    if isinstance(parent, exp.Like):
        yield from (other for other in literals(node, profile) if other.name)
    if not isinstance(parent, exp.EQ | exp.NEQ | exp.In) or node is parent.this:
        return
    found = column_of(parent.this, profile)
    for value in found[1].sample if found else ():
        if isinstance(value, str) and text is not None and value != text:
            yield _text(node, value)
        elif (
            text is None
            and isinstance(value, int | float)
            and isinstance(node, exp.Literal)
            and str(value) != node.name
        ):
            yield exp.Literal.number(str(value))
    if text is not None and len(text) > 3:
        words = text.split(" ")
        near = [" ".join(words[1:]), " ".join(words[:-1])] if len(words) > 1 else [text[:-1], text + text[-1]]
        swapped = text.upper() if not text.isupper() else text.lower()
        yield from (_text(node, other) for other in [*near, swapped] if other.strip() and other != text)


def _text(node: exp.Expr, value: str) -> exp.Expr:
    """The value quoted as the gold quotes its own: SQLite takes an unknown name in double quotes for text."""
    if isinstance(node, exp.Column):
        return exp.column(exp.to_identifier(value, quoted=True))
    return exp.Literal.string(value)
