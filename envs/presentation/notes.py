"""A catalogue with what a profile of its database found, and with sentences about columns that somebody wrote."""

from envs.catalogue import Catalogue
from envs.example import Database
from envs.profile.cached import cached_profile
from envs.profile.enriched import enriched
from envs.profile.summaries import read


def with_notes(catalogue: Catalogue, database: Database, summaries: bool) -> Catalogue:
    """As it is where the database cannot be opened. Raises ValueError where `summaries` are wanted and not there."""
    told = read(database) if summaries else None
    try:
        facts = cached_profile(database)
    except ValueError:
        return catalogue
    return enriched(catalogue, facts, told)
