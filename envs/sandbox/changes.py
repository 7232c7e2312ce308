"""What a statement changed, in words: the state of a database before it beside the state after it."""

from collections import Counter
from collections.abc import Sequence

from envs.engines import Relation, State


def changes(before: State, after: State) -> list[str]:
    """One clause for each table or view that is not what it was, then for indexes; [] where nothing changed."""
    gone, new = before.relations.keys() - after.relations.keys(), after.relations.keys() - before.relations.keys()
    found = [f"{name} is dropped with its {_rows(before.relations[name].rows)}" for name in sorted(gone)]
    found += [f"{name} is created with {_rows(after.relations[name].rows)}" for name in sorted(new)]
    for name in sorted(before.relations.keys() & after.relations.keys()):
        found += _of_one(name, before.relations[name], after.relations[name])
    elsewhere = {one for one in before.indexes ^ after.indexes if not {*one} & (gone | new)}
    return found + (["indexes or keys change"] if elsewhere else [])


def _of_one(name: str, before: Relation, after: Relation) -> list[str]:
    old, new = ([" ".join(column) for column in one.columns] for one in (before, after))
    if old != new:
        added = ", ".join(column.split()[0] for column in new if column not in old)
        removed = ", ".join(column.split()[0] for column in old if column not in new)
        parts = [f"gains {added}" if added else "", f"loses {removed}" if removed else ""]
        return [f"{name} {' and '.join(filter(None, parts)) or 'has its columns in another order'}"]
    was, now = (Counter(map(repr, one.rows)) for one in (before, after))
    less, more = (was - now).total(), (now - was).total()
    changed = min(less, more)
    parts = [f"{changed:,} changed" if changed else ""]
    parts += [
        f"{more - changed:,} added" if more > changed else "",
        f"{less - changed:,} removed" if less > changed else "",
    ]
    told = ", ".join(filter(None, parts))
    return [f"{name} (of {_rows(before.rows)}): {told}"] if told else []


def _rows(rows: Sequence[object]) -> str:
    return f"{len(rows):,} row{'' if len(rows) == 1 else 's'}"
