import json

import pytest

from envs.example import Database, Example
from envs.sql_env import SqlEnv
from rewards.validate import Report, another_gold, main, scoring, validate

SCRIPT = "CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1), (2), (3);"
GOLDS = [
    "SELECT a FROM t",
    "SELECT sum(a) FROM t",
    "SELECT a FROM t WHERE a > 9",
    "SELECT b FROM t",
    "SELECT a  FROM t;",
]
EXAMPLES = [
    Example(f"{i}", "?", Database("sqlite", script=SCRIPT), "", "t", sql, "sqlite") for i, sql in enumerate(GOLDS)
]


def test_golds_are_sorted_into_those_that_win_and_those_that_cannot_be_graded():
    with SqlEnv(EXAMPLES, workers=1) as env:
        report = validate(EXAMPLES, env)
    won, quarantined = scoring(report.golds, 1.0), scoring(report.golds, None)
    assert [rollout.example.id for rollout in won] == ["0", "1", "2", "4"]
    assert [rollout.example.id for rollout in won if rollout.verdict.vacuous] == ["2"]
    assert [rollout.example.id for rollout in quarantined] == ["3"]
    assert "no such column: b" in quarantined[0].verdict.ungradable
    assert len(report.empty) == 4 and report.sound


def test_a_gold_that_loses_or_an_empty_answer_that_wins_makes_the_ruler_unsound(make_rollout):
    right, wrong = make_rollout(strict=True), make_rollout(strict=False)
    assert Report([right], [wrong], [right]).sound
    assert not Report([wrong], [wrong], []).sound
    assert not Report([right], [right], []).sound


def test_another_gold_is_about_the_same_database_and_says_something_else():
    assert another_gold(EXAMPLES)["4"] == GOLDS[1]
    assert another_gold(EXAMPLES)["0"] == GOLDS[1]
    assert another_gold(EXAMPLES[:1]) == {}


def test_the_command_prints_the_counts_and_ends_well(tmp_path, capsys):
    rows = [{"question": "?", "sql": sql, "script": SCRIPT, "split": "train"} for sql in GOLDS]
    (tmp_path / "mine.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert main(["--task", "jsonl", "--task_path", str(tmp_path / "mine.jsonl")]) == 0
    printed = capsys.readouterr().out
    assert "4 golds win" in printed and "1 quarantined" in printed and "mine.jsonl, line 4: " in printed


def test_a_bad_path_is_said_before_anything_starts(capsys):
    with pytest.raises(SystemExit):
        main(["--task", "jsonl", "--task_path", "gone.jsonl"])
    assert "there is no file at gone.jsonl" in capsys.readouterr().err
