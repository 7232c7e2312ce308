"""Questions over HTTP: rows by their types, the cache, batches, stages."""

import json
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from envs.execution import Status
from serve.answer import Answer
from serve.api.kept_answers import KeptAnswers
from serve.api.told import Hidden, cell, told

from ..conftest import shop_at
from .conftest import COUNT, NAMES, Served


@pytest.mark.parametrize(("database", "customers"), [("shop", 6), ("duck", 5)])
def test_a_question_is_answered_with_query_rows_checks_and_times(served: Served, database: str, customers: int):
    answer = served.sql(database=database, samples=2)
    assert (answer["rows"], answer["count"], answer["error"], answer["status"]) == ([[customers]], 1, None, "ok")
    assert "count" in answer["columns"][0].lower() and answer["checks"].startswith("reads only, 1 table")
    assert answer["database"] == database and len(answer["id"]) == 32
    assert answer["seconds"]["total"] >= answer["seconds"]["model"] > 0 < answer["seconds"]["database"]


def test_what_json_has_not_is_an_object_that_names_its_type():
    values = [None, 1, 2**53, -(2**53) + 1, 0.5, float("nan"), float("-inf"), b"\x00\xff", "x\ud800"]
    found = [cell(value) for value in values]
    assert found[:5] == [None, 1, {"integer": "9007199254740992"}, -(2**53) + 1, 0.5]
    assert found[5:8] == [{"number": "NaN"}, {"number": "-Infinity"}, {"blob": "00ff"}]
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_an_answer_tells_no_path_and_no_option_of_a_command_line():
    answer = Answer("q", "s", error="It is at /data/x/shop.db, in /data/x; --limit_rows raises it.")
    error = told(answer, Hidden(["/data/x/shop.db"]))["error"]
    assert error == "It is at (the database), in (the database)."


def test_the_same_question_is_answered_once_and_anew_when_the_file_changes(
    open_service: Callable[..., Served], tmp_path: Path, files: dict[str, Path]
):
    service = open_service(feedback=tmp_path / "f.jsonl")
    first, again = service.sql(), service.sql(question=f"  {COUNT['question']} ")
    assert (first["cached"], again["cached"]) == (False, True) and first["rows"] == again["rows"]
    assert first["id"] != again["id"], "an opinion is about one asking"
    assert not service.sql(samples=2)["cached"] and not service.sql(evidence="all of them")["cached"]
    assert service.metric('text2sql_cache_total{result="hit"}') == 1
    with sqlite3.connect(files["shop"]) as changed:
        changed.execute("INSERT INTO customers VALUES (99, 'Zoe', 'Bern')")
    try:
        anew = service.sql()
    finally:
        with sqlite3.connect(files["shop"]) as changed:
            changed.execute("DELETE FROM customers WHERE id = 99")
    assert (anew["cached"], anew["rows"]) == (False, [[7]])


def test_the_cache_is_bounded_forgets_and_keeps_no_failure_of_the_machine():
    now = [0.0]
    kept = KeptAnswers(2, 10.0, lambda: now[0])
    for key in "abc":
        kept.keep(key, Answer(key, ""))
    assert kept.find("a") is None and kept.find("c") and len(kept) == 2
    now[0] = 11.0
    assert kept.find("c") is None
    kept.keep("d", Answer("d", "", error="e", status=Status.TIMEOUT))
    assert kept.find("d") is None
    kept.keep("d", Answer("d", "", error="e", status=Status.MISSING_COLUMN))
    assert kept.find("d"), "the query is wrong whoever runs it"


def test_a_batch_is_answered_in_its_order_and_each_question_for_itself(served: Served):
    asked = [COUNT, COUNT | {"database": "nope"}, NAMES | {"database": "duck"}]
    answers = served.http.post("/sql/batch", json={"questions": asked}).json()["answers"]
    assert answers[0]["rows"] == [[6]] and len(answers[2]["rows"]) == 5
    assert answers[1]["code"] == "no_such_database"
    most = served.http.post("/sql/batch", json={"questions": [COUNT] * 33})
    assert most.status_code == 422 and "32" in most.json()["error"]


def test_a_stream_tells_each_stage_once_and_ends_with_what_sql_would_have_said(served: Served):
    def stages(**asked: object) -> list[tuple[str, dict]]:
        with served.http.stream("POST", "/sql/stream", json=COUNT | asked) as told:
            blocks = "".join(told.iter_text()).split("\n\n")[:-1]
        return [(block.split("\n")[0][7:], json.loads(block.split("\n")[1][6:])) for block in blocks]

    found = stages(question="How many orders are there?", samples=3)
    assert [name for name, _ in found] == ["started", "written", "candidates", "result"]
    assert len(found[1][1]["candidates"]) == len(found[2][1]["candidates"]) == 3
    assert found[3][1]["rows"] == [[5]]
    assert [name for name, _ in stages(question="How many orders are there?", samples=3)] == ["result"], "it was kept"
    failed = stages(question="What is the age of Ann?")
    assert [name for name, _ in failed] == ["started", "written", "candidates", "repaired", "result"]


def test_many_clients_at_once_each_get_their_own_answer(served: Served):
    numbers = range(1, 25)
    with ThreadPoolExecutor(24) as clients:
        asked = [f"Show the name of the customer with id {number}." for number in numbers]
        answers = list(clients.map(lambda question: served.sql(question=question, database="duck"), asked))
    assert [one["question"] for one in answers] == asked
    for number, answer in zip(numbers, answers, strict=True):
        assert f"{number}" in answer["sql"], answer["sql"]
    assert served.metric("text2sql_working") == served.metric("text2sql_waiting") == 0


def test_what_can_be_asked_is_told_with_its_schema(served: Served):
    told = served.http.get("/databases").json()["databases"]
    assert told == [{"name": "shop", "engine": "sqlite"}, {"name": "duck", "engine": "duckdb"}]
    assert served.http.get("/schema/shop").json()["schema"].count("CREATE TABLE") == 2
    assert served.http.get("/health").json() == {"status": "ok"}
    assert served.http.get("/ready").json() == {"status": "ready"}
    page = served.http.get("/docs").text
    assert "/sql/batch" in page and "http" not in page.replace("https", ""), "it loads nothing from elsewhere"
    assert {"/sql", "/feedback"} < served.http.get("/openapi.json").json()["paths"].keys()


def test_a_database_that_is_gone_is_a_sentence_without_its_path(
    open_service: Callable[..., Served], lent, tmp_path: Path
):
    service = open_service(feedback=tmp_path / "f.jsonl")
    lost = shop_at(tmp_path / "lost.sqlite")
    from serve.asker import Asker

    asker = Asker("policy/seedling", lost, writer=lent.writer, sandbox=lent.sandbox)
    service.service.opened.askers["lost"] = asker
    try:
        lost.unlink()
        told = service.http.post("/sql", json=COUNT | {"database": "lost"})
    finally:
        del service.service.opened.askers["lost"]
    assert told.status_code == 503 and told.json()["code"] == "database_unavailable" and "Retry-After" in told.headers
    assert str(tmp_path) not in told.text
