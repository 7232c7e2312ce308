"""Text in double quotes where the engine takes it for a string."""

from sqlglot import exp

from envs.explore.shown import shown

LOOSE = ("sqlite",)
"""Dialects in which text in double quotes is a string where no column has the name."""


def with_strings(root: exp.Expr, dialect: str, schema: str) -> exp.Expr:
    """`root`, changed in place: what its engine reads as a string is one in the tree."""
    if dialect not in LOOSE:
        return root
    names = shown(schema, dialect).names | {one.alias.lower() for one in root.find_all(exp.Alias, exp.TableAlias)}
    for column in list(root.find_all(exp.Column)):
        name = column.this
        quoted = isinstance(name, exp.Identifier) and name.quoted and not column.table
        if quoted and name.name.lower() not in names:
            column.replace(exp.Literal.string(name.name))
    return root
