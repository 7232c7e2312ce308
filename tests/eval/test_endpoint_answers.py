"""A model behind an endpoint is evaluated as a local one is: same questions, words and file, after any trouble."""

import json
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from envs import tasks
from envs.prompt import messages
from eval.generate import main
from policy.config_error import ConfigError
from policy.endpoint import asker
from policy.endpoint.ask import LATER

from ..endpoint_proxy import MODEL, Planted, Proxy, lines
from .killing import ROOT, killed_at_random

KEY = "sk-planted-0123456789"
LONGEST = "25"
"""No answer ends at just this token: transformers serve (5.17) calls such a one cut."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asker, "FIRST_BACK_OFF", 0.05)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


def typed(proxy: Proxy, file: Path, *more: str) -> list[str]:
    told = ["--backend", "endpoint", "--server_url", proxy.url, "--policy", MODEL, "--task", "worlds", "--limit", "6"]
    return [*told, "--max_new_tokens", LONGEST, "--output", str(file), *more]


def order(limit: int = 6) -> list[str]:
    """Of the questions, as the command asks them."""
    examples = tasks.load("worlds", "test")
    Random(0).shuffle(examples)
    return [one.id for one in examples[:limit]]


@pytest.fixture(scope="session")
def undisturbed(server: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from ..endpoint_proxy import listening

    file = tmp_path_factory.mktemp("endpoint") / "samples.jsonl"
    with listening(Proxy(server)) as proxy:
        assert main(typed(proxy, file)) == 0
    return file


def without_url(file: Path) -> list[dict]:
    """The proxy of every test has a port of its own."""
    return [row | {"versions": row["versions"] | {"url": ""}} for row in lines(file)]


def test_it_is_asked_in_the_words_of_a_local_policy_and_answers_the_same(proxy, undisturbed, tmp_path):
    local = tmp_path / "local.jsonl"
    main(["--policy", MODEL, "--task", "worlds", "--limit", "6", "--max_new_tokens", LONGEST, "--output", str(local)])
    assert main(typed(proxy, tmp_path / "samples.jsonl")) == 0
    examples = {one.id: one for one in tasks.load("worlds", "test")}
    asked = [body["messages"] for _, body, _ in proxy.seen]
    assert sorted(map(str, asked)) == sorted(str(messages(examples[one])) for one in order())
    assert {key for _, _, key in proxy.seen} == {f"Bearer {KEY}"}
    for here, there in zip(lines(local), lines(tmp_path / "samples.jsonl"), strict=True):
        assert here["example"] == there["example"]
        (mine,), (other,) = here["completions"], there["completions"]
        assert other == mine | {"logprob_sum": None, "text": mine["text"].rstrip()}, "transformers serve strips a cut"
        assert there["backend"] == "endpoint" and there["weights"] == f"endpoint:{MODEL}@127.0.0.1"
        assert there["versions"]["url"] == proxy.url and there["versions"]["served"].startswith(MODEL)
    assert [file.name for file in sorted(tmp_path.iterdir())] == ["local.jsonl", "samples.jsonl"]
    assert KEY not in (tmp_path / "samples.jsonl").read_text()


def test_samples_are_requests_with_seeds_of_their_own(proxy, tmp_path):
    file = tmp_path / "samples.jsonl"
    assert main(typed(proxy, file, "--samples", "3", "--temperature", "1.5", "--request", '{"top_p": 0.9}')) == 0
    assert len({body["seed"] for _, body, _ in proxy.seen}) == len(proxy.seen) == 18
    assert all(body["top_p"] == 0.9 and body["temperature"] == 1.5 for _, body, _ in proxy.seen)
    assert [len(row["completions"]) for row in lines(file)] == [3] * 6
    assert all(one["tokens"] > 0 for row in lines(file) for one in row["completions"])
    assert lines(file)[0]["request"] == {"top_p": 0.9}


def test_rows_stand_in_the_order_of_the_questions_however_answers_come(proxy, undisturbed, tmp_path):
    proxy.plan = lambda n, _: Planted("hang" if n == 0 else 503 if n in (1, 3) else "forward", seconds=1.0)
    assert main(typed(proxy, tmp_path / "samples.jsonl")) == 0
    assert len(proxy.seen) == 8 and without_url(tmp_path / "samples.jsonl") == without_url(undisturbed)


def test_what_arrived_before_its_turn_outlives_a_kill_and_is_not_asked_again(proxy, undisturbed, tmp_path):
    file, arrived = tmp_path / "samples.jsonl", tmp_path / "samples.jsonl.arrived"
    first = lines(undisturbed)[0]["example"]
    question = next(one.question for one in tasks.load("worlds", "test") if one.id == first)

    def plan(number: int, body: dict) -> Planted:
        hangs = body["messages"][-1]["content"].startswith(question)
        return Planted("hang", seconds=60) if hangs else Planted("forward")

    proxy.plan = plan
    with subprocess.Popen([sys.executable, "-m", "eval.generate", *typed(proxy, file)], cwd=ROOT) as started:
        while len(lines(arrived)) < 5:
            assert started.poll() is None
            time.sleep(0.02)
        started.kill()
    assert not file.exists() and KEY not in arrived.read_text()
    with arrived.open("a") as torn:
        torn.write('{"of": "half a li')
    proxy.plan = lambda n, _: Planted("forward")
    assert main(typed(proxy, file)) == 0
    assert len(proxy.seen) == 6 + 1 and without_url(file) == without_url(undisturbed)


@pytest.mark.slow
def test_killed_at_any_moment_the_file_is_the_same_to_the_byte(proxy, tmp_path):
    whole, file = tmp_path / "whole.jsonl", tmp_path / "samples.jsonl"
    more = ("--limit", "40", "--samples", "2", "--temperature", "0.000001")  # greedy, and two requests a question
    assert main(typed(proxy, whole, *more)) == 0
    once = len(proxy.seen)
    assert once == 80
    command = [sys.executable, "-m", "eval.generate", *typed(proxy, file, *more)]

    def enough(drawn: Random) -> int:
        return len(proxy.seen) + drawn.randrange(4, 24)

    kills = killed_at_random(command, Random(5), enough, lambda: len(proxy.seen))
    assert kills >= 4
    assert file.read_bytes() == whole.read_bytes()
    assert len(proxy.seen) - once <= 80 + 4 * kills, "lost is at most what was under way"


def test_a_spent_quota_ends_it_with_a_sentence_and_the_same_command_asks_for_the_rest(
    proxy, undisturbed, tmp_path, capsys
):
    file = tmp_path / "samples.jsonl"
    proxy.plan = lambda n, _: Planted(429, {"Retry-After": "18720"}) if n >= 3 else Planted("forward")
    assert main(typed(proxy, file, "--concurrency", "1")) == LATER
    told = capsys.readouterr().out
    assert "3 questions answered now, 0 before, 3 to go" in told and "asks to wait 5 h 12 min" in told
    proxy.plan = lambda n, _: Planted("forward")
    assert main(typed(proxy, file, "--concurrency", "2")) == 0
    assert len(proxy.seen) == 4 + 3 and without_url(file) == without_url(undisturbed)


def test_too_many_requests_for_ever_is_a_sentence(proxy, tmp_path):
    proxy.plan = lambda n, _: Planted(429, body='{"error": {"message": "slow down"}}')
    with pytest.raises(ConfigError, match=r"5 questions in a row .* 429 slow down, tried 2 times.* 6 to go"):
        main(typed(proxy, tmp_path / "samples.jsonl", "--retries", "1", "--concurrency", "1"))


def test_a_question_that_is_refused_is_left_out_and_told_and_an_empty_answer_is_an_answer(proxy, tmp_path, capsys):
    file, (left_out, *others) = tmp_path / "samples.jsonl", order()
    first = next(messages(one) for one in tasks.load("worlds", "test") if one.id == left_out)
    empty = {"choices": [{"message": {"content": None}, "finish_reason": "length"}], "usage": {}}

    def plan(n: int, body: dict) -> Planted:
        if body["messages"] == first:
            return Planted(400, body='{"detail": "filtered"}')
        return Planted(200, body=json.dumps(empty)) if n == 2 else Planted("forward")

    proxy.plan = plan
    assert main(typed(proxy, file, "--concurrency", "1")) == 0
    said = capsys.readouterr()
    assert f"left out: {left_out}, the server refuses it: 400 filtered" in said.out
    assert "1 answers are empty (finish_reason length)" in said.err
    rows = lines(file)
    assert [row["example"] for row in rows] == others
    assert rows[1]["completions"] == [{"text": "", "tokens": None, "truncated": True, "logprob_sum": None}]


def test_what_was_asked_in_another_way_is_refused_and_kept(proxy, tmp_path):
    file = tmp_path / "samples.jsonl"
    proxy.plan = lambda n, _: Planted(429, {"Retry-After": "18720"}) if n >= 2 else Planted("forward")
    assert main(typed(proxy, file, "--concurrency", "1")) == LATER
    before = {one: one.read_bytes() for one in tmp_path.iterdir()}
    for change in (["--seed", "1"], ["--request", '{"top_p": 0.5}'], ["--prompt", "loose"]):
        with pytest.raises(ConfigError, match="another"):
            main(typed(proxy, file, *change))
    file.unlink()
    with pytest.raises(ConfigError, match="asked for in another way"):
        main(typed(proxy, file, "--seed", "1"))
    assert all(one.read_bytes() == text for one, text in before.items() if one != file)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--server_url", "http://127.0.0.1:9/v1"], "no server answers at http://127.0.0.1:9/v1"),
        (["--server_url", "127.0.0.1/v1"], "--server_url is '127.0.0.1/v1', and has no http"),
        (["--policy", "gpt-5"], 'refuses the model "gpt-5"'),
        (["--concurrency", "0"], "--concurrency is 0"),
        (["--batch_size", "4"], "--batch_size and --dtype are an endpoint's own"),
        (["--task", "spidre"], "there is no task named"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_asked_is_told_and_leaves_no_file(more, told, proxy, tmp_path):
    with pytest.raises(ConfigError, match=told):
        main(typed(proxy, tmp_path / "samples.jsonl", *more))
    assert not list(tmp_path.iterdir())


def test_asking_an_endpoint_needs_no_torch():
    asked = "import sys, eval.generate, eval.endpoint_answers; print({'torch', 'transformers'} & {*sys.modules})"
    assert subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True).stdout.strip() == "set()"
