"""A query with every name resolved by the schema that the policy was shown."""

from functools import lru_cache

from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

from envs.explore.shown import shown
from eval.trees.reading import read, safely
from eval.trees.renaming import renamed
from eval.trees.strings import with_strings


@lru_cache(maxsize=1024)
def qualified(sql: str, dialect: str, schema: str) -> exp.Expr | None:
    """The tree, not to be changed: columns with their table, stars and USING written out, the query's own names as
    `renamed` gives them, names in lower case and all in quotes. A column that no table in sight has stays as it is.

    None where sqlglot cannot read it, or cannot qualify it even in part.
    """
    root = read(sql, dialect)
    return None if root is None else safely(_qualified, root, dialect, schema)


def _qualified(root: exp.Expr, dialect: str, schema: str) -> exp.Expr:
    root = qualify(
        with_strings(root, dialect, schema),
        dialect=dialect,
        schema=_mapping(schema, dialect),
        validate_qualify_columns=False,
        allow_partial_qualification=True,
        quote_identifiers=False,
    )
    root = renamed(root)
    for name in root.find_all(exp.Identifier):
        name.set("this", name.name.lower())
        name.set("quoted", True)
    return root


@lru_cache(maxsize=1024)
def _mapping(schema: str, dialect: str) -> MappingSchema:
    tables = {table: dict.fromkeys(columns, "TEXT") for table, columns in shown(schema, dialect).tables.items()}
    return MappingSchema({table: columns for table, columns in tables.items() if columns}, dialect=dialect)
