"""The storefront task: its arithmetic, its determinism, and what every gold query must be."""

import hashlib
import random
import time
from collections import Counter
from decimal import Decimal
from typing import Any

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from envs.example import Example
from envs.storefront.family import Asked
from envs.storefront.rows import Rows, rows
from envs.storefront.schema import SCHEMA, TABLES
from envs.storefront.script import inserts, script
from envs.storefront.splits import QUOTAS, questions
from envs.tasks import Split
from envs.tasks.storefront import load

SPLITS: tuple[Split, ...] = ("train", "validation", "test")
BIG = ("single-table", "joins", "revenue", "time-series", "churn", "forecast", "subscription")
Row = tuple[Any, ...]


def everything() -> list[tuple[Example, Asked]]:
    return [(e, asked) for s in SPLITS for e, (_, asked) in zip(load(s), questions(s), strict=True)]


def database(text: str) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1})
    connection.execute(text)
    return connection


@pytest.fixture(scope="module")
def shop() -> duckdb.DuckDBPyConnection:
    return database(script())


@pytest.fixture(scope="module")
def answers(shop: duckdb.DuckDBPyConnection) -> dict[str, list[Row]]:
    return {example.id: shop.execute(example.gold_sql).fetchall() for example, _ in everything()}


def test_categories_and_splits_have_exactly_the_promised_sizes() -> None:
    counts = {split: Counter(example.category for example in load(split)) for split in SPLITS}
    assert {name: tuple(counts[s][name] for s in SPLITS) for name in QUOTAS} == QUOTAS
    assert [counts[s].total() for s in SPLITS] == [350, 50, 100]
    assert list(map(sum, QUOTAS.values())) == [100, 75, 75, 50, 50, 50, 50, 25, 15, 10]


def test_no_question_gold_or_id_occurs_twice() -> None:
    examples = [example for example, _ in everything()]
    for field in ("id", "question", "gold_sql"):
        assert len({getattr(example, field) for example in examples}) == 500, field


def test_families_of_the_test_split_are_never_trained_on_and_make_up_half_of_every_big_category() -> None:
    trained = {asked.family.name for _, asked in questions("train") + questions("validation")}
    for name in BIG:
        unseen = [a for category, a in questions("test") if category == name and a.family.name not in trained]
        assert 0.4 <= len(unseen) / QUOTAS[name][2] <= 0.6, name
        assert all(asked.family.home == "test" for asked in unseen)


def test_bytes_never_change() -> None:
    text = script() + "".join(f"{e.id}\n{e.question}\n{e.gold_sql}\n{e.evidence}\n" for e, _ in everything())
    assert (
        hashlib.sha256(text.encode()).hexdigest() == "0692e966bd841808e64bb2154a7b8fddc7a06cdf50d25cfb2dcbad76531f4fc2"
    )


def test_a_path_is_refused_with_a_sentence_and_loading_is_quick() -> None:
    with pytest.raises(ValueError, match="leave it out"):
        load("train", "somewhere")
    started = time.process_time()
    for split in SPLITS:
        load(split)
    assert time.process_time() - started < 1


def test_the_schema_shown_is_the_schema_built_and_holds_no_rows(shop: duckdb.DuckDBPyConnection) -> None:
    tables = [s.this.this.name for s in sqlglot.parse(SCHEMA, read="postgres") if isinstance(s, exp.Create)]
    assert tuple(tables) == TABLES
    assert "INSERT" not in SCHEMA
    sizes = [len(shop.execute(f"SELECT 1 FROM {table}").fetchall()) for table in TABLES]
    assert sizes == [len(getattr(rows(), table)) for table in TABLES]
    assert [round(size, -2) if size > 300 else size for size in sizes] == [120, 40, 600, 1500, 90, 400, 120]


def test_every_gold_answers_with_something_that_is_not_trivial(answers: dict[str, list[Row]]) -> None:
    for example, asked in everything():
        found = answers[example.id]
        assert found, example.gold_sql
        assert example.category == "edge" or any(cell for row in found for cell in row), example.gold_sql
        assert len(asked.question) > 20 and "{" not in asked.question + asked.gold_sql


def test_every_gold_is_one_postgres_query_with_unique_sort_keys_and_no_tie_at_its_limit(
    shop: duckdb.DuckDBPyConnection, answers: dict[str, list[Row]]
) -> None:
    for example, _ in everything():
        tree = sqlglot.parse_one(example.gold_sql, read="postgres")
        assert isinstance(tree, exp.Select)
        order = tree.args.get("order")
        if order is None:
            assert len(answers[example.id]) == 1, example.gold_sql
            continue
        names = [column.alias_or_name for column in tree.selects]
        terms = [key.this for key in order.expressions]
        places = [int(t.name) - 1 if isinstance(t, exp.Literal) else names.index(t.name) for t in terms]
        found = answers[example.id]
        if tree.args.get("limit") is not None:
            tree.set("limit", None)
            found = shop.execute(tree.sql("postgres")).fetchall()
        assert len({tuple(row[at] for at in places) for row in found}) == len(found), example.gold_sql


def test_no_gold_depends_on_the_order_of_rows_or_on_how_duckdb_differs_from_postgres(
    answers: dict[str, list[Row]],
) -> None:
    strict = database(script())
    strict.execute("SET default_null_order = 'nulls_last_on_asc_first_on_desc'; SET integer_division = true")
    shuffled = {table: random.Random(7).sample(getattr(rows(), table), len(getattr(rows(), table))) for table in TABLES}
    mixed = database(SCHEMA + "".join(inserts(Rows(**shuffled))))
    for example, _ in everything():
        for other in (strict, mixed):
            assert repr(other.execute(example.gold_sql).fetchall()) == repr(answers[example.id]), example.gold_sql


def test_no_rounded_figure_sits_on_a_rounding_half(shop: duckdb.DuckDBPyConnection) -> None:
    for example, _ in everything():
        tree = sqlglot.parse_one(example.gold_sql, read="postgres")
        decimals = {int(call.args["decimals"].name) for call in tree.find_all(exp.Round)}
        if not decimals:
            continue
        for call in tree.find_all(exp.Round):
            call.set("decimals", exp.Literal.number(9))
        for row in shop.execute(tree.sql("postgres")).fetchall():
            numbers = [abs(float(cell)) for cell in row if isinstance(cell, float | Decimal)]
            assert all(abs(n * 10**d % 1 - 0.5) > 1e-6 for n in numbers for d in decimals), (example.gold_sql, row)
