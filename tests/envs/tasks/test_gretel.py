import json
from itertools import combinations

import numpy as np
import pytest

from envs.tasks.gretel import _seeds_part, load

SPLITS = ("train", "validation", "test")


def make_row(i: int, table: str) -> dict[str, object]:
    return {
        "id": i,
        "domain": "farming",
        "sql_complexity": "basic SQL",
        "sql_task_type": "analytics and reporting",
        "sql_prompt": f"How many {table} in {i}?",
        "sql_context": f"CREATE TABLE {table} (id INT,  name TEXT); INSERT INTO {table} VALUES ({i}, 'a; b');",
        "sql": f"SELECT COUNT(*) FROM {table};",
    }


ROWS = [make_row(i, f"t{i % 20}") for i in range(80)]


def write(path, rows=ROWS):
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return str(path)


def test_the_context_builds_the_database_and_its_rows_stay_out_of_the_schema(tmp_path):
    example = next(e for e in load("train", write(tmp_path / "all.jsonl")))
    assert example.database.script.endswith("'a; b');")
    assert example.schema == f"CREATE TABLE {example.gold_sql.split()[-1].rstrip(';')} (id INT, name TEXT);"
    assert example.id.startswith("gretel-") and example.dialect == "sqlite"
    assert (example.difficulty, example.category) == ("basic SQL", "analytics and reporting")


def test_one_file_is_divided_by_schema(tmp_path):
    path = write(tmp_path / "all.jsonl")
    schemas = [{example.schema_id for example in load(split, path)} for split in SPLITS]
    assert [len(s) for s in schemas] == [16, 2, 2]
    assert all(not a & b for a, b in combinations(schemas, 2))


def test_a_train_and_a_test_file_are_divided_as_the_hubs(tmp_path):
    write(tmp_path / "train-00000.jsonl")
    write(tmp_path / "test.jsonl", [make_row(100, "t")])
    ids = [[example.id for example in load(split, str(tmp_path))] for split in SPLITS]
    assert [len(i) for i in ids] == [78, 2, 1]
    assert not set(ids[0]) & set(ids[1]) and ids[2] == ["gretel-100"]


def test_the_division_is_the_one_that_datasets_makes(tmp_path):
    datasets = pytest.importorskip("datasets")
    datasets.config.HF_DATASETS_CACHE = tmp_path
    for count in (80, 1001):
        expected = datasets.Dataset.from_dict({"i": list(range(count))}).train_test_split(test_size=0.025, seed=42)
        assert _seeds_part(range(count), "train") == list(expected["train"]["i"])
        assert _seeds_part(range(count), "validation") == list(expected["test"]["i"])


def test_the_hub_sizes_are_those_of_the_seed_project():
    rows = np.arange(100_000)
    assert [len(_seeds_part(rows, split)) for split in ("train", "validation")] == [97_500, 2_500]


def test_parquet_and_csv_copies_load_too(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.Table.from_pylist(ROWS)
    pytest.importorskip("pyarrow.parquet").write_table(table, tmp_path / "copy.parquet")
    pytest.importorskip("pyarrow.csv").write_csv(table, tmp_path / "copy.csv")
    expected = load("train", write(tmp_path / "copy.jsonl"))
    assert load("train", str(tmp_path / "copy.parquet")) == load("train", str(tmp_path / "copy.csv")) == expected


def test_bad_paths_and_rows_are_said_in_sentences(tmp_path):
    with pytest.raises(FileNotFoundError, match="gone does not exist; leave it out"):
        load("train", str(tmp_path / "gone"))
    with pytest.raises(FileNotFoundError, match=r"no file called train\*"):
        load("train", str(tmp_path))
    with pytest.raises(ValueError, match=r"bad.jsonl, line 1: it needs sql_prompt"):
        load("train", write(tmp_path / "bad.jsonl", [{"id": 1, "sql": "SELECT 1"}]))
    with pytest.raises(ValueError, match="too few for a test split"):
        load("test", write(tmp_path / "few.jsonl", ROWS[:1]))
    for name in ("train-0.jsonl", "train-1.jsonl"):
        write(tmp_path / name)
    with pytest.raises(ValueError, match=r"several train files, train-0.jsonl, train-1.jsonl"):
        load("train", str(tmp_path))
