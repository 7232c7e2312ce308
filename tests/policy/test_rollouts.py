"""Every rollout is on disk as soon as its batch is judged, and a resumed run cuts off exactly what it writes again."""

import gzip
import json
from pathlib import Path

import pytest

from envs.example import Database, Example
from envs.sql_env import SqlEnv
from policy.config_error import ConfigError
from policy.rollouts import Rollouts, cut, questions, read, row

SCRIPT = "CREATE TABLE t (a INTEGER, b BLOB, c REAL); INSERT INTO t VALUES (1, x'00ff', 9e999), (2, NULL, 0.5);"
GOLD = "SELECT a, b, c FROM t ORDER BY a"


@pytest.fixture(scope="module")
def env():
    asked = Example("q", "All?", Database("sqlite", script=SCRIPT), "CREATE TABLE t (...);", "t", GOLD, "sqlite")
    with SqlEnv([asked], workers=1) as found:
        yield found


def batch(env: SqlEnv, step: int, *completions: str) -> list[dict]:
    played = env.play_batch([("q", text) for text in completions])
    return [{"schema": 2, "step": step} | row(rollout) for rollout in played]


def test_what_was_written_is_read_back_with_its_result_table(env: SqlEnv, tmp_path: Path) -> None:
    kept = Rollouts(tmp_path)
    kept.append_questions(0, [env.play("q", GOLD)])
    kept.append(batch(env, 0, GOLD, "no query, \ud83d a torn character"))
    kept.append(batch(env, 1, "SELECT a FROM t"))
    right, silent, other = read(tmp_path)
    assert right["correct"] is True and right["sample"] == [[1, "x'00ff'", "inf"], [2, None, 0.5]]
    assert silent["completion"] == "no query, \ud83d a torn character" and silent["rewards"]["blended"] == 0.0
    assert other["step"] == 1 and other["rows"] == 2
    assert questions(tmp_path)["q"]["sample"] == right["sample"]
    assert Rollouts(tmp_path).unasked(["q", "new", "new"]) == ["new"], (
        "a resumed run asks nothing for the first time twice"
    )
    text = gzip.decompress((tmp_path / "train-0.jsonl.gz").read_bytes()).decode("utf-8", "surrogatepass")
    assert len([json.loads(line) for line in text.splitlines()]) == 3, "any gzip reader sees one file"


@pytest.mark.parametrize("torn", [0, 1, 20])
def test_a_torn_end_is_passed_over_and_cut_off(env: SqlEnv, tmp_path: Path, torn: int) -> None:
    kept, file = Rollouts(tmp_path), tmp_path / "train-0.jsonl.gz"
    for step in range(3):
        kept.append(batch(env, step, GOLD))
    sizes = file.stat().st_size // 3
    whole = file.read_bytes()
    with file.open("r+b") as opened:
        opened.truncate(len(whole) - torn)
    assert [line["step"] for line in read(tmp_path)] == [0, 1, 2][: 3 - (torn > 0)]
    cut(tmp_path, 2)
    assert whole.startswith(file.read_bytes()) and file.stat().st_size == pytest.approx(2 * sizes, abs=8)
    kept.append(batch(env, 2, GOLD))
    assert file.read_bytes() == whole, "what is written again is the same to the byte"
    cut(tmp_path, 0)
    assert file.read_bytes() == b""


def test_a_batch_that_is_broken_in_the_middle_costs_no_other(env: SqlEnv, tmp_path: Path) -> None:
    kept, file, ends = Rollouts(tmp_path), tmp_path / "train-0.jsonl.gz", [0]
    for step in range(4):
        kept.append(batch(env, step, GOLD))
        ends.append(file.stat().st_size)
    with file.open("r+b") as opened:
        opened.seek((ends[1] + ends[2]) // 2)
        opened.write(bytes(8))
    assert [line["step"] for line in read(tmp_path)] == [0, 2, 3]
    cut(tmp_path, 3)
    assert file.stat().st_size == ends[3] and [line["step"] for line in read(tmp_path)] == [0, 2]


def test_steps_of_several_processes_are_read_side_by_side(env: SqlEnv, tmp_path: Path) -> None:
    for process in (0, 1):
        kept = Rollouts(tmp_path, process)
        for step in (0, 4):
            kept.append(batch(env, step, GOLD))
    assert [line["step"] for line in read(tmp_path)] == [0, 0, 4, 4]


def test_no_rollouts_or_old_ones_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there are no rollouts in"):
        list(read(tmp_path))
    (tmp_path / "train-0.jsonl").write_text('{"schema": 1}\n')
    with pytest.raises(ConfigError, match="older version of the lab"):
        list(read(tmp_path))


@pytest.mark.parametrize("text", [b"hello\n", b"[1]\n", b'{"schema": 2, "step": 1}\n'])
def test_lines_of_another_kind_are_named(tmp_path: Path, text: bytes) -> None:
    for name, asked in (("train-0", lambda: list(read(tmp_path))), ("questions-0", lambda: questions(tmp_path))):
        (tmp_path / f"{name}.jsonl.gz").write_bytes(gzip.compress(text))
        with pytest.raises(ConfigError, match=rf"{name}\.jsonl\.gz holds a line that is no rollout"):
            asked()
