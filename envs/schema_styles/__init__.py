"""Styles: how a schema is written for a policy. One style a file; the file list is the registry.

A style file `envs/schema_styles/NAME.py` defines `write(catalogue) -> str`. All read the same record
(`envs.catalogue.Catalogue`), so that a cut schema can be written in any of them.
"""

from functools import lru_cache
from importlib import import_module
from pathlib import Path

from envs.catalogue import Catalogue
from envs.catalogue_text import catalogue_of

NAMES = sorted(file.stem for file in Path(__file__).parent.glob("*.py") if file.stem != "__init__")
DEFAULT = "ddl"


def written(catalogue: Catalogue, style: str = DEFAULT) -> str:
    """The schema in a style. Raises ValueError on one that there is not."""
    if style not in NAMES:
        raise ValueError(f"no schema style named {style!r}; envs/schema_styles/ has: {', '.join(NAMES)}")
    return str(import_module(f"envs.schema_styles.{style}").write(catalogue))


@lru_cache(maxsize=512)
def restyled(schema: str, style: str = DEFAULT) -> str:
    """The text of a schema in another style; `ddl` gives the very text that came.

    A text in which no table can be read comes back as it is: an empty one, or that of another dialect.
    """
    if style == DEFAULT:
        return schema
    catalogue = catalogue_of(schema)
    return written(catalogue, style) if catalogue.tables else schema
