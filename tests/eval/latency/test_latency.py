"""Latency is of one question at a time and throughput of many, and both are what the clock said."""

import json
import time
from pathlib import Path
from statistics import fmean

import numpy as np
import pytest

from eval.latency.__main__ import main
from policy.config_error import ConfigError
from policy.endpoint import asker

from ...endpoint_proxy import MODEL, Planted, Proxy

SOME = ["--task", "worlds", "--questions", "6", "--max_new_tokens", "16"]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asker, "FIRST_BACK_OFF", 0.05)


def measured(file: Path, *more: str) -> dict:
    main([*SOME, "--policy", MODEL, "--output", str(file), *more])
    return json.loads(file.read_text())


def behind(url: str, *more: str) -> list[str]:
    return ["--backend", "endpoint", "--server_url", url, *more]


def test_of_a_policy_here_all_numbers_follow_from_what_the_clock_said(tmp_path, capsys):
    from policy.load import load_policy

    began = time.monotonic()
    told = measured(tmp_path / "latency.json", "--batch_size", "3")
    took, alone, seconds = time.monotonic() - began, told["one_at_a_time"], told["raw"]["seconds"]
    assert len(seconds) == alone["questions"] == 6 and 0 < sum(seconds) < took
    assert alone["mean"] == pytest.approx(fmean(seconds), abs=1e-5)
    assert [alone["p50"], alone["p95"]] == pytest.approx(list(np.percentile(seconds, (50, 95))), abs=1e-5)
    assert alone["tokens_an_answer"] == pytest.approx(fmean(told["raw"]["tokens"]), abs=0.01)
    assert alone["tokens_per_second"] == pytest.approx(sum(told["raw"]["tokens"]) / sum(seconds), abs=0.1)
    together = told["together"]
    assert together["at_once"] == 3
    assert together["answers_per_second"] == pytest.approx(6 / together["seconds"], rel=0.01)
    assert told["parameters"] == sum(weight.numel() for weight in load_policy(MODEL).parameters())
    assert told["memory"]["one_at_a_time"]["peak_rss_mib"] > 50 and told["dtype"] == "float32"
    assert told["machine"]["hardware"] and told["machine"]["threads"] >= 1 and told["versions"]["torch"]
    assert alone["first_token"] is None, "transformers cannot say"
    said = capsys.readouterr().out
    assert f"P95 {alone['p95']:.3f}" in said and "6 questions after 3 that are not counted" in said


def test_of_an_endpoint_the_first_token_is_told_where_it_streams(server, tmp_path):
    told = measured(tmp_path / "latency.json", *behind(f"{server}/v1"))
    for first, whole in zip(told["raw"]["first_token_seconds"], told["raw"]["seconds"], strict=True):
        assert 0 < first < whole
    assert told["one_at_a_time"]["first_token"]["mean"] < told["one_at_a_time"]["mean"]
    assert told["one_at_a_time"]["tokens_an_answer"] > 1 and told["together"]["tokens_per_second"] > 0
    assert told["memory"] is None and told["parameters"] is None and told["backend"] == "endpoint"


def test_one_at_a_time_is_one_at_a_time_and_together_is_together(proxy: Proxy, tmp_path):
    proxy.plan = lambda n, _: Planted("hang", seconds=0.4)
    told = measured(tmp_path / "latency.json", *behind(proxy.url, "--concurrency", "3"))
    alone, together = told["one_at_a_time"], told["together"]
    assert min(told["raw"]["seconds"]) >= 0.4 and alone["mean"] >= 0.4 and together["seconds"] >= 0.8
    assert proxy.under_way[4:10] == [1] * 6, "after one that finds out whether it streams and three to warm up"
    assert max(proxy.under_way[10:]) == 3
    assert [body.get("stream", False) for _, body, _ in proxy.seen] == [True] * 10 + [False] * 6


def test_a_wait_that_the_server_asks_for_is_in_no_latency_and_is_counted(proxy: Proxy, tmp_path):
    proxy.plan = lambda n, _: Planted(429, {"Retry-After": "2"}) if n == 6 else Planted("forward")
    told = measured(tmp_path / "latency.json", *behind(proxy.url))
    assert told["one_at_a_time"]["retries"] == 1 and told["together"]["retries"] == 0
    refused, again, after = (proxy.seen[n][0] for n in (6, 7, 8))
    assert again - refused >= 2.0
    assert told["raw"]["seconds"][3] <= after - refused - 1.0, (
        "two seconds of waiting would not fit; three to warm up come first"
    )


def test_a_server_that_refuses_to_stream_is_timed_whole(proxy: Proxy, tmp_path):
    proxy.plan = lambda n, body: Planted(400) if "stream" in body else Planted("forward")
    told = measured(tmp_path / "latency.json", *behind(proxy.url))
    assert told["one_at_a_time"]["first_token"] is None and told["one_at_a_time"]["mean"] > 0


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--questions", "1"], "--questions is 1; it must be at least 2"),
        (["--questions", "100000"], "100000 and 3 to warm up are more"),
        (["--policy", "./nowhere"], "no such folder"),
        (["--backend", "endpoint", "--server_url", "http://127.0.0.1:9/v1"], "no server answers at"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_measured_is_told(more, told, tmp_path):
    with pytest.raises(ConfigError, match=told):
        measured(tmp_path / "latency.json", *more)
    assert not list(tmp_path.iterdir())


def test_a_server_that_only_says_no_is_a_sentence(proxy: Proxy, tmp_path):
    proxy.plan = lambda n, _: Planted(503)
    with pytest.raises(ConfigError, match=r"went unanswered, tried 3 times, the last: 503 planted"):
        measured(tmp_path / "latency.json", *behind(proxy.url, "--retries", "2"))
