"""All corruptions of one gold, each one mistake away from it and written as the gold is."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from random import Random

from sqlglot import exp
from sqlglot.errors import SqlglotError

from envs import gate
from envs.corruption import kinds
from envs.corruption.habits import Habits, habits
from envs.corruption.splice import Gold, aligned, spliced
from envs.corruption.tokens import Token, tokens, written
from envs.example import Example
from envs.twins.mutants import changed
from envs.twins.records import Profile
from envs.twins.scope import sources

MOST = 4
"""Of one kind for one gold: drawn from all that there are."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """`texts` says of each corrupted text which kind made it; `unfit` counts those of each kind that could not be put
    into the gold's own text. `reason` is why nothing could be made, "" where something was."""

    texts: Mapping[str, str]
    unfit: Mapping[str, int]
    reason: str = ""


def candidates(example: Example, profile: Profile, seed: int, house: Habits, most: int = MOST) -> Candidates:
    """At most `most` of a kind, the same for the same arguments.

    `house` are the habits of all golds, for what this one does not show.
    """
    text = text_of(example)
    parsed = gate.parse(text, example.dialect)
    if isinstance(parsed, str):
        return Candidates({}, {}, parsed)
    root = parsed.copy()
    try:
        gold = _read(text, root, profile, example.dialect, house)
    except SqlglotError as error:
        return Candidates({}, {}, f"cannot be written again: {str(error).splitlines()[0][:200]}")

    def write(tree: exp.Expr) -> str:
        return written(tree, example.dialect)

    texts: dict[str, str] = {}
    unfit: dict[str, int] = {}
    for kind in kinds.NAMES:
        made = list(_changes(root, kind, profile))
        Random(f"{seed}:{example.id}:{kind}").shuffle(made)
        taken: set[str] = set()
        for node, other in made:
            if len(taken) == most:
                break
            mutated = changed(root, node, other, write)
            if not mutated or mutated in taken or ("NULLS " in mutated and "nulls" not in gold.habits.words):
                continue
            found = spliced(gold, mutated)
            if not found:
                unfit[kind] = unfit.get(kind, 0) + 1
            elif found != text:
                texts.setdefault(found, kind)
                taken.add(mutated)
    return Candidates(texts, unfit, "" if texts else "no kind of corruption applies to it")


def text_of(example: Example) -> str:
    """The gold as a policy is taught it: see `envs.prompt.answer`."""
    return example.gold_sql.strip().rstrip("; \t\r\n")


def names_of(profile: Profile) -> list[str]:
    """All names that a schema declares."""
    return [name for table in profile.tables for name in (table.name, *(column.name for column in table.columns))]


def house_habits(examples: Sequence[Example]) -> Habits:
    """How most golds of a set are written, whatever their order."""
    every: list[Token] = []
    for example in examples:
        with suppress(SqlglotError):
            every += tokens(text_of(example), example.dialect)
    return habits(every, (), None)


def _read(text: str, root: exp.Expr, profile: Profile, dialect: str, house: Habits) -> Gold:
    own, plain = tokens(text, dialect), tokens(written(root, dialect), dialect)
    names = names_of(profile)
    aliases = [source.alias_or_name for select in root.find_all(exp.Select) for source in sources(select)]
    known = frozenset(name.lower() for name in [*names, *aliases])
    return Gold(own, plain, aligned(own, plain), habits(own, names, house), known, dialect)


def _changes(root: exp.Expr, kind: str, profile: Profile) -> Iterator[tuple[exp.Expr, exp.Expr | None]]:
    """Each node and what it is replaced with; columns are qualified only where the gold qualifies some."""
    rule = kinds.load(kind)
    qualified = any(column.table for column in root.find_all(exp.Column))
    for node in root.walk():
        for other in rule(node, profile):
            if other is not None and not qualified:
                for column in list(other.find_all(exp.Column)):
                    column.set("table", None)
            yield node, other
