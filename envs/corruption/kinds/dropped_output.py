"""One column of the answer left out."""

from collections.abc import Iterator

from sqlglot import exp

from envs.twins.records import Profile


def dropped_output(node: exp.Expr, profile: Profile) -> Iterator[None]:
    select = node.parent
    if isinstance(select, exp.Select) and node.arg_key == "expressions" and len(select.expressions) > 1:
        yield None
