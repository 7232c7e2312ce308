import json
import re

import pytest

from envs.admission import Admission
from envs.example import Database, Example
from envs.sandbox import Sandbox
from rewards.admission_page import page
from rewards.admission_report import Report
from rewards.validate import another_gold, main, validate

SCRIPT = "CREATE TABLE t (a INTEGER, b TEXT); INSERT INTO t VALUES (1, 'x'), (2, 'x'), (3, 'y');"
GOLDS = {
    "good": "SELECT a FROM t",
    "broken": "SELECT c FROM t",
    "dice": "SELECT a FROM t WHERE a > abs(random())",
    "tie": "SELECT a FROM t ORDER BY b LIMIT 1",
    "cut": "SELECT a FROM t LIMIT 2",
    "empty": "SELECT a FROM t WHERE b = '<script>alert(1)</script>'",
    "clock": "SELECT count(*) FROM t WHERE date('now') > '2000-01-01'",
    "again": "SELECT a  FROM t;",
    "shout": "SELECT A FROM T",
}
KEPT = ["good", "empty", "clock", "again", "shout"]
DATABASE = Database("sqlite", script=SCRIPT)
EXAMPLES = [Example(name, f"{name}?", DATABASE, "", "t", sql, "sqlite") for name, sql in GOLDS.items()]
CAUSES = {
    "broken": "does not run",
    "dice": "takes dice or a sample",
    "tie": "LIMIT cuts through a tie",
    "cut": "LIMIT without ORDER BY",
}


@pytest.fixture(scope="module")
def report():
    with Sandbox(workers=1) as sandbox:
        return validate(EXAMPLES, sandbox)


