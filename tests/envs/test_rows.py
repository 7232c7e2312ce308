import json

import pytest

from envs.rows import read


def test_every_kind_of_file_gives_the_same_rows(tmp_path):
    rows = [{"a": "x", "b": "two\nlines"}, {"a": "y;\u2028", "b": ""}]
    (tmp_path / "q.json").write_text(json.dumps(rows))
    (tmp_path / "q.jsonl").write_text("\ufeff" + "\n\n".join(json.dumps(r, ensure_ascii=False) for r in rows) + "\n")
    (tmp_path / "q.csv").write_text('a,b\nx,"two\nlines"\ny;\u2028,\n')
    pyarrow = pytest.importorskip("pyarrow")
    pytest.importorskip("pyarrow.parquet").write_table(pyarrow.Table.from_pylist(rows), tmp_path / "q.parquet")
    for suffix in ("json", "jsonl", "csv", "parquet"):
        found = read(tmp_path / f"q.{suffix}")
        assert [dict(row.values) for row in found] == rows, suffix


def test_a_row_knows_its_line(tmp_path):
    (tmp_path / "q.jsonl").write_text('{"a": 1}\n\n{"a": 2}\n')
    (tmp_path / "q.csv").write_text('a\n"1\n"\n2\n')
    assert [row.at for row in read(tmp_path / "q.jsonl")] == ["q.jsonl, line 1", "q.jsonl, line 3"]
    assert [row.at for row in read(tmp_path / "q.csv")] == ["q.csv, line 3", "q.csv, line 4"]


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("q.jsonl", '{"a": 1}\n{"a": \n', "q.jsonl, line 2 is not valid JSON"),
        ("q.jsonl", '{"a": 1}\n[1]\n', "q.jsonl, line 2 holds a JSON list"),
        ("q.json", '{"a": 1}\n{"a": 2}\n', "q.json is not valid JSON.*called .jsonl"),
        ("q.json", '{"a": 1}', "holds a JSON dict; a list"),
        ("q.csv", "a,b\n1,2,3\n", "q.csv, line 2 has more cells"),
        ("q.csv", 'a,b\n1,"2\n', r"q.csv, line \d is not valid CSV"),
        ("q.parquet", "PAR", "is not a Parquet file"),
        ("q.txt", "", r"one that ends in \.jsonl, \.json, \.csv, \.parquet"),
    ],
)
def test_a_bad_file_is_said_in_a_sentence(tmp_path, name, text, sentence):
    (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=sentence):
        read(tmp_path / name)


def test_text_that_is_not_utf8_is_said_in_a_sentence(tmp_path):
    (tmp_path / "q.jsonl").write_bytes(b'{"a": "\xff"}')
    with pytest.raises(ValueError, match="not UTF-8 text"):
        read(tmp_path / "q.jsonl")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"gone.jsonl"):
        read(tmp_path / "gone.jsonl")


def test_a_needed_column_that_is_empty_is_named_with_what_is_there(tmp_path):
    (tmp_path / "q.jsonl").write_text('{"sql": " ", "note": 0}\n')
    row = read(tmp_path / "q.jsonl")[0]
    assert row.text("gone", "note") == "0"
    with pytest.raises(ValueError, match="line 1: it needs query or sql, and has: sql, note"):
        row.need("query", "sql")


@pytest.mark.parametrize("nothing", [None, "", [], {}, float("nan")])
def test_a_cell_without_anything_is_no_text_and_a_list_is_said_with_its_place(tmp_path, nothing):
    (tmp_path / "q.json").write_text(json.dumps([{"evidence": nothing, "sql": ["SELECT 1"]}]))
    row = read(tmp_path / "q.json")[0]
    assert row.text("evidence") == ""
    with pytest.raises(ValueError, match=r"q\.json, row 1: sql holds a list, and text is needed"):
        row.need("sql")


@pytest.mark.parametrize(("name", "text"), [("q.json", "[" * 100_000), ("q.jsonl", "\n" + "[" * 100_000)])
def test_json_that_nests_without_end_is_said_in_a_sentence(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match="is not valid JSON"):
        read(tmp_path / name)
