"""Values of the columns that golds compare with something, asked of the databases in the sandbox."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlglot import exp

from envs import gate
from envs.corruption.schema import profile_of
from envs.example import Example
from envs.execution import Value
from envs.sql_env import SqlEnv
from envs.twins import scope
from envs.twins.literals import value_of
from envs.twins.records import Profile, Table, quoted
from envs.twins.scope import Place


def profiles(examples: Sequence[Example], env: SqlEnv) -> list[Profile]:
    """For each example what its schema declares, with a sample of each column that its gold compares with a literal.

    A sample is the first few different values in order, as many as `envs.sandbox` tells of an answer.
    """
    found = [profile_of(example.schema) for example in examples]
    asked = [
        (at, place, _question(place, profile))
        for at, (example, profile) in enumerate(zip(examples, found, strict=True))
        for place in compared(example, profile)
    ]
    told = env.play_batch([(examples[at].id, sql) for at, _, sql in asked])
    samples: dict[int, dict[Place, tuple[Value, ...]]] = {}
    for (at, place, _), rollout in zip(asked, told, strict=True):
        samples.setdefault(at, {})[place] = tuple(row[0] for row in rollout.execution.sample)
    return [_with(profile, samples.get(at, {})) for at, profile in enumerate(found)]


def compared(example: Example, profile: Profile) -> list[Place]:
    """The columns that the gold sets beside a literal."""
    root = gate.parse(example.gold_sql, example.dialect)
    if isinstance(root, str):
        return []
    found: dict[Place, None] = {}
    for node in root.find_all(exp.EQ, exp.NEQ, exp.In, exp.Like):
        column = node.this
        others = [node.expression, *node.expressions] if isinstance(node, exp.In) else [node.expression]
        literal = any(other is not None and value_of(other, profile) is not None for other in others)
        if literal and isinstance(column, exp.Column) and (place := scope.place(column, profile)):
            found[place] = None
    return list(found)


def _question(place: Place, profile: Profile) -> str:
    table = profile.table(place[0])
    column = table.column(place[1]) if table is not None else None
    assert table is not None and column is not None
    name = quoted(column.name)
    return f"SELECT DISTINCT {name} FROM {quoted(table.name)} WHERE {name} IS NOT NULL ORDER BY 1"


def _with(profile: Profile, samples: Mapping[Place, tuple[Value, ...]]) -> Profile:
    def table(one: Table) -> Table:
        places = [(one.name.lower(), column.name.lower()) for column in one.columns]
        columns = zip(one.columns, places, strict=True)
        return replace(one, columns=tuple(replace(c, sample=samples.get(at, ())) for c, at in columns))

    return replace(profile, tables=tuple(map(table, profile.tables))) if samples else profile