@pytest.fixture
def task(tmp_path, monkeypatch):
    """A jsonl task with one gold of each kind, in a folder of its own with a cache of its own."""
    monkeypatch.setenv("TEXT2SQL_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    rows = [{"id": name, "question": f"{name}?", "sql": sql, "script": SCRIPT} for name, sql in GOLDS.items()]
    (tmp_path / "mine.jsonl").write_text("\n".join(json.dumps(row | {"split": "train"}) for row in rows))
    return ["--task", "jsonl", "--task_path", "mine.jsonl"]


def test_each_gold_is_kept_or_quarantined_for_its_own_cause(report):
    assert [example.id for example in report.admission.kept] == KEPT
    assert {id: cause for cause, rows in report.causes.items() for id, _ in rows} == CAUSES
    assert "no such column: c" in dict(report.causes["does not run"])["broken"]
    assert {kind: [id for id, _ in rows] for kind, rows in report.notes.items()} == {
        "reads the clock": ["clock"],
        "proves nothing": ["empty"],
    }


def test_kept_golds_win_in_every_mode_and_silence_never_does(report):
    assert report.sound and not report.below and not report.speaking
    assert len(report.golds) == len(report.empty) == len(KEPT)
    assert set(report.modes.values()) == {(len(KEPT), len(KEPT))}


def test_the_gold_of_another_question_wins_only_where_it_says_the_same(report):
    assert {rollout.example.id: rollout.sql for rollout in report.matches} == {
        "again": GOLDS["shout"],
        "shout": GOLDS["good"],
    }
    assert "the same text but for case and spaces" in str(report)


def test_twins_refute_the_gold_of_another_question_that_wins_by_accident():
    golds = ["SELECT count(*) FROM t WHERE b = 'x'", "SELECT a FROM t WHERE a = 2"]
    examples = [Example(sql, "?", DATABASE, "", "t", sql, "sqlite") for sql in golds]
    with Sandbox(workers=1) as sandbox:
        plain, tried = (validate(examples, sandbox, twins) for twins in (False, True))
    assert len(plain.matches) == len(tried.matches) == len(tried.refuted) == len(tried.tried) == 2
    assert plain.sound and tried.sound and not plain.refuted and not plain.tried
    assert "2 of the strangers' wins are refuted by twins" in str(tried) and "refuted" not in str(plain)


def test_another_gold_is_about_the_same_database_and_is_no_gold_of_its_own():
    assert another_gold(EXAMPLES)["good"] == GOLDS["broken"]
    assert another_gold(EXAMPLES[-2:])["shout"] == GOLDS["again"].rstrip(";")
    assert another_gold(EXAMPLES[:1]) == {}
    elsewhere = Example("1", "?", DATABASE, "", "u", "SELECT 1", "sqlite")
    either = Example("2", "?", DATABASE, "", "u", "SELECT 2", "sqlite", other_golds=("SELECT  1",))
    assert another_gold([EXAMPLES[0], elsewhere, either]) == {"1": "SELECT 2"}


@pytest.mark.parametrize(
    "said",
    [{"strict": False}, {"strict": None}, {"bird": False}, {"lenient": None}, {"constant": True}, {"twins": False}],
    ids=str,
)
def test_a_kept_gold_below_the_top_makes_the_ruler_unsound(make_rollout, said):
    right = {"spider": True, "bird": True, "lenient": True}
    assert reported(golds=[make_rollout(**right)]).sound
    assert reported(golds=[make_rollout(**right, vacuous=True)]).sound
    assert not reported(golds=[make_rollout(**(right | said))]).sound


def test_what_spiders_evaluator_spoils_by_rewriting_is_told_and_no_fault(make_rollout):
    spoilt = {"SELECT value FROM t": True, "SELECT DISTINCT ON (a) a FROM t": True}
    for sql, sound in (spoilt | {"SELECT a FROM t": False, "SELECT DISTINCT a FROM t": False}).items():
        found = reported(golds=[make_rollout(sql, gold=sql, spider=False, bird=True, lenient=True)])
        assert len(found.disagreements) == 1 and found.sound is sound


def test_an_empty_answer_that_wins_makes_the_ruler_unsound(make_rollout):
    assert not reported(empty=[make_rollout("")]).sound
    assert reported(empty=[make_rollout("", strict=False)]).sound
    assert reported(strangers=[make_rollout()]).sound


def test_the_page_shows_what_was_found_and_runs_none_of_it(report):
    shown = page(report, "mine & <b>yours</b>")
    assert "&lt;b&gt;yours&lt;/b&gt;" in shown and "<b>yours" not in shown
    assert "<script" not in shown and "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert f"{len(KEPT)} <small>of {len(GOLDS)} golds can judge an answer" in shown and "is sound" in shown
    assert all(cause in shown and name in shown for name, cause in CAUSES.items())
    assert not re.search(r"(src|href|url)\s*[=(]|@import", shown)


def test_a_page_of_an_unsound_ruler_says_so_and_shows_the_gold(make_rollout):
    broken = reported(golds=[make_rollout(strict=False, reason="other rows")])
    assert "not sound" in page(broken, "mine") and "execution_match 0.0: other rows" in page(broken, "mine")


def test_the_command_writes_its_three_files_and_ends_with_0(task, tmp_path, capsys):
    assert main([*task, "--out", "found"]) == 0
    assert "5 kept; 1 of them prove nothing" in capsys.readouterr().out
    quarantine = [json.loads(line) for line in (tmp_path / "found/quarantine.jsonl").read_text().splitlines()]
    assert [(row["id"], row["gold"]) for row in quarantine] == [(id, GOLDS[id]) for id in CAUSES]
    assert all(row["reason"] for row in quarantine)
    notes = [json.loads(line) for line in (tmp_path / "found/notes.jsonl").read_text().splitlines()]
    assert [row["id"] for row in notes] == ["empty", "clock"]


def test_a_second_run_that_finds_all_golds_in_the_cache_says_the_same(task, tmp_path):
    written = []
    for arguments in ([], [], ["--no_cache"]):
        assert main([*task, *arguments]) == 0
        files = sorted((tmp_path / "admission/jsonl").iterdir())
        written.append([re.sub(r">[\d.e-]+ m?s<", "><", file.read_text()) for file in files])
    assert len(written[0]) == 3 and written[0] == written[1] == written[2]
    assert (tmp_path / "cache/golds.sqlite").is_file()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--task", "jsonl", "--task_path", "gone.jsonl"], "there is no file at gone.jsonl"),
        (["--task", "jsonl", "--task_path", "mine.jsonl", "--split", "test"], "has no test split"),
        (["--task", "jsonl", "--task_path", "mine.jsonl", "--limit", "0"], "--limit 0 leaves nothing to look at"),
        (["--task", "jsonl", "--task_path", "mine.jsonl", "--out", "mine.jsonl"], "cannot be the folder of the report"),
    ],
    ids=lambda given: given[-1] if isinstance(given, list) else "",
)
def test_bad_input_is_said_in_a_sentence_with_exit_code_2(task, capsys, arguments, sentence):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2 and sentence in capsys.readouterr().err


def test_a_gold_that_does_not_survive_being_played_ends_with_1(task, capsys, monkeypatch):
    monkeypatch.setattr("rewards.validate.text", lambda example: "SELECT 7")
    assert main(task) == 1
    assert "NOT SOUND" in capsys.readouterr().out


def reported(golds=(), empty=(), strangers=()) -> Report:
    examples = [rollout.example for rollout in (*golds, *empty, *strangers)]
    return Report(examples[:1], Admission(tuple(examples[:1]), ()), golds, empty, strangers)
