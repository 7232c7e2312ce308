"""The service as somebody starts it, and ends it."""

import json
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from policy.config_error import ConfigError
from serve.api import keys
from serve.api.__main__ import main
from serve.api.door import _network
from serve.api.line import Line
from serve.api.token_bucket import TokenBuckets

from ..conftest import shop_at
from .conftest import COUNT

ROOT = Path(__file__).parents[3]


def test_sigterm_ends_it_after_what_is_in_hand_is_answered(tmp_path: Path):
    shop = shop_at(tmp_path / "shop.sqlite")
    asked = ["--policy", "policy/seedling", "--database", str(shop), "--port", "0", "--cache", "0", "--at_once", "2"]
    command = [sys.executable, "-m", "serve.api", *asked, "--feedback", str(tmp_path / "f.jsonl")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        url = running.stdout.readline().split()[-1]
        with ThreadPoolExecutor(8) as clients:
            question = COUNT | {"samples": 8}
            told = [clients.submit(httpx.post, f"{url}/sql", json=question, timeout=60) for _ in range(8)]
            while "text2sql_waiting 6" not in httpx.get(f"{url}/metrics").text:
                time.sleep(0.005)
            running.send_signal(signal.SIGTERM)
            answers = [one.result() for one in told]
        assert [one.status_code for one in answers] == [200] * 8
        assert {json.dumps(one.json()["rows"]) for one in answers} == {"[[5]]"}
        assert running.wait(30) == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/health")


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (["--host", "0.0.0.0"], "there is no key: give --keys FILE"),
        (["--keys", "nowhere"], "--keys nowhere cannot be read"),
        (["--database", "shop=other.sqlite"], "names shop twice"),
        (["--database", "../x=other.sqlite"], "names no database"),
        (["--most_bytes", "5"], "--most_bytes is 5"),
        (["--seconds", "nan"], "--seconds is nan"),
        (["--seed", "-1"], "--seed is -1"),
        (["--host", "\u00e9" * 300, "--public"], "cannot be listened at"),
        (["--feedback", ""], "names no file"),
        (["--database", "gone.sqlite", "--policy", "nowhere"], "gone.sqlite is not there"),
        (["--feedback", "/proc/x/y.jsonl", "--policy", "nowhere"], "--feedback /proc/x/y.jsonl cannot be written"),
        (["--policy", "nowhere"], "nowhere cannot be had"),
    ],
)
def test_what_cannot_be_served_is_a_sentence(
    tmp_path: Path, more: list[str], why: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv(keys.VARIABLE, raising=False)
    usual = ["--policy", "policy/seedling", "--database", f"shop={shop_at(tmp_path / 'shop.sqlite')}", "--port", "0"]
    with pytest.raises(ConfigError, match=why):
        main([*usual, "--feedback", str(tmp_path / "f.jsonl"), *more])


def test_keys_are_read_from_a_file_or_the_environment_and_weak_ones_refused(tmp_path: Path):
    file = tmp_path / "keys"
    file.write_text("# ours\nfirst-of-the-two-keys   # Ann\n\nsecond-of-the-two-keys\n")
    held = keys.read(file, {})
    assert held.name("first-of-the-two-keys") != held.name("second-of-the-two-keys") is not None
    assert held.name("# ours") is None and held.name("") is None and held.name("\ud800") is None
    assert keys.read(None, {keys.VARIABLE: "a" * 16}).name("a" * 16)
    assert not keys.read(None, {})
    file.write_text("short")
    with pytest.raises(ConfigError, match="key 1 has 5 characters"):
        keys.read(file, {})


def test_a_bucket_fills_by_the_minute_and_forgets_the_longest_silent():
    now = [0.0]
    buckets = TokenBuckets(60, 2, lambda: now[0])
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 1]
    assert buckets.take("b") == 0, "each has its own"
    now[0] = 0.5
    assert buckets.take("a") == 1, "half a token is none"
    now[0] = 1.0
    assert buckets.take("a") == 0
    now[0] = 1_000.0
    assert buckets.take("a", 50) == 0, "what is more than a full bucket takes a full one"
    assert buckets.take("a") == 49


def test_a_client_of_ipv6_is_the_same_at_each_of_its_addresses():
    assert _network("2001:db8::1%eth0") != _network("192.0.2.1") == "192.0.2.1" != _network("192.0.2.2")
    assert _network("2001:db8::1") == _network("2001:db8::ffff:2") != _network("2001:db8:0:1::1")
    assert _network("::ffff:192.0.2.1") != _network("::ffff:192.0.2.2")


def test_a_batch_of_more_than_a_full_bucket_is_answered_and_paid_for_later():
    buckets = TokenBuckets(60, 30, lambda: 0.0)
    assert buckets.take("a") == 0 and buckets.take("a", 31, paid=1) == 0
    assert buckets.take("a") == 3


def test_what_work_raises_reaches_who_waits_and_frees_its_place():
    import asyncio

    async def both() -> int:
        line = Line(1, 1, 5.0, 5.0)
        with pytest.raises(ZeroDivisionError):
            await line.run(lambda: 1 // 0)
        return await line.run(lambda: 7)

    assert asyncio.run(both()) == 7


def test_a_model_that_says_nothing_holds_one_thread_however_often_it_is_asked_for(monkeypatch: pytest.MonkeyPatch):
    import asyncio
    import threading

    from serve.api import readiness

    monkeypatch.setattr(readiness, "FRESH", -1.0)
    monkeypatch.setattr(readiness, "LONGEST", 0.05)
    over, begun = threading.Event(), []

    async def asked() -> list[bool]:
        def silent() -> None:
            begun.append(1)
            over.wait(30)

        ready = readiness.Readiness(silent)
        found = [await ready() for _ in range(5)]
        over.set()
        await asyncio.sleep(0.1)
        return [*found, await ready()]

    assert asyncio.run(asked()) == [False] * 5 + [True] and len(begun) == 2
