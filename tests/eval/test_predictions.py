"""Predictions of others, in the formats they come in, scored as a policy's own samples are."""

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from eval.predictions.__main__ import main
from eval.score import main as score
from policy.config_error import ConfigError
from policy.scores import read

GOLD = "SELECT name FROM items WHERE price = 4"
GOLDS = {"q1": GOLD, "q2": "SELECT count(*) FROM items", "q3": "SELECT max(price) FROM items"}
DATA = Path(os.environ.get("TEXT2SQL_DATA", ".")) / "spider_dev_open"


def verdicts(samples: Path) -> dict[str, bool | None]:
    score(["--samples", str(samples)])
    return {one.example: one.scores[0].correct for one in read(samples, samples.with_name("scores.jsonl"))}


def asked(shop, tmp_path: Path, name: str, text: str, *more: str) -> Path:
    there, output = shop(GOLDS), tmp_path / "out/samples.jsonl"
    (tmp_path / name).write_text(text)
    words = [str(tmp_path / name), "--task", "jsonl", "--task_path", str(there.task), "--output", str(output)]
    main([*words, *more])
    return output


ROWS = [
    {"id": "q2", "pred": "SELECT 4 FROM items LIMIT 1"},
    {"id": "q1", "pred": GOLD},
    {"id": "q3", "pred": "SELECT price FROM items WHERE id = 4"},
]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("predict.txt", f"{GOLD}\nSELECT 4 FROM items LIMIT 1\nSELECT price FROM items WHERE id = 4\n"),
        (
            "predict.json",
            json.dumps(
                {
                    "1": "SELECT 4 FROM items LIMIT 1\t----- bird -----\t",
                    "0": GOLD,
                    "2": "SELECT price FROM items WHERE id = 4",
                }
            ),
        ),
        ("predict.jsonl", "".join(json.dumps(row) + "\n" for row in ROWS)),
        ("rows.json", json.dumps(ROWS)),
        ("rows.csv", "id,pred\n" + "".join(f'{row["id"]},"{row["pred"]}"\n' for row in ROWS)),
    ],
)
def test_every_format_is_the_same_answers(name, text, shop, tmp_path):
    assert verdicts(asked(shop, tmp_path, name, text)) == {"q1": True, "q2": True, "q3": True}


def test_what_nobody_answered_is_wrong_and_said(shop, tmp_path, capsys):
    samples = asked(shop, tmp_path, "predict.jsonl", json.dumps({"example": "q2", "sql": "SELECT 4 FROM items"}))
    assert "1 questions answered, 2 not, which counts as wrong" in capsys.readouterr().out
    assert verdicts(samples) == {"q1": False, "q2": False, "q3": False}
    output = tmp_path / "other/samples.jsonl"
    words = [str(tmp_path / "predict.jsonl"), "--task", "jsonl", "--task_path", str(tmp_path / "shop.jsonl")]
    main([*words, "--answered", "--output", str(output)])
    assert verdicts(output) == {"q2": False}


def test_systems_of_one_file_get_a_folder_each_whatever_they_are_called(shop, tmp_path):
    rows = [{"id": i, "sql": sql, "by": by} for by, sql in (("../a b", GOLD), ("c", "SELECT 1")) for i in GOLDS]
    asked(shop, tmp_path, "all.jsonl", "".join(json.dumps(row) + "\n" for row in rows), "--by", "by")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a_b", "c"]
    assert verdicts(tmp_path / "out/a_b/samples.jsonl")["q1"] is True
    assert verdicts(tmp_path / "out/c/samples.jsonl")["q1"] is False


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("p.txt", "SELECT 1\n" * 4, "line 4 is for question 4, and the split has 3"),
        ("p.txt", "SELECT 1\tother_db\n", "is about other_db, and question 1 of the split about"),
        ("p.json", '{"first": "SELECT 1"}', "its key 'first' is no place"),
        ("p.json", '{"0": ', "is not valid JSON"),
        ("p.jsonl", '{"id": "q1", "answer": "SELECT 1"}', "it needs the SQL in a column sql or .* Name the column"),
        ("p.jsonl", '{"id": "q9", "sql": "SELECT 1"}', "no prediction is about a question of this task"),
        ("p.jsonl", '{"id": "q1", "sql": "SELECT 1"}\n' * 2 + '{"id": "q2", "sql": ""}', "2 predictions for q1 and 1"),
        ("p.xml", "<sql/>", "cannot be told by its name; say --format"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(name, text, told, shop, tmp_path):
    with pytest.raises(ConfigError, match=told):
        asked(shop, tmp_path, name, text)


def test_other_samples_are_not_written_over(shop, tmp_path):
    output = asked(shop, tmp_path, "p.txt", f"{GOLD}\n")
    before = output.read_bytes()
    with pytest.raises(ConfigError, match="holds other samples"):
        asked(shop, tmp_path, "p.txt", "SELECT 2\n")
    assert output.read_bytes() == before


OWN = [
    {"run": run, "question_id": i, "db_id": "shop" if i else "lost", "question": f"Which {i}?", "gold_sql": gold}
    | {"predicted_sql": sql, "is_correct": said}
    for run, sql, said in (("a", GOLD, True), ("b", "SELECT name FROM items", "false"))
    for i, gold in enumerate((GOLD, [GOLD, "SELECT name FROM items"], "SELECT count(*) FROM items"))
]


def its_own(tmp_path: Path, rows: list[dict], *more: str) -> Path:
    (tmp_path / "databases/shop").mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(tmp_path / "databases/shop/shop.sqlite")) as shop:
        shop.executescript(
            "CREATE TABLE IF NOT EXISTS items (name, price); INSERT INTO items VALUES ('a', 4), ('b', 5)"
        )
    (tmp_path / "said.json").write_text(json.dumps(rows))
    output = tmp_path / "out/samples.jsonl"
    main([str(tmp_path / "said.json"), "--databases", str(tmp_path / "databases"), "--output", str(output), *more])
    return output


