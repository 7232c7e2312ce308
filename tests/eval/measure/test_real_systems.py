"""A real system's rows on Spider dev, beside the official labels and the libraries that the metrics follow."""

import json
import os
import sqlite3
from pathlib import Path
from statistics import fmean

import pytest
from rouge_score.rouge_scorer import RougeScorer
from sacrebleu.metrics.bleu import BLEU

from envs.soft_f1 import soft_f1
from eval.measure.__main__ import main
from eval.predictions.__main__ import main as predictions
from eval.score import main as score

SYSTEM = "codes_3b"


@pytest.mark.skipif("TEXT2SQL_DATA" not in os.environ, reason="TEXT2SQL_DATA names no folder with spider_dev_open/")
def test_rows_are_means_of_the_official_labels_and_of_what_libraries_say(tmp_path):
    data = Path(os.environ["TEXT2SQL_DATA"]) / "spider_dev_open"
    labelled = [json.loads(line) for line in (data / "predictions_labeled.jsonl").read_text().splitlines()]
    labelled = {one["dev_idx"]: one for one in labelled if one["system"] == SYSTEM}
    asked = json.loads((data / "questions.json").read_text())
    (tmp_path / "predict.txt").write_text("".join(f"{labelled[one['dev_idx']]['pred']}\n" for one in asked))
    samples = tmp_path / "samples.jsonl"
    words = ["--task", "spider", "--task_path", str(data / "questions.json"), "--output", str(samples)]
    predictions([str(tmp_path / "predict.txt"), *words])
    score(["--samples", str(samples), "--suite", str(data / "testsuite")])
    main(["--samples", str(samples), "--output", str(tmp_path), "--by", "database", "--metrics", ",".join(ROWS)])
    found = json.loads((tmp_path / "measure.json").read_text())
    cells = {row["name"]: row["cells"][0] for row in found["rows"]}
    pairs = [(one["db_id"], one["query"], labelled[one["dev_idx"]]["pred"]) for one in asked]
    rouge, bleu = RougeScorer(["rouge1", "rouge2", "rougeL"]), BLEU(effective_order=True)
    said = [rouge.score(gold, sql) for _, gold, sql in pairs]
    wanted = {
        "spider": fmean(labelled[one["dev_idx"]]["ex"] for one in asked),
        "bird": fmean(labelled[one["dev_idx"]]["bird_ex"] for one in asked),
        "suite": fmean(labelled[one["dev_idx"]]["ts"] for one in asked),
        "rouge_1": fmean(one["rouge1"].fmeasure for one in said),
        "rouge_2": fmean(one["rouge2"].fmeasure for one in said),
        "rouge_l": fmean(one["rougeL"].fmeasure for one in said),
        "bleu": fmean(bleu.sentence_score(sql.rstrip("; "), [gold]).score / 100 for _, gold, sql in pairs),
        "soft_f1": fmean(by_sqlite3(data, *pair) for pair in pairs),
    }
    assert set(wanted) == set(ROWS)
    assert {name: cell["scored"] for name, cell in cells.items()} == dict.fromkeys(ROWS, 466)
    assert {name: cell["mean"]["mean"] for name, cell in cells.items()} == {
        name: pytest.approx(value, abs=1e-9) for name, value in wanted.items()
    }
    car = [labelled[one["dev_idx"]]["ex"] for one in asked if one["db_id"] == "car_1"]
    (cell,) = [row["cells"][0] for row in found["by"]["database"]["car_1"] if row["name"] == "spider"]
    assert (cell["mean"]["mean"], cell["scored"]) == (pytest.approx(fmean(car)), len(car))


ROWS = ("spider", "bird", "suite", "rouge_1", "rouge_2", "rouge_l", "bleu", "soft_f1")


def by_sqlite3(data: Path, name: str, gold: str, sql: str) -> float:
    """Executed by Python's own library, errors worth 0 as mini-dev has it."""
    database = sqlite3.connect(f"file:{data}/database/{name}/{name}.sqlite?mode=ro", uri=True)
    database.text_factory = lambda text: text.decode(errors="replace")
    try:
        return soft_f1(database.execute(gold).fetchall(), database.execute(sql).fetchall())
    except sqlite3.Error:
        return 0.0
