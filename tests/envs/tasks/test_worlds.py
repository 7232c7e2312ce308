"""The bundled task: what its generator promises."""

import apsw
import pytest

from envs.tasks import worlds
from envs.worlds.generate import rows
from envs.worlds.improvised import RESERVED, improvised
from envs.worlds.questions import FAMILIES
from envs.worlds.vocabulary import domains

GRETEL = {"id", "domain", "sql_complexity", "sql_task_type", "sql_prompt", "sql_context", "sql"}


@pytest.fixture(scope="module")
def splits():
    return {split: worlds.load(split) for split in worlds.SIZES}


def test_every_split_has_its_size_and_every_kind_of_sql(splits):
    for split, examples in splits.items():
        assert len(examples) == worlds.SIZES[split]
        assert {example.difficulty for example in examples} == set(FAMILIES)


def test_splits_share_no_schema_and_no_table_name(splits):
    tables = {
        split: {line.split()[2] for example in examples for line in example.schema.splitlines()}
        for split, examples in splits.items()
    }
    schemas = {split: {example.schema for example in examples} for split, examples in splits.items()}
    for one, other in (("train", "validation"), ("train", "test"), ("validation", "test")):
        assert not tables[one] & tables[other]
        assert not schemas[one] & schemas[other]


def test_the_task_shares_no_table_name_with_what_the_seedling_was_taught(splits):
    taught = {table for tables in domains("lessons").values() for table in tables}
    asked = {line.split()[2] for examples in splits.values() for e in examples for line in e.schema.splitlines()}
    assert not taught & asked


def test_ids_are_unique_over_all_splits(splits):
    ids = [example.id for examples in splits.values() for example in examples]
    assert len(ids) == len(set(ids))


def test_every_gold_runs_and_returns_something(splits):
    for example in splits["test"] + splits["validation"]:
        connection = apsw.Connection(":memory:")
        connection.execute(example.database.script)
        assert connection.execute(example.gold_sql).fetchall(), example.id


def test_the_same_seed_gives_the_same_rows_and_another_seed_others():
    first, again, other = (list(rows("test", 50, f"test-{seed}")) for seed in (3, 3, 4))
    assert first == again != other
    assert set(first[0]) >= GRETEL


def test_improvised_worlds_build_and_answer_whatever_words_they_drew():
    found = list(rows("lessons", 400, "improvised-11", improvised))
    assert len({row["schema"] for row in found}) > 30
    assert len(found) == 400


def test_no_written_name_is_a_word_of_sql():
    for group in ("lessons", *worlds.SIZES):
        for tables in domains(group).values():
            assert not RESERVED & set(tables)
            assert not RESERVED & {column for entry in tables.values() for column in entry["columns"]}


def test_a_path_is_refused_with_a_sentence():
    with pytest.raises(ValueError, match="takes no task_path"):
        worlds.load("train", "somewhere")