def test_questions_of_the_file_itself_are_graded_where_their_database_is_and_labels_are_held_against_that(
    tmp_path, capsys
):
    its_own(tmp_path, OWN, "--by", "run", "--label", "is_correct")
    files = [tmp_path / f"out/{run}/samples.jsonl" for run in "ab"]
    score(["--samples", *map(str, files)])
    found = [[one.scores[0].correct for one in read(file, file.with_name("scores.jsonl"))] for file in files]
    assert found == [[None, True, False], [None, True, False]]
    told = capsys.readouterr().out
    assert f"ungradable: lost-0, there is no database file at {tmp_path}/databases/lost/lost.sqlite" in told
    assert "| is_correct | 2 of 4 |" in told


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([{"gold_sql": GOLD, "sql": GOLD}], "row 1: it needs db_id or"),
        ([{"db_id": "../x", "gold_sql": GOLD, "sql": GOLD}], "row 1: '../x' is not the name of a database"),
        ([{"db_id": "shop", "sql": GOLD}], "row 1: it needs gold or"),
        ([*OWN[:3], OWN[0] | {"gold_sql": "SELECT 1"}], "row 4: lost-0 is another question than before"),
        ([*OWN[:3], OWN[0]], "if it was asked again, which answer counts"),
        ([OWN[1] | {"is_correct": "perhaps"}], "row 1: is_correct is 'perhaps', and a label is true or false"),
    ],
)
def test_what_a_file_with_its_own_questions_lacks_is_a_sentence(rows, told, tmp_path):
    with pytest.raises(ConfigError, match=told):
        its_own(tmp_path, rows, "--label", "is_correct")


def test_of_answers_that_were_given_twice_the_last_counts_if_that_is_said(tmp_path, capsys):
    output = its_own(tmp_path, [*OWN[:3], OWN[2] | {"predicted_sql": "SELECT 2"}], "--repeated", "last")
    assert [json.loads(line)["completions"][0]["text"] for line in output.open()] == [GOLD, GOLD, "SELECT 2"]
    assert "1 predictions are left out" in capsys.readouterr().out


@pytest.mark.skipif(not (DATA / "predictions_labeled.jsonl").is_file(), reason="TEXT2SQL_DATA is not set")
def test_nine_real_systems_get_their_official_labels(tmp_path, capsys):
    """Of 466 questions each, on the original databases and on the whole of their suites."""
    words = [str(DATA / "predictions_labeled.jsonl"), "--task", "spider", "--task_path", str(DATA / "questions.json")]
    words += ["--by", "system", "--id", "dev_idx", "--label", "ex", "ts", "bird_ex"]
    main([*words, "--output", str(tmp_path / "out/samples.jsonl")])
    files = sorted(tmp_path.glob("out/*/samples.jsonl"))
    score(["--samples", *map(str, files), "--suite", str(DATA / "testsuite")])
    rows = [json.loads(line) for line in (DATA / "predictions_labeled.jsonl").open()]
    assert len(files) == 9 and len(rows) == 4194
    for file in files:
        found = [one.scores[0] for one in read(file, file.with_name("scores.jsonl"))]
        labels = [row for row in rows if row["system"] == file.parent.name]
        assert sum(bool(one.modes["spider"]) for one in found) == sum(row["ex"] for row in labels)
        assert sum(bool(one.suite) for one in found) == sum(row["ts"] for row in labels)
    told = {line.split(" | ")[0][2:]: line.split(" | ")[1:] for line in capsys.readouterr().out.splitlines()[-3:]}
    assert told["ex"][1] == told["bird_ex"][2] == told["ts"][4].rstrip(" |") == "4,194 of 4,194"
