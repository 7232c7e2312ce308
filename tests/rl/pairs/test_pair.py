"""A file of pairs is read as it was written, or refused with its line and the reason."""

import json
from dataclasses import asdict, replace

import pytest

from envs.verdict import CONTRACT
from policy.config_error import ConfigError
from rl.pairs.pair import Pair, Verified, line, read, write

PAIR = Pair(
    example="q1",
    task="worlds",
    split="train",
    question="How many\u2028ships?",
    evidence="",
    schema="CREATE TABLE ship (id INTEGER);",
    schema_id="harbour",
    engine="sqlite",
    dialect="sqlite",
    gold_sql="SELECT COUNT(*) FROM ship",
    prompt="strict",
    chosen="SELECT COUNT(*) FROM ship",
    rejected="SELECT id FROM ship",
    chosen_sql="SELECT COUNT(*) FROM ship",
    rejected_sql="SELECT id FROM ship",
    source="policy",
    chosen_source="gold",
    error="aggregate",
    kind="",
    verified=Verified(CONTRACT, "strict", True, True, True),
)


def row(**changed: object) -> str:
    return json.dumps({"pairs": 1} | asdict(PAIR) | changed)


def test_what_is_written_is_read_again_whatever_stands_in_its_texts(tmp_path):
    odd = replace(PAIR, example="q2", question="wide \u2028\u2029\x85\x0b space, \ud800 and é", evidence="a\r\nb")
    write(tmp_path / "pairs.jsonl", [PAIR, odd])
    assert read(tmp_path / "pairs.jsonl") == [PAIR, odd]


def test_a_byte_order_mark_and_empty_lines_are_passed_over(tmp_path):
    (tmp_path / "pairs.jsonl").write_bytes(b"\xef\xbb\xbf" + line(PAIR).encode() + b"\r\n\r\n")
    assert read(tmp_path / "pairs.jsonl") == [PAIR]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (row(schema=" "), "schema is empty"),
        (row(schema=None), "lacks schema"),
        (row(question=""), "question is empty"),
        (row(chosen="", chosen_sql=""), "chosen answer is empty"),
        (row(rejected=PAIR.chosen, rejected_sql=PAIR.chosen_sql), "are the same"),
        (row(rejected="select  count(*)  from SHIP;", rejected_sql="select  count(*)  from SHIP"), "are the same"),
        (row(rejected="SELECT 1"), "rejected_sql, which was executed, is not the query in its rejected answer"),
        (row(question=["How many?"]), r"question is \"\['How many"),
        (row(verified=None), "lacks verified"),
        (row(verified=True), "lacks contract, comparison, twins, chosen, rejected"),
        (row(verified={"contract": CONTRACT}), "lacks comparison, twins"),
        (row(verified=asdict(PAIR.verified) | {"chosen": False}), "chosen answer was not verified to be right"),
        (row(verified=asdict(PAIR.verified) | {"rejected": False}), "not verified to be wrong"),
        (row(verified=asdict(PAIR.verified) | {"rejected": "yes"}), "rejected is 'yes', which is text"),
        (row(verified=asdict(PAIR.verified) | {"contract": float(CONTRACT)}), "must be an integer"),
        (row(verified=asdict(PAIR.verified) | {"contract": CONTRACT - 1}), "make it again"),
        (row(verified=asdict(PAIR.verified) | {"comparison": "loose"}), "one of strict, spider"),
        (row(engine="oracle"), "one of sqlite, duckdb"),
        (row(source="me"), "one of policy, corruption"),
        (row(pairs=2), "no pair of this lab's"),
        ("{}", "no pair of this lab's"),
        ("[1, 2]", "no pair of this lab's"),
        ("no json", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        (row()[:-9], "the file was cut"),
    ],
)
def test_what_must_not_be_trained_on_is_refused_with_its_line(tmp_path, text, told):
    file = tmp_path / "pairs.jsonl"
    file.write_text(f"{line(PAIR)}\n{text}", encoding="utf-8", errors="surrogatepass")
    with pytest.raises(ConfigError, match=rf"(?s)pairs.jsonl line 2.*{told}"):
        read(file)


def test_no_file_no_pair_and_no_text_are_sentences(tmp_path):
    with pytest.raises(ConfigError, match=r"python -m rl\.pairs makes them"):
        read(tmp_path / "none.jsonl")
    (tmp_path / "empty.jsonl").write_text("\n\n")
    with pytest.raises(ConfigError, match="holds no pair"):
        read(tmp_path / "empty.jsonl")
    (tmp_path / "bytes.jsonl").write_bytes(b"\xff\xfe{}")
    with pytest.raises(ConfigError, match="not UTF-8 text"):
        read(tmp_path / "bytes.jsonl")
