"""Answers of a real server: executed into pairs, asked for once however often it is killed, within limits."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from envs import tasks
from policy.endpoint import pace
from rl.pairs.endpoint.__main__ import main

from ....endpoint_proxy import Planted, lines
from .asking import ask, seed_asked, typed

ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize("way", ["answer", "corrupt"])
def test_what_the_server_answers_becomes_executed_pairs(way, proxy, tmp_path):
    from rl.pairs.__main__ import main as pair

    file = tmp_path / "answers.jsonl"
    assert main(typed(proxy, file, "--ask", way, "--limit", "12", "--samples", "2", "--temperature", "1.5")) == 0
    found = lines(file)
    assert len(found) == len({(one["example"], one["place"]) for one in found}) >= 20
    assert {one["asked"] for one in found} == {"answer" if way == "answer" else "alternative"}
    assert all(one["completion"] and one["usage"]["total_tokens"] > 0 and one["seconds"] > 0 for one in found)
    gold = {one.id: one.gold_sql for one in tasks.load("worlds", "train")}
    shown = [gold[one["example"]] in proxy.seen[0][1]["messages"][1]["content"] for one in found]
    assert any(shown) == (way == "corrupt"), "the gold is shown to whom is asked to corrupt it, and to nobody else"
    pairs = tmp_path / "pairs.jsonl"
    pair(["endpoint", "--task", "worlds", "--answers", str(file), "--output", str(pairs), "--no-twins"])
    assert {one["source"] for one in lines(pairs)} == {"endpoint"}
    assert all(one["verified"]["rejected"] and one["verified"]["chosen"] for one in lines(pairs))


@pytest.mark.slow
def test_killed_at_any_moment_it_goes_on_and_asks_nothing_twice(proxy, tmp_path):
    file, drawn, kills, ends = tmp_path / "answers.jsonl", Random(7), 0, []
    command = [sys.executable, "-m", "rl.pairs.endpoint", *typed(proxy, file, "--limit", "24", "--samples", "2")]
    for _ in range(40):
        before = len(proxy.seen)
        started = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        enough = before + drawn.randrange(4, 24)
        while started.poll() is None and len(proxy.seen) < enough:
            time.sleep(0.01)
        time.sleep(drawn.random() * 0.2)
        if started.poll() is not None:
            ends.append(started.returncode)
            break
        started.send_signal(signal.SIGKILL)
        started.communicate()
        kills += 1
        time.sleep(0.3)  # what was under way reaches the proxy
        ends.append((len(proxy.seen), {seed_asked(one) for one in lines(file)}))
    assert ends.pop() == 0 and kills >= 3
    wanted = {(one["example"], one["place"]) for one in lines(file)}
    assert len(lines(file)) == len(wanted) >= 40
    for seen, seeds in ends:
        assert not seeds & {body["seed"] for _, body, _ in proxy.seen[seen:]}, "what the file held is not asked again"
    assert len(proxy.seen) <= len(wanted) + 4 * kills, "lost is at most what was under way"


@pytest.mark.parametrize(("limit", "most"), [("requests", 3), ("tokens", 900)])
def test_limits_of_a_minute_hold_in_any_window_and_over_a_restart(limit, most, proxy, tmp_path, examples, monkeypatch):
    monkeypatch.setattr(pace, "WINDOW", 3.0)
    file = tmp_path / "a.jsonl"
    told = ("--at_once", "4", f"--{limit}_per_minute", str(most))
    assert ask(proxy, file, examples[:4], *told) == ask(proxy, file, examples, *told) == 0
    costs = {seed_asked(one): one["usage"]["total_tokens"] for one in lines(file)}
    sent = [(at, 1 if limit == "requests" else costs[body["seed"]]) for at, body, _ in proxy.seen]
    for at, _ in sent:
        assert sum(cost for other, cost in sent if at <= other < at + 1.8) <= most, "with slack for a slow machine"
    assert len(sent) == 8


@pytest.mark.parametrize(("budget", "most"), [("requests", 5), ("tokens", 700)])
def test_a_budget_is_never_passed_and_counts_what_was_used_before(budget, most, proxy, tmp_path, examples, capsys):
    file = tmp_path / "a.jsonl"
    for _ in range(3):
        assert ask(proxy, file, examples, f"--most_{budget}", str(most)) == 0
    used = len(proxy.seen) if budget == "requests" else sum(one["usage"]["total_tokens"] for one in lines(file))
    assert 0 < used <= most and len(lines(file)) < 8
    assert f"--most_{budget} {most:,}" in capsys.readouterr().out


def test_two_processes_on_one_file_refuse_each_other(proxy, tmp_path):
    file = tmp_path / "answers.jsonl"
    proxy.plan = lambda n, _: Planted("hang", seconds=60)
    command = [sys.executable, "-m", "rl.pairs.endpoint", *typed(proxy, file, "--limit", "3")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as first:
        while not proxy.seen:
            time.sleep(0.05)
        second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=os.environ)
        first.kill()
    assert second.returncode == 2 and "another process is asking for answers into" in second.stderr
