"""Fills one table of a twin: foreign keys from the tables before it, keys without repeats, then everything else."""

from collections.abc import Callable, Mapping, Sequence
from random import Random

from envs.execution import Value
from envs.twins.declarations import Reference
from envs.twins.links import key_columns
from envs.twins.records import Column, Table
from envs.twins.spread import spread
from envs.twins.style import MOST, UNREAD, Style
from envs.twins.values import converted, distinct, identifiers, kind_of, maker, planted
from envs.twins.wishes import Wishes
from envs.values import Row


class Filler:
    """Fills one table; `made` holds the tables before it."""

    def __init__(
        self,
        table: Table,
        made: Mapping[str, Sequence[Mapping[str, Value]]],
        wishes: Wishes,
        hits: Mapping[tuple[str, str], tuple[Value, ...]],
        near: Mapping[tuple[str, str], tuple[Value, ...]],
        style: Style,
        rng: Random,
    ) -> None:
        self.table, self.made, self.wishes, self.style, self.rng = table, made, wishes, style, rng
        self.name = table.name.lower()
        self.hits = {c: planted(v, self._column(c)) for (t, c), v in hits.items() if t == self.name}
        self.near = {c: planted(v, self._column(c)) for (t, c), v in near.items() if t == self.name}
        keys = [key_columns(table), *table.unique]
        self.keys = [tuple(c.lower() for c in key) for key in dict.fromkeys(keys) if key]

    def rows(self, references: Sequence[Reference], needed: bool) -> list[dict[str, Value]]:
        count = self._count(references, needed)
        cells: dict[str, list[Value]] = {}
        for reference in references:
            parents = self.made.get(reference.parent.lower())
            if parents and reference.parent.lower() != self.name:
                count = self._follow(reference, parents, cells, count)
        for column in self.table.columns:
            name = column.name.lower()
            if name not in cells:
                if (name,) in self.keys and _counts_up(column):
                    cells[name] = list(range(1, count + 1))
                elif (name,) in self.keys:
                    wanted = self._wanted_keys(name)
                    cells[name] = identifiers(column, count, self.rng, wanted)
                    self.rng.shuffle(cells[name])
                    count = min(count, len(cells[name]))
                else:
                    cells[name] = self._fill(column, count)
        self._point_inside(references, cells)
        pointing = {name.lower() for reference in references for name in reference.columns}
        return self._kept([{name: column[i] for name, column in cells.items()} for i in range(count)], pointing)

    def _wanted_keys(self, name: str) -> list[Value]:
        """Nearly all that the gold names, so that two of them meet, and some beside: a key may be a year."""
        if self.style.absent:
            return []
        named = self.hits.get(name, ())
        beyond = [v + step for v in named if isinstance(v, int) for step in (2, -2, 3) if v + step > 0]
        beside = [v for v in (*self.near.get(name, ()), *beyond) if self.rng.random() < self.style.hit]
        return list(dict.fromkeys((*(v for v in named if self.rng.random() < 0.9), *beside)))

    def _count(self, references: Sequence[Reference], needed: bool) -> int:
        count = self.rng.randint(self.style.low, self.style.high)
        if references:
            count = int(count * self.rng.uniform(1.0, 2.5))
        if not needed:
            count = min(count, UNREAD)
        elif self.wishes.limit <= 20:
            count = max(count, self.wishes.limit + 2)
            if references and self.wishes.sizes and self.rng.random() < 0.5:
                count = max(count, 3 * max(self.wishes.sizes) + 3)
        return min(count, MOST)

    def _follow(
        self,
        reference: Reference,
        parents: Sequence[Mapping[str, Value]],
        cells: dict[str, list[Value]],
        count: int,
    ) -> int:
        """Fill the columns of a foreign key. The number of rows left is fewer where each parent has one child."""
        columns = [name.lower() for name in reference.columns]
        keys = list(dict.fromkeys(tuple(p[to.lower()] for to in reference.to) for p in parents))
        keys = [key for key in keys if None not in key]
        free = [i for i, name in enumerate(columns) if name not in cells]
        if not keys or not free:
            return count
        single = tuple(columns) in self.keys
        if not single and len(columns) == 1:
            single = self.rng.random() < (0.5 if self._column(columns[0]).distinct else 0.15)
        if single and len(free) == len(columns):
            self.rng.shuffle(keys)
            count = min(count, len(keys) if self.rng.random() < 0.3 else max(1, 3 * len(keys) // 4))
            picked = keys[:count]
        else:
            picked = spread(keys, count, self.rng, self.wishes.sizes)
            wanted = self.hits.get(columns[0], ())
            good = [key for key in keys if converted(key[0], self._column(columns[0])) in wanted]
            if good:
                picked = [self.rng.choice(good) if self.rng.random() < self.style.hit else key for key in picked]
        if len(free) < len(columns):  # part of the key is there already: take a parent that agrees, if one does
            fixed = [i for i in range(len(columns)) if i not in free]
            for row in range(count):
                same = [k for k in keys if all(k[i] == cells[columns[i]][row] for i in fixed)]
                picked[row] = self.rng.choice(same or keys)
        for i in free:
            column = self._column(columns[i])
            cells[columns[i]] = [converted(key[i], column) for key in picked]
            if self.style.nulls and column.nulls and not any(columns[i] in key for key in self.keys):
                cells[columns[i]] = [None if self.rng.random() < 0.15 else v for v in cells[columns[i]]]
        return count

    def _column(self, name: str) -> Column:
        column = self.table.column(name)
        assert column is not None
        return column

    def _fill(self, column: Column, count: int) -> list[Value]:
        name, rng = column.name.lower(), self.rng
        if column.kind == "none" and column.nulls and rng.random() < 0.5:
            return [None] * count
        is_sorted = (self.name, name) in self.wishes.sorted_by
        draw = maker(column, rng)
        repeated = rng.random() < self.style.repeat * (0.4 if is_sorted else 1.0)
        if is_sorted and not repeated:
            cells = distinct(column, count, rng)
            cells += [draw() for _ in range(count - len(cells))]
            rng.shuffle(cells)
        else:
            size = rng.randint(2, 5) if repeated else max(2, int(count * rng.choice((0.5, 0.8, 1.5))))
            pool = list(dict.fromkeys(draw() for _ in range(size)))
            cells = (
                spread(pool, count, rng, self.wishes.sizes) if repeated else [rng.choice(pool) for _ in range(count)]
            )
        hits, near = self.hits.get(name, ()), self.near.get(name, ())
        if self.style.absent and hits:
            cells = [self._missing(v, hits, near, draw) for v in cells]
        for i in range(count):
            chance = rng.random()
            if hits and chance < self.style.hit:
                cells[i] = rng.choice(hits)
            elif near and chance < self.style.hit + self.style.near:
                cells[i] = rng.choice(near)
            elif column.nulls and self.style.nulls and rng.random() < max(0.1, min(column.nulls, 0.3)):
                cells[i] = None
        return cells

    def _missing(self, value: Value, hits: Sequence[Value], near: Sequence[Value], draw: Callable[[], Value]) -> Value:
        numbers = [v for v in hits if isinstance(v, int | float)]
        if not numbers:
            return self.rng.choice(near or [draw()]) if value in hits else value
        end = max(numbers) if self.style.absent > 0 else min(numbers)
        return end + self.style.absent * self.rng.randint(1, 12)

    def _point_inside(self, references: Sequence[Reference], cells: dict[str, list[Value]]) -> None:
        """Foreign keys of a table to itself."""
        for reference in references:
            if reference.parent.lower() != self.name or len(reference.columns) != 1:
                continue
            name, to = reference.columns[0].lower(), reference.to[0].lower()
            if name == to or any(name in key for key in self.keys) or not cells.get(to):
                continue
            column = self._column(name)
            picked = spread(cells[to], len(cells[name]), self.rng, self.wishes.sizes)
            top = 0.2 if column.nulls else 0.0
            cells[name] = [None if self.rng.random() < top else converted(v, column) for v in picked]

    def _kept(self, rows: Sequence[dict[str, Value]], pointing: set[str]) -> list[dict[str, Value]]:
        """Rows that break no key, each key in turn; a number in a key that points nowhere is changed instead."""
        kept = list(rows)
        for key in self.keys:
            numbered = next((c for c in key if len(key) > 1 and c not in pointing and self._is_number(c)), None)
            seen: set[Row] = set()
            left: list[dict[str, Value]] = []
            for row in kept:
                for number in range(1, len(kept) + 1) if numbered else ():
                    if tuple(row[c] for c in key) not in seen:
                        break
                    row = {**row, str(numbered): number}
                value = tuple(row[c] for c in key)
                if value not in seen:
                    left.append(row)
                    seen.add(value)
            kept = left
        return kept

    def _is_number(self, name: str) -> bool:
        return kind_of(self._column(name)) == "int"


def _counts_up(column: Column) -> bool:
    """Whether a key counts its rows, 1, 2, 3 ...: it means nothing, and goes on doing so."""
    return column.kind == "int" and set(column.sample) == set(range(1, column.seen + 1))
