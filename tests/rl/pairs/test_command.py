"""From samples and from files of anybody's SQL to verified pairs: whole or not at all, and nothing is believed."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from eval import score
from policy.config_error import ConfigError
from policy.samples import Completion, Head, append
from rl.pairs.__main__ import main
from rl.pairs.pair import read

ROOT = Path(__file__).parent.parent.parent.parent
SHIPS = (
    "CREATE TABLE ship (id INTEGER PRIMARY KEY, name TEXT, tons INTEGER, port TEXT);"
    "INSERT INTO ship VALUES (1, 'Ada', 5, 'Hull'), (2, 'Bea', 9, 'Hull'), (3, 'Cay', 7, 'Ayr'), (4, 'Dot', 9, 'Ayr');"
)
BIRDS = "CREATE TABLE bird (id INTEGER, kind TEXT); INSERT INTO bird VALUES (1, 'tit'), (2, 'owl');"
COUNT, HULL, NAMES, BROKEN, BIRD = "count", "hull", "names", "broken", "bird"
GOLDS = {
    COUNT: ("How many ships are there?", "SELECT COUNT(*) FROM ship", SHIPS, "train"),
    HULL: ("Which ships are in Hull?", "SELECT name FROM ship WHERE port = 'Hull'", SHIPS, "train"),
    NAMES: ("Name all ships.", "SELECT name FROM ship", SHIPS, "train"),
    BROKEN: ("What is lost?", "SELECT nothing FROM ship", SHIPS, "train"),
    BIRD: ("How many birds?", "SELECT COUNT(*) FROM bird", BIRDS, "test"),
}


@pytest.fixture
def task(tmp_path: Path) -> Path:
    rows = [
        {"id": name, "question": question, "sql": gold, "script": script, "split": split}
        for name, (question, gold, script, split) in GOLDS.items()
    ]
    file = tmp_path / "task.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def head(task: Path, **changed: object) -> Head:
    usual = Head(
        "runs/mine", "f" * 16, "jsonl", str(task), "train", "strict", None, "transformers", "float32", 4, 1.0, 64, 8, 0
    )
    return replace(usual, **changed)


def written(path: Path, of: Head, **answers: list[str | Completion]) -> Path:
    """Samples, as generation writes them; a bare text is a completion that stopped by itself."""
    told = [
        (
            name,
            [
                one if isinstance(one, Completion) else Completion(one, 9, False, -float(at + 1))
                for at, one in enumerate(some)
            ],
        )
        for name, some in answers.items()
    ]
    append(path, of, {}, told)
    return path


def scored(samples: Path, *more: str) -> Path:
    scores = samples.with_name(f"scores_{samples.name}")
    score.main(["--samples", str(samples), "--output", str(scores), *more])
    return scores


ANSWERS = {
    COUNT: ["SELECT COUNT(id) FROM ship", "SELECT MAX(tons) FROM ship", "SELECT sum(1) FROM ship", "SELECT 4"],
    HULL: ["SELECT name FROM ship WHERE id < 3", "SELECT name FROM ship WHERE prt = 'Hull'", "no idea"],
    NAMES: [
        "SELECT name FROM ship",
        "select name from ship;",
        Completion("SELECT name FROM ship WHERE", 64, True, -1.0),
    ],
    BROKEN: ["SELECT 1", "SELECT 2"],
}


def run(*words: object) -> None:
    main([str(word) for word in words])


def test_samples_become_pairs_of_executed_answers_with_their_schema(task, tmp_path, capsys):
    samples = written(tmp_path / "s.jsonl", head(task), **ANSWERS)
    output = tmp_path / "pairs.jsonl"
    run("samples", "--samples", samples, "--scores", scored(samples, "--twins"), "--each", "all", "--output", output)
    pairs = read(output)
    found = {(pair.example, pair.chosen, pair.rejected, pair.error, pair.chosen_source) for pair in pairs}
    right = ("SELECT COUNT(id) FROM ship", "SELECT sum(1) FROM ship")
    assert found >= {(COUNT, sql, "SELECT MAX(tons) FROM ship", "aggregate", "policy") for sql in right}
    gold = GOLDS[HULL][1]
    assert found >= {
        (HULL, gold, "SELECT name FROM ship WHERE id < 3", "lucky", "gold"),
        (HULL, gold, ANSWERS[HULL][1], "missing_column", "gold"),
    }, "what is right here and wrong on a twin is no right answer, so the gold stands in"
    assert (HULL, gold, "no idea", "rejected", "gold") in found or (HULL, gold, "no idea", "no_sql", "gold") in found
    assert (NAMES, "SELECT name FROM ship", "SELECT name FROM ship WHERE", "truncated", "policy") in found
    assert not [pair for pair in pairs if pair.example == BROKEN], "a gold that does not run proves nobody wrong"
    assert all("CREATE TABLE ship" in pair.schema and pair.verified.twins for pair in pairs)
    shown = capsys.readouterr().out
    assert "Of 4 questions 1 gave no pair: 1 gold cannot grade an answer" in shown
    assert "Leakage into test: no database is shared, no question about the same database, 0 questions" in shown
    assert output.with_suffix(".md").read_text() in shown
    told = json.loads(output.with_suffix(".json").read_text())
    assert told["pairs"] == len(pairs) and told["counts"]["error"]["truncated"] == 1


def test_several_runs_are_pooled_and_their_answers_counted_once(task, tmp_path):
    one = written(tmp_path / "one.jsonl", head(task), count=["SELECT COUNT(id) FROM ship", "SELECT 7 FROM ship"])
    two = written(
        tmp_path / "two.jsonl", head(task, seed=1), count=["SELECT COUNT(ID) FROM ship", "SELECT MIN(id) FROM ship"]
    )
    given = ["--samples", one, two, "--scores", scored(one), scored(two), "--each", "all", "--gold", "never"]
    run("samples", *given, "--output", tmp_path / "pairs.jsonl")
    assert {pair.rejected for pair in read(tmp_path / "pairs.jsonl")} == {
        "SELECT 7 FROM ship",
        "SELECT MIN(id) FROM ship",
    }
    assert {pair.chosen for pair in read(tmp_path / "pairs.jsonl")} == {"SELECT COUNT(id) FROM ship"}
    again = tmp_path / "again.jsonl"
    run("--source", "samples", *given, "--output", again)
    assert again.read_bytes() == (tmp_path / "pairs.jsonl").read_bytes()


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--task", "worlds"], "samples of the task 'jsonl', and --task says 'worlds'"),
        (["--split", "test"], "samples of the split 'train', and --split says 'test'"),
        (["--prompt", "loose"], "samples of the prompt 'strict'"),
        (["--comparison", "bird"], "samples of the comparison 'strict'"),
        (["--answers", "a.jsonl"], "--answers has no use"),
        (["--twins"], "their scores say"),
        (["--each", "0"], "at least 1, or all"),
    ],
)
def test_samples_of_another_kind_than_named_are_a_sentence(task, tmp_path, more, told):
    samples = written(tmp_path / "s.jsonl", head(task), count=ANSWERS[COUNT])
    scores = scored(samples)
    with pytest.raises(ConfigError, match=told):
        run("samples", "--samples", samples, "--scores", scores, *more, "--output", tmp_path / "pairs.jsonl")
    assert not (tmp_path / "pairs.jsonl").exists()


def test_samples_without_their_scores_are_a_sentence(task, tmp_path):
    samples = written(tmp_path / "s.jsonl", head(task), count=ANSWERS[COUNT])
    other = written(tmp_path / "o.jsonl", head(task), count=["SELECT 1"])
    both = written(tmp_path / "b.jsonl", head(task), count=ANSWERS[COUNT], hull=ANSWERS[HULL])
    rolled = written(tmp_path / "r.jsonl", head(task, split="test"), bird=["SELECT 1"])
    twice = written(tmp_path / "t.jsonl", head(task), count=ANSWERS[COUNT])
    twice.write_text(twice.read_text() * 2)

    def refused(told: str, given: list[Path], scores: list[Path]) -> None:
        with pytest.raises(ConfigError, match=told):
            run("samples", "--samples", *given, "--scores", *scores, "--output", tmp_path / "pairs.jsonl")

    good = scored(samples)
    refused("there is no file at .*python -m eval.score", [samples], [tmp_path / "none.jsonl"])
    refused("made of other completions of count", [samples], [scored(other)])
    refused("has no line for hull", [both], [good])
    refused("2 --samples and 1 --scores", [samples, other], [good])
    refused("samples of the split 'test', and other samples are of 'train'", [samples, rolled], [good, scored(rolled)])
    refused("line 2 answers count again", [twice], [good])
    refused("there is no file at", [tmp_path / "none.jsonl"], [good])
    samples.write_text(samples.read_text()[:-20])
    refused("line 1 is not what eval.generate writes", [samples], [good])


THEIRS = [
    {"db_id": "", "example": COUNT, "chosen": [{"sql": "SELECT COUNT(id) FROM ship;"}, "SELECT MAX(tons) FROM ship"],
     "rejected": [{"sql": "SELECT MIN(id) FROM ship"}, {"sql": "SELECT SUM(1) FROM ship"}]},
    {"example": HULL, "gold": GOLDS[HULL][1], "chosen": [], "rejected": ["SELECT name FROM ship WHERE id < 3"]},
    {"example": BROKEN, "chosen": ["SELECT 1"], "rejected": ["SELECT 2"]},
    {"example": "elsewhere", "chosen": ["SELECT 1"], "rejected": ["SELECT 2"]},
]  # fmt: skip


def test_what_a_file_calls_right_is_executed_and_contradicted_labels_are_left_out(task, tmp_path, capsys):
    file = tmp_path / "theirs.jsonl"
    file.write_text("\ufeff" + "".join(json.dumps(row) + "\n" for row in THEIRS), encoding="utf-8")
    output = tmp_path / "pairs.jsonl"
    run("file", "--task", "jsonl", "--task_path", task, "--answers", file, "--each", "all", "--output", output)
    assert {(pair.example, pair.chosen, pair.rejected, pair.error) for pair in read(output)} == {
        (COUNT, "SELECT COUNT(id) FROM ship", "SELECT MIN(id) FROM ship", "aggregate"),
        (HULL, GOLDS[HULL][1], "SELECT name FROM ship WHERE id < 3", "lucky"),
    }
    told = json.loads(output.with_suffix(".json").read_text())["made"]["claims"]
    assert (told["pairs"], told["confirmed"]) == (7, 2)
    assert told["dropped"] == {
        "its chosen one is wrong": 2,
        "its rejected one is right": 1,
        "its gold cannot grade an answer": 1,
        "its question is not in the task": 1,
    }
    shown = capsys.readouterr().out
    assert "Of 7 pairs that the file claims 2 are confirmed" in shown and "1 rows are about questions" in shown


def test_a_file_without_labels_is_joined_by_database_and_question(task, tmp_path):
    database = read_id(task)
    rows = (
        f"db_id,question,pred\n{database},how many SHIPS are there,SELECT 9 FROM ship\n{database},How many?,SELECT 1\n"
    )
    (tmp_path / "theirs.csv").write_text(rows)
    given = ["--task", "jsonl", "--task_path", task, "--answers", tmp_path / "theirs.csv"]
    run("file", *given, "--prompt", "loose", "--output", tmp_path / "pairs.jsonl")
    (pair,) = read(tmp_path / "pairs.jsonl")
    assert pair.rejected == "```sql\nSELECT 9 FROM ship\n```", "SQL is written as the prompt asks for it"
    assert pair.chosen == f"```sql\n{GOLDS[COUNT][1]}\n```" and pair.source == "file"


def read_id(task: Path) -> str:
    from envs import tasks

    return tasks.load("jsonl", "train", str(task))[0].schema_id


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"example": "count"}\n', r"line 1: it needs sql or"),
        ('{"example": "count", "sql": ["SELECT 1"]}\n', r"line 1: sql holds a list, and text is needed"),
        ('{"example": "count", "chosen": [7], "rejected": []}\n', r"line 1, chosen 1 is '7'; a text or an object"),
        ('{"example": "count", "sql": "SELECT 1"}\n{"example": "co', r"line 2 is not valid JSON"),
        ('{"example": "nobody", "sql": "SELECT 1"}\n', r"no row is about a question of this task.*'count'"),
        ("\n", "holds no answer"),
        ('{"example": "names", "sql": "SELECT name FROM ship"}\n', r"no pair came of 1 questions \(1 all right\)"),
    ],
)
def test_a_file_that_cannot_be_used_names_the_row(task, tmp_path, text, told):
    (tmp_path / "theirs.jsonl").write_text(text)
    with pytest.raises(ConfigError, match=told):
        run("file", "--task", "jsonl", "--task_path", task, "--answers", tmp_path / "theirs.jsonl",
            "--output", tmp_path / "pairs.jsonl")  # fmt: skip
    assert not list(tmp_path.glob("pairs*"))


def test_golds_with_a_mistake_are_pairs_that_need_no_policy(task, tmp_path, capsys):
    output = tmp_path / "pairs.jsonl"
    run("corruption", "--task", "jsonl", "--task_path", task, "--each", "2", "--output", output)
    pairs = read(output)
    assert {pair.chosen for pair in pairs} <= {gold for _, gold, _, _ in GOLDS.values()}
    assert {pair.source for pair in pairs} == {"corruption"} and all(pair.kind for pair in pairs)
    assert {pair.example for pair in pairs} == {COUNT, HULL, NAMES}
    assert "Of 4 questions 1 gave no pair: 1 gold cannot grade an answer" in capsys.readouterr().out


def test_an_answer_that_an_endpoint_cut_is_never_chosen(task, tmp_path):
    rows = [
        {"example": COUNT, "sql": "SELECT COUNT(id) FROM ship", "completion": "So: ...", "finish_reason": "length"},
        {"example": COUNT, "sql": "SELECT 9 FROM ship", "completion": "It is\n```sql\nSELECT 9 FROM ship\n```"},
    ]
    (tmp_path / "answers.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    given = ["endpoint", "--task", "jsonl", "--task_path", task, "--answers", tmp_path / "answers.jsonl"]
    run(*given, "--output", tmp_path / "pairs.jsonl")
    (pair,) = read(tmp_path / "pairs.jsonl")
    assert (pair.chosen_source, pair.source, pair.rejected) == ("gold", "endpoint", "SELECT 9 FROM ship")
    run(*given, "--verbatim", "--output", tmp_path / "whole.jsonl")
    assert read(tmp_path / "whole.jsonl")[0].rejected == rows[1]["completion"]


def test_nothing_is_overwritten_unasked(task, tmp_path):
    output = tmp_path / "pairs.jsonl"
    output.write_text("precious\n")
    (tmp_path / "theirs.jsonl").write_text('{"example": "count", "sql": "SELECT 9 FROM ship"}\n')
    given = ["file", "--task", "jsonl", "--task_path", task, "--answers", tmp_path / "theirs.jsonl", "--output", output]
    with pytest.raises(ConfigError, match="is there already"):
        run(*given)
    assert output.read_text() == "precious\n"
    run(*given, "--overwrite")
    assert len(read(output)) == 1
    with pytest.raises(ConfigError, match="which pairs are made of"):
        run(*given[:-1], tmp_path / "theirs.jsonl", "--overwrite")
    (tmp_path / "notes.md").write_text("precious\n")
    with pytest.raises(ConfigError, match=r"notes\.md is there already"):
        run(*given[:-1], tmp_path / "notes.jsonl")


def test_pairs_of_a_held_back_database_and_question_are_named(task, tmp_path, capsys):
    rows = [json.loads(line) for line in task.read_text().splitlines()]
    task.write_text("".join(json.dumps(row) + "\n" for row in [*rows, rows[0] | {"id": "again", "split": "test"}]))
    (tmp_path / "theirs.jsonl").write_text('{"example": "count", "sql": "SELECT 9 FROM ship"}\n')
    run("file", "--task", "jsonl", "--task_path", task, "--answers", tmp_path / "theirs.jsonl",
        "--output", tmp_path / "pairs.jsonl")  # fmt: skip
    shown = capsys.readouterr().out
    assert f"Leakage into test: 1 databases are shared ({read_id(task)})" in shown
    assert "1 questions about a shared database are the same" in shown and GOLDS[COUNT][0] in shown


def test_help_and_every_other_word_of_the_command_load_no_torch():
    asked = "import sys; from rl.pairs import make, report_page; print({'torch', 'trl'} & {*sys.modules})"
    told = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "set()"
    for words, said in (
        ([], "python -m rl.pairs SOURCE"),
        (["file"], "--answers is missing"),
        (["samples"], "--samples"),
    ):
        ended = subprocess.run([sys.executable, "-m", "rl.pairs", *words], cwd=ROOT, capture_output=True, text=True)
        assert ended.returncode == 2 and said in ended.stderr and "Traceback" not in ended.stderr
