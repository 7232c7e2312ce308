"""Opinions on answers, and the pairs that `python -m rl.pairs` makes of them."""

import json
from collections.abc import Callable
from pathlib import Path
from resource import RLIMIT_FSIZE, getrlimit, setrlimit

import pytest

from envs.example import Database
from policy.config_error import ConfigError
from rl.pairs.__main__ import main
from rl.pairs.pair import read
from serve.answer import Answer, Candidate
from serve.api.failure import Failure
from serve.api.feedback import FeedbackFile, Given

from .conftest import NAMES, Served

X = Database("sqlite", path="x")
BERN = {"question": "Show the names of all customers from Bern.", "database": "duck"}


def rows(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text().splitlines()]


@pytest.fixture
def asked(open_service: Callable[..., Served], tmp_path: Path) -> tuple[Served, Path]:
    file = tmp_path / "feedback.jsonl"
    return open_service(feedback=file), file


def test_pairs_are_made_of_corrections_by_executing_both_queries(asked: tuple[Served, Path], tmp_path: Path):
    service, file = asked
    wrong = service.sql(**NAMES)
    gold = "SELECT name FROM customers WHERE id <= 4"
    said = {"id": wrong["id"], "right": False, "sql": gold, "comment": "only the first four"}
    assert service.http.post("/feedback", json=said).json() == {"kept": True}
    liked = service.sql(**BERN)
    assert service.http.post("/feedback", json={"id": liked["id"], "right": True}).status_code == 200
    (corrected, praised) = rows(file)
    assert corrected["rejected"] == [wrong["sql"]] and corrected["chosen"] == [gold] == [corrected["gold_sql"]]
    assert praised["chosen"] == [liked["sql"]]
    assert [corrected["engine"], praised["engine"]] == ["sqlite", "duckdb"], "whatever the files are called"
    pairs = tmp_path / "pairs.jsonl"
    source = ["file", "--task", "jsonl", "--task_path", str(file), "--answers", str(file)]
    main([*source, "--no-twins", "--gold", "also", "--output", str(pairs)])
    (pair,) = read(pairs)
    told = json.loads(pairs.read_text().splitlines()[0])
    assert (pair.question, pair.chosen, pair.rejected) == (NAMES["question"], gold, wrong["sql"])
    assert "CREATE TABLE customers" in json.dumps(told), "the schema was read from the database itself"
    report = json.loads(pairs.with_suffix(".json").read_text())
    assert report["made"]["claims"]["confirmed"] == report["made"]["claims"]["pairs"] > 0


def test_a_wrong_answer_without_a_correction_waits_in_a_file_of_its_own_and_may_get_one(asked: tuple[Served, Path]):
    service, file = asked
    answer = service.sql(**NAMES)
    said = {"id": answer["id"], "right": False}
    assert service.http.post("/feedback", json=said).status_code == 200
    (kept,) = rows(file.with_suffix(".wrong.jsonl"))
    assert kept["sql"] == answer["sql"] and not file.read_text()
    assert service.http.post("/feedback", json=said).json()["code"] == "already_given"
    assert service.http.post("/feedback", json=said | {"sql": "SELECT 1"}).status_code == 200
    assert len(rows(file)) == 1
    assert service.http.post("/feedback", json=said | {"sql": "SELECT 2"}).status_code == 409
    assert service.metric('text2sql_feedback_total{right="no"}') == 2


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"id": "f" * 32, "right": True}, "no_such_answer"),
        ({"right": True, "sql": "SELECT 1"}, "needs_no_correction"),
        ({"right": False, "sql": "SELECT missing FROM nowhere"}, "correction_fails"),
        ({"right": False, "sql": "DROP TABLE customers"}, "correction_fails"),
        ({"right": False, "sql": "SELECT 1; SELECT 2"}, "correction_fails"),
        ({"right": "yes"}, "bad_request"),
    ],
)
def test_what_cannot_be_said_is_refused_and_nothing_is_kept(asked: tuple[Served, Path], said: dict, code: str):
    service, file = asked
    told = service.http.post("/feedback", json={"id": service.sql(**NAMES)["id"]} | said)
    assert told.json()["code"] == code and "--" not in told.json()["error"]
    assert not file.read_text() and not file.with_suffix(".wrong.jsonl").read_text()


def test_of_several_queries_those_that_returned_something_else_are_rejected(tmp_path: Path):
    file = FeedbackFile(tmp_path / "f.jsonl")
    some = (Candidate("a", 3), Candidate("b", 3), Candidate("c", 1), Candidate("d", 0, "it failed"))
    file.write("1", Given("shop", X, "", Answer("q", "a", candidates=some)), True, None, "", "p")
    (row,) = rows(tmp_path / "f.jsonl")
    assert (row["chosen"], row["rejected"]) == (["a"], ["c", "d"])


def test_an_answer_is_remembered_without_its_rows(tmp_path: Path):
    file = FeedbackFile(tmp_path / "f.jsonl")
    file.remember("1", Given("shop", X, "", Answer("q", "a", columns=("n",), rows=((1,),), count=1)))
    assert file.about("1", True, None).answer == Answer("q", "a", count=1)


def test_a_line_that_a_full_disk_or_a_kill_cut_spoils_no_other(tmp_path: Path):
    path, given = tmp_path / "f.jsonl", Given("shop", X, "", Answer("q", "SELECT 1"))
    file = FeedbackFile(path)
    file.write("1", given, True, None, "", "p")
    before, most = path.read_bytes(), getrlimit(RLIMIT_FSIZE)
    setrlimit(RLIMIT_FSIZE, (len(before) + 20, most[1]))
    try:
        with pytest.raises(Failure, match="could not be kept"):
            file.write("2", given, True, None, "", "p")
    finally:
        setrlimit(RLIMIT_FSIZE, most)
    assert path.read_bytes() == before
    path.write_bytes(before + before[:20])
    FeedbackFile(path).write("3", given, True, None, "", "p")
    assert [row["id"] for row in rows(path)] == ["1", "3"]
    path.write_bytes(before.rstrip())
    FeedbackFile(path).write("4", given, True, None, "", "p")
    assert [row["id"] for row in rows(path)] == ["1", "4"], "a whole line without its end is kept"
    path.write_bytes(b"SQLite format 3")
    with pytest.raises(ConfigError, match="no line of feedback"):
        FeedbackFile(path)
    assert path.read_bytes() == b"SQLite format 3"
