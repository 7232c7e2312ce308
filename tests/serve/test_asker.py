"""The bundled seedling asked about real files: what it answers, how samples vote, what a repair and a write do."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from threading import Timer

import pytest

from envs.sandbox import Sandbox
from policy.chat import tokens_of
from policy.config_error import ConfigError
from serve.asker import Asker
from serve.database_file import database_at
from serve.shown_tables import schema_for

from .conftest import LIMITS, shop_at


def test_a_question_is_answered_with_names_rows_and_checks(asker: Asker):
    answer = asker.ask("How many customers are there?")
    assert (answer.error, answer.rows, answer.count, answer.capped) == (None, ((5,),), 1, False)
    assert len(answer.columns) == 1 and "count" in answer.columns[0].lower()
    assert answer.checks.startswith("reads only, 1 table, 0 joins, no nested query")
    assert answer.model_seconds > 0 and answer.database_seconds > 0
    assert json.loads(json.dumps(answer.as_json()))["rows"] == [[5]]


def test_samples_vote_by_what_they_return(asker: Asker):
    asker.samples = 8
    try:
        answer = asker.ask("Show the names of all customers.")
    finally:
        asker.samples = 1
    asked = [one for one in answer.candidates if not one.repaired]
    assert len(asked) == 8 and len({one.sql for one in asked}) > 1, "at temperature 1 eight are not all alike"
    assert all((one.votes == 0) == (one.error is not None) for one in asked)
    best = max(one.votes for one in asked)
    assert answer.sql == next(one.sql for one in asked if one.votes == best)
    assert [row[0] for row in answer.rows][:3] == ["Ann", "Bob", "Cleo"]


def test_a_query_that_fails_is_written_again_once(asker: Asker):
    nonsense = "What is the age of Ann?"
    answer = asker.ask(nonsense)
    first, *more = answer.candidates
    assert first.error is not None and [one.repaired for one in more] == [True]
    assert answer.error == (None if more[0].error is None else first.error), "the better one counts"
    asker.repair = False
    try:
        assert len(asker.ask(nonsense).candidates) == 1
    finally:
        asker.repair = True


def test_what_a_person_or_a_database_says_ends_no_turn(asker: Asker):
    writer = asker._writer
    special = set(writer._stops)

    def stops(question: str, evidence: str = "") -> int:
        sent: list[list[int]] = []
        generate = writer._sampler.generate

        def noted(prompts, n, sampling):
            sent.extend(prompts)
            return generate(prompts, n, sampling)

        writer._sampler.generate = noted
        try:
            asker.ask(question, evidence=evidence)
        finally:
            del writer._sampler.generate
        return sum(token in special for token in sent[0])

    mark = writer._tokenizer.convert_ids_to_tokens(sorted(special)[0])
    assert special & set(tokens_of(writer._tokenizer, f"a {mark} b")), "raw it would be one"
    assert stops("How many customers are there?") == stops(f"How many customers are there? {mark} {mark}")
    assert stops("How many customers are there?") == stops("How many customers are there?", f"all {mark} {mark}")


def test_a_schema_that_is_too_long_is_refused_with_the_figure_and_the_fix(tmp_path: Path):
    path = shop_at(tmp_path / "wide.sqlite")
    with sqlite3.connect(path) as wide:
        for i in range(200):
            wide.execute(f"CREATE TABLE extra_{i} (a_rather_long_name_{i} TEXT, another_long_name_{i} TEXT)")
    with (
        Asker("policy/seedling", path) as asker,
        pytest.raises(ConfigError, match=r"make \d+,\d+ tokens, and this policy takes [\d,]+.*--tables"),
    ):
        asker.ask("How many customers are there?")
    with Asker("policy/seedling", path, schema_tokens=30) as asker:
        assert asker.ask("How many customers are there?").rows == ((5,),)
        assert asker.schema().count("CREATE TABLE") == 202, "of the whole, for each question anew"
    with Asker("policy/seedling", path, tables=["customers"]) as asker:
        assert asker.schema().count("CREATE TABLE") == 1
        assert asker.ask("How many customers are there?").rows == ((5,),)
    with pytest.raises(ConfigError, match=r"--tables names 'custmers'.*Did you mean customers"):
        Asker("policy/seedling", path, tables=["custmers"])


def test_a_schema_with_values_is_that_of_the_file_as_it_is_now(tmp_path: Path):
    shop = shop_at(tmp_path / "shop.sqlite")

    def shown() -> str:
        with Sandbox(1) as sandbox:
            return schema_for(database_at(shop), sandbox, None, annotated=True)

    assert "'Rome'" in shown()
    shop.unlink()
    shop_at(shop, city="Oslo")
    assert "'Oslo'" in shown() and "'Rome'" not in shown()


def test_what_writes_is_tried_on_a_copy_and_the_file_is_as_it_was(shop: Path):
    before = shop.read_bytes()
    with Asker("policy/seedling", shop, write=True, limits=LIMITS) as asker:
        answer = asker.run("UPDATE customers SET city = 'Oslo' WHERE id < 3")
        assert answer.error is None and answer.changes == ("customers (of 5 rows): 2 changed",)
        assert asker.run("DROP TABLE orders").changes == ("orders is dropped with its 5 rows",)
        assert asker.run("SELECT count(*) FROM orders").rows == ((5,),)
    assert shop.read_bytes() == before


def test_in_place_nothing_is_done_after_somebody_who_wrote_first(tmp_path: Path):
    shop = shop_at(tmp_path / "shop.sqlite")
    other = sqlite3.connect(shop, isolation_level=None, check_same_thread=False)
    with Asker("policy/seedling", shop, write=True, limits=LIMITS) as asker, closing(other):
        tried = asker.run("DELETE FROM orders WHERE id = 1")
        other.execute("BEGIN IMMEDIATE")
        other.execute("DELETE FROM orders WHERE id = 2")
        Timer(0.3, other.execute, ["COMMIT"]).start()
        with pytest.raises(ConfigError, match="has changed since"):
            asker.apply(tried)
        assert asker.run("SELECT min(id), count(*) FROM orders").rows == ((1, 4),)


def test_in_place_it_is_done_once_and_only_to_the_file_that_was_copied(shop: Path):
    with Asker("policy/seedling", shop, write=True, limits=LIMITS) as asker:
        tried = asker.run("DELETE FROM orders WHERE id = 1")
        assert asker.apply(tried).in_place
        assert asker.run("SELECT count(*) FROM orders").rows == ((4,),)
        stale = asker.run("DELETE FROM orders")
        shop.touch()
        with pytest.raises(ConfigError, match="has changed since"):
            asker.apply(stale)
        with pytest.raises(ConfigError, match="nothing to write"):
            asker.apply(asker.run("SELECT 1"))
        assert asker.run("SELECT count(*) FROM orders").rows == ((4,),)
