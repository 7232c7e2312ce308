"""What holds of every metric: its name, its range, what it says of nothing and of hostile text, and how soon."""

import time

import pytest

from eval import metrics

HOSTILE = {
    "200 kB": "SELECT name FROM makers WHERE " + " OR ".join(f"id = {i}" for i in range(20_000)),
    "a long sum": "SELECT " + "+".join(["id"] * 6_000) + " FROM makers",
    "5,000 brackets": "SELECT " + "(" * 5_000 + "1" + ")" * 5_000,
    "90 queries": "SELECT " + "(SELECT " * 90 + "1" + ")" * 90,
    "900 cases": "SELECT " + "CASE WHEN id THEN " * 900 + "1" + " END" * 900,
    "4,000 NOTs": "SELECT " + "NOT " * 4_000 + "id FROM makers",
    "a long IN": "SELECT id FROM makers WHERE id IN (" + ",".join(map(str, range(3_500))) + ")",
    "900 unions": " UNION ".join(["SELECT id FROM makers"] * 900),
    "4,000 stars": "SELECT " + ", ".join("*" * 4_000) + " FROM makers",
    "NUL": "SELECT \0",
    "a lone surrogate": 'SELECT "\ud800" FROM makers',
    "prose": "I think the makers are what you want.",
    "an open quote": "SELECT 'abc",
    "two statements": "SELECT 1; SELECT 2",
    "a write": "DROP TABLE makers",
    "a table of its own name": "WITH makers AS (SELECT * FROM makers) SELECT * FROM makers",
}


@pytest.mark.parametrize("name", metrics.NAMES)
def test_a_metric_is_the_function_that_its_file_is_called_after(name):
    found = metrics.load(name)
    assert found.measure.__name__ == name and found.measure.__module__ == f"eval.metrics.{name}"
    assert found.what and found.unit in ("share", "count") and found.better in ("higher", "lower")


@pytest.mark.parametrize("name", metrics.NAMES)
def test_the_gold_itself_has_the_best_there_is(name, asked):
    found = metrics.load(name)
    best = 0.0 if found.better == "lower" else 1.0
    gold = asked().gold_sql
    for example in (asked(), asked("SELECT land FROM makers", gold)):
        assert found.measure(gold, example) == pytest.approx(best, abs=1e-12)


@pytest.mark.parametrize("name", metrics.NAMES)
def test_no_sql_is_worth_nothing_and_has_no_names_to_count(name, asked):
    found = metrics.load(name)
    assert found.measure("", asked()) == (None if found.unit == "count" else 0.0)


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_text_is_measured_quickly_and_raises_nothing(what, asked):
    started = time.process_time()
    for name in metrics.NAMES:
        found = metrics.load(name)
        said = found.measure(HOSTILE[what], asked())
        assert 0.0 <= said <= 1.0 if found.unit == "share" else said in (None, 0.0)
        found.measure(asked().gold_sql, asked(HOSTILE[what]))
    assert time.process_time() - started < 10


@pytest.mark.parametrize("name", [n for n in metrics.NAMES if n.startswith(("ast", "exact", "table", "column"))])
def test_a_gold_that_cannot_be_read_is_no_ruler(name, asked):
    assert metrics.load(name).measure("SELECT 1", asked("SELECT FROM WHERE")) is None


def test_an_unknown_name_lists_the_choices():
    with pytest.raises(ValueError, match=r"no metric named 'blue'; eval/metrics/ has: ast_equivalent, .*bleu"):
        metrics.load("blue")
