"""The seed's score, beside the seed's rules run for real: Python's sqlite3 and rouge-score."""

import json
import sqlite3
from pathlib import Path
from statistics import fmean

import pytest
from rouge_score.rouge_scorer import RougeScorer

from eval.measure.__main__ import main
from eval.measure.blended_seed import blended_seed
from eval.measure.files import examples, files, questions
from eval.measure.question import Said
from eval.score import main as score

SCRIPT = (
    "CREATE TABLE staff (id INTEGER PRIMARY KEY, name TEXT, pay REAL);"
    "INSERT INTO staff VALUES (1, 'Ann', 0.3), (2, 'Bob', 5), (3, 'Cid', 7);"
    "CREATE TABLE empty (id INTEGER, name TEXT);"
)
INSERT = "INSERT INTO staff VALUES (9, 'Dan', 1)"
DELETE = "DELETE FROM staff WHERE id = 1"
NOTHING = "SELECT name FROM empty WHERE id = 4"
CASES = [
    ("a gold that fails, beside itself", "SELECT id FROM staff, empty", "SELECT id FROM staff, empty", 0.7),
    ("an INSERT that repeats the gold's", INSERT, INSERT, 0.7),
    ("an INSERT of other values", INSERT, "INSERT INTO staff VALUES (10, 'Eve', 2)", 1.0),
    ("the same CREATE TABLE", "CREATE TABLE n (a INTEGER)", "CREATE TABLE n (a INTEGER)", 0.7),
    ("the same DROP TABLE", "DROP TABLE staff", "DROP TABLE staff", 0.7),
    ("an unrelated CREATE TABLE", "CREATE TABLE n (a INTEGER)", "CREATE TABLE m (b TEXT)", 1.0),
    ("DELETE of everything for one row", DELETE, "DELETE FROM staff", 1.0),
    ("no row beside a gold that writes", DELETE, "SELECT 1 WHERE 0", 1.0),
    ("what the gold has just deleted", DELETE, "SELECT name FROM staff WHERE id = 1", 1.0),
    ("nothing at all beside a gold that writes", DELETE, "", 1.0),
    ("a comment beside a gold that writes", DELETE, "-- done", 1.0),
    ("prose beside a gold that writes", DELETE, "It cannot be said.", None),
    ("any empty SELECT beside an empty answer", NOTHING, "SELECT * FROM staff WHERE 0", 1.0),
    ("a write beside an empty answer", NOTHING, "DROP TABLE staff", 1.0),
    ("zero beside a count of nothing", "SELECT count(*) FROM empty", "SELECT 0", 1.0),
    ("a misspelt column in double quotes", NOTHING, 'SELECT name FROM empty WHERE "nme" = 4', 1.0),
    ("the gold in a fence", "SELECT name FROM staff", "```sql\nSELECT name FROM staff\n```", None),
    ("a function that SQLite has not", "SELECT DATE_SUB(name) FROM staff", "SELECT DATE_SUB(name) FROM staff", 0.7),
    ("a flipped sign", "SELECT name FROM staff WHERE pay > 6", "SELECT name FROM staff WHERE pay < 6", 0.7),
    ("another order where none is asked", "SELECT name FROM staff", "SELECT name FROM staff ORDER BY id DESC", None),
    ("columns in another order", "SELECT id, name FROM staff", "SELECT name, id FROM staff", None),
    ("one column more", "SELECT id FROM staff", "SELECT id, name FROM staff", None),
    ("a sum that misses by a bit", "SELECT pay FROM staff WHERE id = 1", "SELECT 0.1 + 0.2", None),
    ("an integer for a float", "SELECT pay FROM staff WHERE id = 2", "SELECT 5", 1.0),
    ("two statements", "SELECT id FROM staff", "SELECT id FROM staff; SELECT 1", None),
    ("a semicolon more", "SELECT id FROM staff", "SELECT id FROM staff;", 1.0),
]


@pytest.fixture(scope="module")
def samples(tmp_path_factory) -> Path:
    """A scored file of all cases."""
    folder = tmp_path_factory.mktemp("seed")
    task, path = folder / "task.jsonl", folder / "samples.jsonl"
    rows = [
        {"id": name, "question": name, "sql": gold, "script": SCRIPT, "split": "test"} for name, gold, _, _ in CASES
    ]
    task.write_text("".join(json.dumps(row) + "\n" for row in rows))
    head = {"schema": 1, "policy": "p", "task": "jsonl", "task_path": str(task), "split": "test", "prompt": "strict"}
    one = {"tokens": 3, "truncated": False, "logprob_sum": None}
    lines = [head | {"example": name, "completions": [one | {"text": text}]} for name, _, text, _ in CASES]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    score(["--samples", str(path), "--workers", "1"])
    return path


@pytest.fixture(scope="module")
def found(samples) -> dict[str, Said]:
    known = files([samples], None)
    asked = questions(known["p"], examples(known, None), {})
    return {one.example.id: blended_seed(one.example, one.answers[0]) for one in asked}


@pytest.mark.parametrize(("name", "gold", "completion", "worth"), CASES, ids=[case[0] for case in CASES])
def test_it_is_what_the_seeds_rules_give(name, gold, completion, worth, found):
    theirs = seeds_rules(gold, completion)
    assert found[name] == pytest.approx(theirs, abs=1e-12)
    assert worth is None or theirs == pytest.approx(worth)
    assert worth is not None or theirs < 0.7


def test_the_command_counts_every_question_those_too_whose_gold_does_not_run(samples, found, tmp_path):
    main(["--samples", str(samples), "--metrics", "blended_seed", "--output", str(tmp_path)])
    (row,) = json.loads((tmp_path / "measure.json").read_text())["rows"]
    (cell,) = row["cells"]
    assert (cell["scored"], cell["unscored"]) == (len(CASES), {})
    assert cell["mean"]["mean"] == pytest.approx(fmean(found.values()))


def seeds_rules(gold: str, completion: str) -> float:
    database = sqlite3.connect(":memory:")
    try:
        database.executescript(SCRIPT)
        answers = [database.execute(text).fetchall() for text in (gold, completion)]
        same = answers[0] == answers[1]
    except Exception:
        same = False
    rouge = RougeScorer(["rougeL"]).score(gold, completion)["rougeL"].fmeasure
    return 1.0 if same else 0.7 * rouge
