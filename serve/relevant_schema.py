"""The part of a large schema that a question needs, where the whole is more than a policy should read."""

from functools import lru_cache

from envs.catalogue_text import catalogue_of
from envs.example import Database
from envs.filtering import SchemaFilter, characters
from envs.filtering.held_values import held_values
from envs.schema_styles import written
from policy.config_error import ConfigError


def relevant(schema: str, database: Database, question: str, tokens: int) -> str:
    """At most so many tokens of CREATE statements (`envs.filtering.characters`: four characters each), the schema
    itself where it has no more. Raises ConfigError where not one table fits."""
    if characters(schema) <= tokens:
        return schema
    part = _filter(schema, database)(question, tokens=tokens)
    if not part.tables:
        raise ConfigError(f"--filter_tokens {tokens:,} has room for none of the tables; allow more")
    return written(part)


@lru_cache(maxsize=16)
def _filter(schema: str, database: Database) -> SchemaFilter:
    """Ranked by the texts that columns hold, too; they are as old as the schema."""
    catalogue = catalogue_of(schema)
    try:
        values = held_values(database, catalogue)
    except ValueError as error:
        raise ConfigError(f"the database cannot be read: {error}") from None
    return SchemaFilter(catalogue, values)
