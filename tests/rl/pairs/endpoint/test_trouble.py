"""Refusals, lost connections and waits, planted in front of a real server, end as they should."""

import json
from itertools import pairwise

import pytest

from policy.config_error import ConfigError
from policy.endpoint.ask import LATER
from rl.pairs.endpoint.answers import read, refusals

from ....endpoint_proxy import Planted, Proxy, lines
from .asking import ask

KEY = "sk-planted-0123456789"
SLOW_DOWN = '{"error": {"message": "slow down", "code": "rate_limit_exceeded"}}'


def gaps(proxy: Proxy) -> list[float]:
    return [later - at for at, later in pairwise(at for at, *_ in proxy.seen)]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:02 GMT", "Date": "Wed, 21 Oct 2026 07:28:00 GMT"}, 2.0),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "1.4s"}, 1.4),
    ],
    ids=["seconds", "date", "x-ratelimit"],
)
def test_it_waits_as_long_as_the_server_says(headers, seconds, proxy, tmp_path, examples):
    proxy.plan = lambda n, _: Planted(429, headers, SLOW_DOWN) if n == 2 else Planted("forward")
    assert ask(proxy, tmp_path / "a.jsonl", examples, "--at_once", "1") == 0
    assert len(lines(tmp_path / "a.jsonl")) == 8 and len(proxy.seen) == 9
    assert seconds <= gaps(proxy)[2] < seconds + 10


def test_when_nothing_is_left_it_waits_without_being_refused_first(proxy, tmp_path, examples):
    empty = {
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "1.5s",
        "x-ratelimit-limit-requests": "9",
    }
    proxy.plan = lambda n, _: Planted("forward", empty if n == 3 else {})
    assert ask(proxy, tmp_path / "a.jsonl", examples, "--at_once", "1") == 0
    assert gaps(proxy)[3] >= 1.5 and len(proxy.seen) == 8


def test_a_spent_day_s_quota_ends_it_with_a_sentence_and_the_same_command_goes_on(proxy, tmp_path, examples, capsys):
    file = tmp_path / "a.jsonl"
    proxy.plan = lambda n, _: Planted(429, {"Retry-After": "18720"}, SLOW_DOWN) if n >= 3 else Planted("forward")
    assert ask(proxy, file, examples, "--at_once", "1") == LATER
    told = capsys.readouterr().out
    assert "3 answers now, 0 before, 5 to go" in told and "asks to wait 5 h 12 min" in told and "slow down" in told
    assert "The same command goes on" in told and len(proxy.seen) == 4
    proxy.plan = lambda n, _: Planted("forward")
    assert ask(proxy, file, examples, "--at_once", "1") == 0
    assert len(lines(file)) == 8 and len(proxy.seen) == 4 + 5


@pytest.mark.parametrize(
    "trouble",
    [Planted("drop"), Planted("hang", seconds=11), Planted("drip", seconds=11), Planted(503), Planted(408)],
    ids=lambda trouble: str(trouble.does),
)
def test_what_passes_is_tried_again(trouble, proxy, tmp_path, examples):
    proxy.plan = lambda n, _: trouble if n in (1, 2) else Planted("forward")
    assert ask(proxy, tmp_path / "a.jsonl", examples, "--at_once", "2", "--timeout", "10") == 0
    assert len(lines(tmp_path / "a.jsonl")) == 8 and len(proxy.seen) == 10
    assert sorted(one["requests"] for one in lines(tmp_path / "a.jsonl"))[-1] in (2, 3)


def test_retries_end_and_an_endpoint_that_answers_nobody_is_left(proxy, tmp_path, examples):
    proxy.plan = lambda n, _: Planted(500)
    with pytest.raises(ConfigError, match=r"5 questions in a row.*500 planted, tried 3 times.*8 to go"):
        ask(proxy, tmp_path / "a.jsonl", examples, "--at_once", "1", "--retries", "2")
    assert len(proxy.seen) == 5 * 3


def test_what_is_refused_for_good_ends_it_at_once_in_the_server_s_words_without_the_key(proxy, tmp_path, examples):
    said = json.dumps({"error": {"message": f"Incorrect API key provided: {KEY}"}})
    proxy.plan = lambda n, _: Planted(401, {}, said)
    with pytest.raises(ConfigError, match=r"401 Incorrect API key provided: \(the key\)") as told:
        ask(proxy, tmp_path / "a.jsonl", examples, "--at_once", "1")
    assert len(proxy.seen) == 1 and proxy.seen[0][2] == f"Bearer {KEY}"
    assert KEY not in str(told.value) and not any(KEY in file.read_text() for file in tmp_path.iterdir())


def test_a_redirect_gets_neither_the_question_nor_the_key(proxy, elsewhere, tmp_path, examples):
    proxy.plan = lambda n, _: Planted(307, {"Location": f"{elsewhere.url}/chat/completions"})
    with pytest.raises(ConfigError, match=f"points to {elsewhere.url}"):
        ask(proxy, tmp_path / "a.jsonl", examples, "--at_once", "1")
    assert len(proxy.seen) == 1 and not elsewhere.seen


def test_a_question_that_is_refused_is_kept_apart_and_not_asked_again(proxy, tmp_path, examples):
    file = tmp_path / "a.jsonl"
    proxy.plan = lambda n, _: Planted(400, {}, '{"detail": "too long"}') if n == 2 else Planted("forward")
    assert ask(proxy, file, examples, "--at_once", "1") == ask(proxy, file, examples, "--at_once", "1") == 0
    assert len(lines(file)) == 7 and [one.refused for _, one in read(refusals(file))] == ["400 too long"]
    assert len(proxy.seen) == 8


def test_a_way_of_asking_that_every_question_is_refused_for_marks_none_of_them(proxy, tmp_path, examples):
    file = tmp_path / "a.jsonl"
    with pytest.raises(ConfigError, match=r"5 questions in a row .*: 4\d\d .*(no_such_field|top_p)"):
        ask(proxy, file, examples, "--at_once", "1", "--request", '{"no_such_field": 1, "top_p": 7}')
    assert len(proxy.seen) == 5 and not refusals(file).exists()
