"""Which columns of a twin draw on which others: foreign keys, and what a gold joins that no key covers."""

from collections.abc import Mapping, Sequence

from envs.execution import Value
from envs.twins.declarations import Reference
from envs.twins.links import key_columns
from envs.twins.records import Profile, Table
from envs.twins.scope import Place
from envs.twins.wishes import Wishes


def references(profile: Profile, wishes: Wishes) -> dict[str, tuple[Reference, ...]]:
    """By table name in lower case: its foreign keys, then the pairs that only the gold shows."""
    found = {t.name.lower(): t.references for t in profile.tables}
    for one, other in wishes.joined:
        if root(one, found) == root(other, found):
            continue
        child, parent = (one, other) if _is_key(other, profile) or not _is_key(one, profile) else (other, one)
        taken = {name.lower() for reference in found[child[0]] for name in reference.columns}
        if child[0] != parent[0] and child[1] not in taken:
            found[child[0]] = (*found[child[0]], Reference((child[1],), parent[0], (parent[1],)))
    return found


def root(place: Place, found: Mapping[str, Sequence[Reference]]) -> Place:
    """Where the values of a column come from in the end."""
    for _ in range(len(found)):
        up = next(
            (
                (r.parent.lower(), to.lower())
                for r in found.get(place[0], ())
                for name, to in zip(r.columns, r.to, strict=True)
                if name.lower() == place[1] and r.parent.lower() != place[0]
            ),
            None,
        )
        if up is None:
            return place
        place = up
    return place


def in_order(profile: Profile, found: Mapping[str, Sequence[Reference]]) -> list[Table]:
    """Parents before children, as far as circles allow."""
    done: dict[str, Table] = {}
    waiting: set[str] = set()

    def visit(table: Table) -> None:
        name = table.name.lower()
        if name in done or name in waiting:
            return
        waiting.add(name)
        for reference in found[name]:
            parent = profile.table(reference.parent)
            if parent is not None:
                visit(parent)
        done[name] = table

    for table in profile.tables:
        visit(table)
    return list(done.values())


def raised(
    values: Mapping[Place, tuple[Value, ...]], found: Mapping[str, Sequence[Reference]]
) -> dict[Place, tuple[Value, ...]]:
    """The same wishes, with those for a foreign key put to the column its values come from as well."""
    higher: dict[Place, tuple[Value, ...]] = dict(values)
    for place, wanted in values.items():
        top = root(place, found)
        if top != place:
            higher[top] = tuple(dict.fromkeys((*higher.get(top, ()), *wanted)))
    return higher


def _is_key(place: Place, profile: Profile) -> bool:
    table = profile.table(place[0])
    return table is not None and [c.lower() for c in key_columns(table)] == [place[1]]
