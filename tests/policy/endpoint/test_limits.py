"""What servers say about waiting, and what a person may type, is read as it was meant, or refused."""

import pytest

from policy.config_error import ConfigError
from policy.endpoint import asker
from policy.endpoint.address import checked
from policy.endpoint.asker import back_off
from policy.endpoint.client import Endpoint
from policy.endpoint.options import key
from policy.endpoint.server_limits import Left, left, seconds, wait_asked_for


@pytest.mark.parametrize(
    ("text", "meant"),
    [("1s", 1), ("6m0s", 360), ("2m59.56s", 179.56), ("20ms", 0.02), ("1h2m3s", 3723), ("1d", 86_400), ("7.5", 7.5),
     ("", None), ("soon", None), ("-1s", None), ("1s2m", None), ("nan", None), ("1e9", None)],
)  # fmt: skip
def test_a_duration_is_read(text, meant):
    assert seconds(text) == (meant if meant is None else pytest.approx(meant))


@pytest.mark.parametrize(
    ("headers", "meant"),
    [
        ({"retry-after": "12"}, 12),
        ({"retry-after": "0.25"}, 0.25),
        ({"retry-after": "60", "retry-after-ms": "150"}, 0.15),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT", "date": "Wed, 21 Oct 2026 07:28:00 GMT"}, 30),
        ({"retry-after": "Wed, 21 Oct 2026 07:27:00 GMT", "date": "Wed, 21 Oct 2026 07:28:00 GMT"}, 0),
        ({"retry-after": "tomorrow"}, None),
        ({"retry-after": "-5"}, None),
        ({}, None),
    ],
)
def test_what_a_server_asks_to_wait_is_read(headers, meant):
    assert wait_asked_for(headers) == meant


def test_what_is_left_is_read_where_it_is_whole():
    groq = {"x-ratelimit-limit-requests": "14400", "x-ratelimit-remaining-requests": "14370",
            "x-ratelimit-reset-requests": "2m59.56s", "x-ratelimit-remaining-tokens": "17997"}  # fmt: skip
    assert left(groq) == {"requests": Left(14370, 14400, pytest.approx(179.56))}


def test_back_off_grows_to_a_cap_with_full_jitter_and_is_the_same_for_the_same_seed(monkeypatch):
    monkeypatch.setattr(asker, "FIRST_BACK_OFF", 1.0)
    waits = [[back_off(seed, tries) for seed in range(400)] for tries in (1, 4, 30)]
    assert [round(max(some)) for some in waits] == [1, 8, 60] and all(min(some) < 0.05 * max(some) for some in waits)
    assert waits[0] == [back_off(seed, 1) for seed in range(400)]


@pytest.mark.parametrize(
    "url",
    ["api.example.com/v1", "ftp://x/v1", "http://", "http://[", "http://a b/v1", "http://x:99999/v1",
     "http://x\n/v1", "u:secret@x/v1", "https://u:secret@x/v1", "https://u:secret@x:y/v1", "https://x/v1?key=secret"],
)  # fmt: skip
def test_a_url_that_cannot_be_asked_or_holds_a_secret_is_refused_without_it(url):
    with pytest.raises(
        ConfigError, match=r"^--server_url .*(it must be like https://api|key in an environment)"
    ) as told:
        checked(url, "--server_url")
    assert "secret" not in str(told.value)


def test_a_key_that_no_header_can_hold_is_refused_without_saying_it():
    with pytest.raises(ConfigError, match="the key holds blanks") as told:
        Endpoint("https://api.example.com/v1", "one two", 1.0, 1)
    assert "one two" not in str(told.value)


def test_a_far_server_is_asked_without_a_key_only_where_that_is_said():
    far = "https://api.example.com/v1"
    with pytest.raises(ConfigError, match=r"the key for api.example.com is missing.*OPENAI_API_KEY"):
        key("OPENAI_API_KEY", far, {})
    assert key("OPENAI_API_KEY", far, {"OPENAI_API_KEY": " k\n"}) == "k"
    assert key("", far, {"OPENAI_API_KEY": "k"}) == ""
    assert key("OPENAI_API_KEY", "http://127.0.0.1:8000/v1", {}) == ""
