"""Styles: how a schema is written for a policy. One style a file; the file list is the registry.

A style file `envs/schema_styles/NAME.py` defines `write(catalogue) -> str`, and `SAMPLES = True` where it shows values
of columns even if the text it is made from has none. All read the same record
(`envs.catalogue.Catalogue`), so that a cut schema can be written in any of them.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

from envs.catalogue import Catalogue
from envs.catalogue_samples import with_samples
from envs.catalogue_text import catalogue_of
from envs.example import Database, Example
from envs.sandbox.file_stamp import file_stamp

NAMES = sorted(file.stem for file in Path(__file__).parent.glob("*.py") if file.stem != "__init__")
DEFAULT = "ddl"


def written(catalogue: Catalogue, style: str = DEFAULT) -> str:
    """The schema in a style. Raises ValueError on one that there is not."""
    return str(_module(style).write(catalogue))


def shown_in(examples: Iterable[Example], style: str = DEFAULT) -> list[Example]:
    """The examples with `Example.shown` in a style, for the prompt; `schema` stays what everything else reads.

    `ddl` leaves them as they are. A schema in which no table can be read is shown as it is: an empty one, or that of
    an unknown dialect. Databases whose values a style shows are opened read-only, in this process, once each while
    they stay as they are.
    """
    if style == DEFAULT:
        return list(examples)
    return [
        replace(one, shown=_restyled(one.schema, style, one.database, file_stamp(one.database.path)[1]))
        for one in examples
    ]


@lru_cache(maxsize=1024)
def _restyled(schema: str, style: str, database: Database, stamp: str) -> str:
    catalogue = catalogue_of(schema)
    if not catalogue.tables:
        return schema
    return written(sampled(catalogue, style, database), style)


def sampled(catalogue: Catalogue, style: str, database: Database) -> Catalogue:
    """With values of its columns where the style shows some."""
    return with_samples(catalogue, database) if getattr(_module(style), "SAMPLES", False) else catalogue


def _module(style: str) -> ModuleType:
    if style not in NAMES:
        raise ValueError(f"no schema style named {style!r}; envs/schema_styles/ has: {', '.join(NAMES)}")
    return import_module(f"envs.schema_styles.{style}")
