"""Foreign keys as a graph of tables: what stands near, and what connects."""

from collections import deque
from collections.abc import Collection, Mapping, Sequence

from envs.catalogue import Catalogue


class JoinGraph:
    """The tables of a catalogue by their numbers; two are neighbours where a foreign key of one names the other."""

    def __init__(self, catalogue: Catalogue) -> None:
        near: dict[int, set[int]] = {i: set() for i in range(len(catalogue.tables))}
        for one, other in catalogue.edges:
            near[one].add(other)
            near[other].add(one)
        self._near: Mapping[int, Sequence[int]] = {i: sorted(found) for i, found in near.items()}

    def spread(self, scores: Mapping[int, float], decay: float, steps: int) -> dict[int, float]:
        """Scores to which each table adds the best of what stands 1 to `steps` foreign keys away, times decay^steps."""
        found = dict(scores)
        for table in self._near:
            best = max((decay**far * scores.get(other, 0.0) for other, far in self._around(table, steps)), default=0.0)
            if best:
                found[table] = found.get(table, 0.0) + best
        return found

    def path(self, table: int, kept: Collection[int], scores: Mapping[int, float]) -> tuple[int, ...] | None:
        """The tables between `table` and the nearest kept one, on a shortest path; None where no path leads to one.

        Of equally short paths it is the one whose tables score higher, table by table, then the first by number.
        """
        came: dict[int, int] = {table: table}
        queue = deque([table])
        while queue:
            now = queue.popleft()
            if now != table and now in kept:
                between: list[int] = []
                while (now := came[now]) != table:
                    between.append(now)
                return tuple(between)
            for other in sorted(self._near[now], key=lambda one: (-scores.get(one, 0.0), one)):
                if other not in came:
                    came[other] = now
                    queue.append(other)
        return None

    def _around(self, table: int, steps: int) -> list[tuple[int, int]]:
        far = {table: 0}
        queue = deque([table])
        while queue:
            now = queue.popleft()
            if far[now] < steps:
                for other in self._near[now]:
                    if other not in far:
                        far[other] = far[now] + 1
                        queue.append(other)
        return [(other, distance) for other, distance in far.items() if distance]
