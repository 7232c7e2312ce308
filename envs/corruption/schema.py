"""What a schema's text says of a database, as the profile that the rules of `envs.twins` read; nothing is opened."""

from functools import lru_cache

from envs.schema import statements
from envs.twins import declarations
from envs.twins.records import Column, Profile, Table
from envs.twins.values import kind_of


@lru_cache(maxsize=1024)
def profile_of(schema: str) -> Profile:
    """The declared tables and columns. Kinds follow from declared types; there are no rows and no samples."""
    declared = [found for text in statements(schema) if (found := declarations.read(text))]
    return Profile(
        tuple(
            Table(
                table.name,
                tuple(_column(name, kind) for name, kind in table.columns),
                table.primary,
                table.unique,
                table.references,
                0,
            )
            for table in declared
        )
    )


def _column(name: str, declared: str) -> Column:
    unseen = Column(name, declared, "none", 0.0, False, 0, ())
    return Column(name, declared, kind_of(unseen), 0.0, False, 0, ())
