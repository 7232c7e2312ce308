"""The record behind the page and its JSON: every number that either of them shows."""

from dataclasses import dataclass

from envs.explore.lengths import Lengths
from envs.explore.repeats import Kind, Leak
from envs.explore.scoring import Scoring

VERSION = 1
"""Of the JSON; a field that changes its meaning or goes raises it."""

LIMITS = (512, 1024, 2048, 4096)
"""Tokens of a prompt that people set as a limit."""


@dataclass(frozen=True, slots=True)
class Made:
    """What golds are made of: name -> golds with it; `joins` maps a number of joins to golds with so many."""

    parsed: int
    clauses: dict[str, int]
    aggregates: dict[str, int]
    functions: dict[str, int]
    joins: dict[int, int]


@dataclass(frozen=True, slots=True)
class Reach:
    """Schemas as shown, and what examples use of them: means over examples, and shares between 0 and 1.

    `columns_used_share` is the mean over the examples that parse and have a schema; `columns_ever_used_share` counts
    every distinct column of every schema once. `unread`: statements of schemas that do not parse.
    """

    schemas: int
    tables_mean: float
    tables_max: int
    columns_mean: float
    columns_max: int
    foreign_keys_mean: float
    unread: int
    tables_used_mean: float
    columns_used_mean: float
    columns_used_share: float
    columns_ever_used_share: float


@dataclass(frozen=True, slots=True)
class Sample:
    """One example to look at; `level` is its difficulty, or its joins where the task says nothing of difficulty."""

    level: str
    id: str
    question: str
    evidence: str
    schema: str
    gold: str


@dataclass(frozen=True, slots=True)
class SplitFacts:
    """One split. `characters` and `tokens` map question, evidence, gold, schema and prompt to their lengths.

    `over` maps a limit in tokens to the prompts that exceed it; `tokens` and `over` are empty without a tokenizer.
    `levels` maps a category to the examples of each difficulty in it; "" stands for none.
    """

    name: str
    examples: int
    databases: int
    largest_databases: dict[str, int]
    scoring: Scoring
    characters: dict[str, Lengths]
    tokens: dict[str, Lengths]
    over: dict[int, int]
    made: Made
    reach: Reach
    levels: dict[str, dict[str, int]]
    repeats: tuple[Kind, ...]
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """A task. `tokenizer` is the file that counted, "" for none; `with_marks` whether marks of a chat are counted.

    `near_threshold` is the Jaccard similarity from which questions are near duplicates. `seconds` is what it all took.
    """

    version: int
    task: str
    task_path: str
    limit: int | None
    left_out: tuple[str, ...]
    tokenizer: str
    with_marks: bool
    near_threshold: float
    splits: tuple[SplitFacts, ...]
    leaks: tuple[Leak, ...]
    seconds: float
