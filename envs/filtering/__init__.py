"""Which part of a large schema a question needs: ranked, connected by foreign keys, and within a budget of tokens.

    schema = SchemaFilter(catalogue_of(text), values)
    part = schema("Which heads of departments were born in Ohio?", share=0.25)
    written(part, "compact")

The idea is that of the schema filters of CodeS (Li et al., 2024, arXiv:2402.16347) and of the retrieval in XiYan-SQL,
without a trained model: what a filter drops no policy can bring back, so it keeps much, and is measured by recall
(`benchmarks/schema_recall.py`).
"""

from collections.abc import Callable
from dataclasses import replace

from envs.catalogue import Catalogue, Column, Table
from envs.filtering.ranking import Place, Ranked, Ranking, Values, Weights
from envs.schema_styles import ddl

__all__ = ["SchemaFilter", "Weights", "characters"]

Count = Callable[[str], float]


def characters(text: str) -> float:
    """Tokens where no tokenizer is at hand: four characters each."""
    return len(text) / 4


class SchemaFilter:
    """One schema, indexed once. `values` are texts that columns hold, by numbers of table and column.

    `count` says how many tokens a text has; a table is counted as its CREATE statement, whatever style it ends in.
    `columns` is how many columns that are no keys a table may show, the best for the question; None shows all.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        values: Values | None = None,
        weights: Weights | None = None,
        count: Count = characters,
        columns: int | None = None,
        closure: bool = True,
    ) -> None:
        self.rank = Ranking(catalogue, values, weights)
        self._count, self._most, self._closure = count, columns, closure
        self._costs: dict[tuple[int, frozenset[int]], float] = {}
        self._keys = catalogue.keys()
        self.catalogue = catalogue
        costs = [count(ddl.statement(table) + "\n") for table in catalogue.tables]
        self.whole = sum(costs)
        self._least = min(costs, default=0.0) if columns is None else 0.0

    def __call__(self, question: str, tokens: float | None = None, share: float | None = None) -> Catalogue:
        """The part of the schema for a question: at most so many tokens, or that share of the whole schema's.

        Tables are tried from the best on, each with the tables that connect it to those kept before, or alone where
        these do not fit; what does not fit alone is passed over, and a smaller one may follow. They stay in the order
        of the schema. Raises ValueError unless one of the two is given.
        """
        kept = self.keep(question, tokens, share)
        left = {self.catalogue.tables[i].plain: columns for i, columns in kept.items()}

        def column(table: Table, one: Column) -> bool:
            return one in {table.columns[j] for j in left[table.plain]}

        return self.catalogue.only(lambda table: table.plain in left, column)

    def keep(self, question: str, tokens: float | None = None, share: float | None = None) -> dict[int, frozenset[int]]:
        """The numbers of the tables that are kept, in the order they were chosen, each with those of its columns."""
        if (tokens is None) == (share is None):
            raise ValueError(
                f"a budget is either tokens or a share of the schema; tokens is {tokens}, share is {share}"
            )
        return self.within(self.rank(question), tokens if tokens is not None else (share or 0.0) * self.whole)

    def within(self, ranked: Ranked, tokens: float) -> dict[int, frozenset[int]]:
        """`keep` for a ranking that is there already."""
        kept: dict[int, frozenset[int]] = {}
        for table in ranked.tables:
            if tokens < self._least:
                break
            if table in kept or self._cost(table, alone := self._shown(table, ranked)) > tokens:
                continue
            path = self.rank.graph.path(table, kept, ranked.scores) if self._closure and kept else None
            fresh = {table: alone} | {each: self._shown(each, ranked) for each in path or ()}
            cost = sum(self._cost(each, columns) for each, columns in fresh.items())
            if cost > tokens:
                fresh, cost = {table: alone}, self._cost(table, alone)
            kept |= fresh
            tokens -= cost
        return kept

    def _shown(self, table: int, ranked: Ranked) -> frozenset[int]:
        """The keys of a table and its best other columns."""
        every = self.catalogue.tables[table].columns
        if self._most is None:
            return frozenset(range(len(every)))
        keys = self._keys[table]
        places: list[Place] = [(table, j) for j, column in enumerate(every) if column.plain not in keys]
        best = sorted(places, key=lambda place: (-ranked.columns.get(place, 0.0), place))[: self._most]
        held = {j for j, column in enumerate(every) if column.plain in keys}
        return frozenset(held | {j for _, j in best})

    def _cost(self, table: int, columns: frozenset[int]) -> float:
        if (table, columns) not in self._costs:
            whole = self.catalogue.tables[table]
            cut = replace(whole, columns=tuple(whole.columns[j] for j in sorted(columns)))
            self._costs[table, columns] = self._count(ddl.statement(cut) + "\n")
        return self._costs[table, columns]
