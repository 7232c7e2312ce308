"""Requests that mean no good, or are merely wrong: each a sentence and a code, and the service lives."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from serve.asker import Asker

from .conftest import COUNT, LONG, Served

KEY = "k" * 32


@pytest.fixture(autouse=True)
def alive(served: Served) -> Iterator[None]:
    """After each of them an honest question is answered."""
    yield
    assert served.sql()["rows"] == [[6]]


def refused(told: httpx.Response, status: int, code: str) -> str:
    assert (told.status_code, told.json()["code"]) == (status, code), told.text
    assert told.json().keys() == {"error", "code"} and len(told.json()["error"]) > 10
    assert "Traceback" not in told.text and "/work" not in told.text and ".py" not in told.text
    assert told.headers["x-content-type-options"] == "nosniff"
    return told.json()["error"]


def body(text: str | bytes) -> dict:
    return {"content": text, "headers": {"Content-Type": "application/json"}}


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ("{", 400, "bad_json"),
        ("", 422, "bad_request"),
        ("null", 422, "bad_request"),
        ("[" * 60_000, 400, "bad_json"),
        (f'{{"database": {"[" * 30_000}{"]" * 30_000}}}', 400, "bad_json"),
        (b"\xff\xfe{}", 400, "bad_json"),
        ('{"database": "shop", "question": 5}', 422, "bad_request"),
        ('{"database": "shop", "question": "   "}', 422, "bad_request"),
        ('{"database": "shop", "question": "q", "samples": "3"}', 422, "bad_request"),
        ('{"database": "shop", "question": "q", "samples": 1e400}', 422, "bad_request"),
        ('{"database": "shop", "question": "q", "samples": ' + "9" * 5_000 + "}", 400, "bad_json"),
        ('{"database": "shop", "question": "q", "samples": NaN}', 422, "bad_request"),
        ('{"database": "shop", "question": "q", "samples": 17}', 422, "bad_request"),
        ('{"database": "shop", "question": "q", "write": true}', 422, "bad_request"),
        ('{"database": "shop", "question": "a\\u0000b"}', 422, "bad_request"),
        ('{"database": "shop", "question": "a\\u001b[2Jb"}', 422, "bad_request"),
        ('{"database": "shop", "question": "a\\ud800b"}', 422, "bad_request"),
        (json.dumps({"database": "shop", "question": "q" * 10_001}), 422, "bad_request"),
        ('{"database": "nope", "question": "q"}', 404, "no_such_database"),
        ('{"database": "../../etc/passwd", "question": "q"}', 404, "no_such_database"),
        ('{"database": "shop\\u0000.sqlite", "question": "q"}', 422, "bad_request"),
        (json.dumps(COUNT | {"question": "x1 y2 " * 1_600}), 422, "too_long"),
        ("x" * 10_000_000, 413, "too_large"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_bad_body_is_a_sentence(served: Served, sent: str | bytes, status: int, code: str):
    refused(served.http.post("/sql", **body(sent)), status, code)


def test_what_is_wrong_with_a_body_is_said_in_words_for_a_person(served: Served):
    right = {"database": "shop", "question": "q"}
    for path, sent, told in (
        ("/sql", {"database": "shop"}, "question is missing"),
        ("/sql", right | {"samples": "3"}, "samples is no whole number"),
        ("/sql", right | {"samples": 2.5}, "samples is no whole number"),
        ("/sql", right | {"samples": 0}, "samples is less than 1"),
        ("/sql", right | {"samples": 17}, "samples is more than 16"),
        ("/sql", right | {"write": True}, "write is no field of this request"),
        ("/sql", right | {"database": ""}, "database has fewer than 1 characters"),
        ("/sql", right | {"question": "q" * 10_001}, "question has more than 10,000 characters"),
        ("/sql", right | {"question": 5}, "question is no text"),
        ("/sql", right | {"question": " "}, "question is empty"),
        ("/sql", right | {"evidence": "a\x1bb"}, "evidence holds the control character U+001B, which nobody types"),
        ("/sql", [], "the body is no JSON object"),
        ("/sql", None, "the body is missing"),
        ("/sql/batch", {"questions": {}}, "questions is no list"),
        ("/sql/batch", {"questions": []}, "questions has fewer than 1 parts"),
        ("/sql/batch", {"questions": [right, 5]}, "questions.1 is no JSON object"),
        ("/feedback", {"id": "x", "right": "yes"}, "right is neither true nor false"),
    ):
        answer = served.http.post(path, **body(json.dumps(sent)))
        assert refused(answer, 422, "bad_request") == f"{told}; /docs says what may be sent"


def test_what_nobody_foresaw_is_told_like_everything_else_and_costs_no_other_question(served: Served):
    askers = served.service.opened.askers
    closed = Asker("policy/seedling", askers["shop"].database.path, writer=served.service.opened.writer)
    closed.close()
    askers.update(closed=closed, nothing=object())
    asked = [COUNT, {"database": "closed", "question": "Who foresaw this?"}]
    try:
        refused(served.http.get("/schema/nothing"), 500, "internal")
        refused(served.http.post("/sql", json=asked[1]), 500, "internal")
        answers = served.http.post("/sql/batch", json={"questions": asked}).json()["answers"]
        assert answers[0]["rows"] == [[6]] and answers[1]["code"] == "internal"
        stages = served.http.post("/sql/stream", json=asked[1]).text.split("\n\n")
        assert stages[-2].startswith("event: error\n") and '"internal"' in stages[-2]
    finally:
        del askers["closed"], askers["nothing"]
    assert served.metric('text2sql_questions_total{outcome="failed"}') >= 3


def test_a_body_without_a_length_is_cut_off_at_the_limit_and_not_read_to_its_end(served: Served):
    sent = [0]

    def endless() -> Iterator[bytes]:
        while sent[0] < 10_000:
            sent[0] += 1
            yield b" " * 10_000

    try:
        told = served.http.post("/sql", content=endless(), headers={"Content-Type": "application/json"})
        refused(told, 413, "too_large")
    except httpx.TransportError:  # it was cut off in the middle of sending
        pass
    assert sent[0] < 5_000


def test_sql_in_a_question_is_a_question(served: Served, files: dict[str, Path]):
    before = files["shop"].read_bytes()
    for question in ("DROP TABLE customers; --", "'; DELETE FROM orders; --", "DELETE FROM customers WHERE 1"):
        answer = served.sql(question=question)
        assert answer["status"] != "ok" or answer["sql"].upper().startswith(("SELECT", "WITH"))
    assert files["shop"].read_bytes() == before


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/sql", 405, "method_not_allowed"),
        ("DELETE", "/databases", 405, "method_not_allowed"),
        ("PATCH", "/sql", 415, "not_json"),
        ("GET", "/nope", 404, "not_found"),
        ("GET", "/schema/nope", 404, "no_such_database"),
        ("GET", "/schema/..%2F..%2Fetc%2Fpasswd", 404, "not_found"),
        ("GET", "/../serve/api/keys.py", 404, "not_found"),
        ("GET", "/page.js/../../keys.py", 404, "not_found"),
    ],
)
def test_a_wrong_path_or_method_is_a_sentence(served: Served, method: str, path: str, status: int, code: str):
    refused(served.http.request(method, path), status, code)


def test_a_page_of_another_site_gets_nothing(served: Served):
    refused(
        served.http.post("/sql", content=json.dumps(COUNT), headers={"Content-Type": "text/plain"}), 415, "not_json"
    )
    refused(served.http.get("/databases", headers={"Host": "evil.example:80"}), 403, "wrong_host")
    assert "access-control-allow-origin" not in served.http.get("/databases", headers={"Origin": "http://e"}).headers


def test_keys_open_and_nothing_else_does(open_service: Callable[..., Served], tmp_path: Path):
    guarded = open_service((KEY, "another" * 5), feedback=tmp_path / "f.jsonl").http
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": KEY}, {"X-API-Key": KEY[:-1]}):
        told = guarded.post("/sql", json=COUNT, headers=headers)
        refused(told, 401, "no_key")
        assert told.headers["www-authenticate"] == "Bearer"
    refused(guarded.get("/metrics"), 401, "no_key")
    assert guarded.post("/sql", json=COUNT, headers={"Authorization": f"Bearer {KEY}"}).status_code == 200
    assert guarded.get("/metrics", headers={"X-API-Key": "another" * 5}).status_code == 200
    assert {guarded.get(path).status_code for path in ("/", "/health", "/ready", "/docs", "/openapi.json")} == {200}


def test_too_many_requests_are_told_when_to_come_again(open_service: Callable[..., Served], tmp_path: Path):
    hurried = open_service(per_minute=60, burst=3, feedback=tmp_path / "f.jsonl").http
    told = [hurried.get("/databases") for _ in range(4)]
    assert [one.status_code for one in told[:3]] == [200] * 3
    refused(told[3], 429, "too_many_requests")
    assert told[3].headers["retry-after"] == "1"
    refused(hurried.post("/sql/batch", json={"questions": [COUNT] * 3}), 429, "too_many_requests")
    time.sleep(1.1)
    assert hurried.get("/databases").status_code == 200
    assert hurried.get("/health").status_code == 200


def test_a_full_line_refuses_at_once_and_says_when_to_come_again(open_service: Callable[..., Served], tmp_path: Path):
    narrow = open_service(at_once=1, most_waiting=1, cache=0, feedback=tmp_path / "f.jsonl")
    with ThreadPoolExecutor(8) as clients:
        asked = [COUNT | {"samples": 16}] * 8
        told = list(clients.map(lambda question: narrow.http.post("/sql", json=question), asked))
    codes = [one.status_code for one in told]
    assert set(codes) == {200, 503} and codes.count(200) >= 2
    busy = next(one for one in told if one.status_code == 503)
    refused(busy, 503, "busy")
    assert int(busy.headers["retry-after"]) >= 1
    assert narrow.metric('text2sql_refused_total{code="busy"}') == codes.count(503)
    assert narrow.sql()["rows"] == [[6]]


def test_an_answer_that_takes_too_long_is_given_up_and_its_place_comes_back(
    open_service: Callable[..., Served], tmp_path: Path
):
    hasty = open_service(at_once=1, most_seconds=0.05, cache=0, feedback=tmp_path / "f.jsonl")
    refused(hasty.http.post("/sql", json=COUNT | {"samples": 16}), 504, "timeout")
    waited = time.monotonic() + 20
    while hasty.metric("text2sql_working") and time.monotonic() < waited:
        time.sleep(0.05)
    assert hasty.metric("text2sql_working") == 0


def test_a_correction_that_runs_for_ever_is_stopped(served: Served):
    told = served.http.post("/feedback", json={"id": served.sql()["id"], "right": False, "sql": LONG})
    assert "stopped after 1 seconds" in refused(told, 422, "correction_fails") and "--" not in told.text


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"POST /sql HTTP/1.1\r\nHost: localhost\r\nX-", b"too_slow"),
        (b"", b"too_slow"),
        (
            b"POST /sql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{",
            b"too_slow",
        ),
        (b"\x16\x03\x01 no HTTP at all\r\n\r\n", b"bad_http"),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 40_000, b"bad_http"),
    ],
)
def test_a_slow_or_senseless_client_is_cut_off(
    open_service: Callable[..., Served], tmp_path: Path, sent: bytes, said: bytes
):
    strict = open_service(slowest=1.0, feedback=tmp_path / "f.jsonl")
    began = time.monotonic()
    with socket.create_connection(strict.address, timeout=20) as slow:
        slow.sendall(sent)
        told = b""
        while more := slow.recv(1 << 16):
            told += more
    assert said in told and time.monotonic() - began < 10


def test_a_client_that_reads_no_answer_or_sends_on_after_it_is_cut_off(
    open_service: Callable[..., Served], tmp_path: Path
):
    strict = open_service(slowest=1.0, feedback=tmp_path / "f.jsonl")
    with socket.create_connection(strict.address, timeout=20) as deaf:
        deaf.sendall(b"GET /page.js HTTP/1.1\r\nHost: localhost\r\n\r\n" * 1_000)
        waited = time.monotonic() + 20
        while (held := strict.metric("text2sql_in_flight")) < 2 and time.monotonic() < waited:
            time.sleep(0.01)  # the other one reads this number
        assert held == 2
        while (held := strict.metric("text2sql_in_flight")) > 1 and time.monotonic() < waited:
            time.sleep(0.05)
        assert held == 1
    with socket.create_connection(strict.address, timeout=20) as dripping:
        dripping.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n")
        told = b""
        while b'"ok"' not in told:
            told += dripping.recv(1 << 16)
        dripping.sendall(b"{")
        assert dripping.recv(1 << 16) == b""


def test_slow_clients_keep_nobody_else_waiting(open_service: Callable[..., Served], tmp_path: Path):
    strict = open_service(slowest=3.0, feedback=tmp_path / "f.jsonl")
    slow = [socket.create_connection(strict.address) for _ in range(200)]
    for one in slow:
        one.sendall(b"POST /sql HTTP/1.1\r\nHost: localhost\r\n")
    assert strict.sql()["rows"] == [[6]]
    for one in slow:
        one.close()
