"""What was examined before a run was killed is read again and not asked anew."""

from pathlib import Path

from envs.example import Database, Example
from envs.sql_env import SqlEnv
from policy.held_out import Examination, examined


def test_answers_and_results_with_any_line_separator_are_read_again(tmp_path: Path) -> None:
    script = "CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('one\u2028two\x85three');"
    gold, database = "SELECT a FROM t", Database("sqlite", script=script)
    asked = Example("q", "All?", database, "CREATE TABLE t (...);", "t", gold, "sqlite")
    with SqlEnv([asked], workers=1) as env:
        before = Examination((env.play("q", "SELECT a FROM t -- \u2029 \ud83d"),))
        before.save(tmp_path / "before.jsonl", {"decoding": "greedy"})
        again = examined(tmp_path / "before.jsonl", [asked], env)
        (tmp_path / "before.jsonl").write_text('{"example": "q", "compl')
        assert examined(tmp_path / "before.jsonl", [asked], env) is None, "a torn one is answered again"
    assert again is not None and again.scores == before.scores == [1.0]
    assert again.rollouts[0].completion == before.rollouts[0].completion
