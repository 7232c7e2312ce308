"""The table of a small evaluation, counted by hand, and what the command refuses."""

import json
import subprocess
import sys
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from eval import metrics
from eval.measure.__main__ import main
from eval.measure.files import examples, files
from eval.score import main as score
from policy.config_error import ConfigError

ROOT = Path(__file__).parents[3]
NAMES = "SELECT name FROM items WHERE price = 4"
COUNT = "SELECT count(*) FROM items"
GOLDS = {"q1": NAMES, "broken": "SELECT nothing FROM nowhere", "q2": COUNT, "w": "DELETE FROM items WHERE id = 1"}
ANSWERS = {
    "q1": [NAMES, NAMES + " ORDER BY id", "SELECT name FROM items WHERE price > 1", "no idea"],
    "broken": ["SELECT 1", "SELECT 1", "", "SELECT id FROM items"],
    "q2": ["SELECT 3 FROM items LIMIT 1", "SELECT 3 FROM items LIMIT 1", COUNT, "SELECT count(nme) FROM items"],
    "w": ["DELETE FROM items WHERE id = 1", "DELETE FROM items", "SELECT 1", "DELETE FROM items WHERE id < 2"],
}
"""Right of four: 2, none can be, 1, 2."""


def measured(samples: list[Path], output: Path, *more: str) -> dict[str, Any]:
    main(["--samples", *map(str, samples), "--output", str(output), "--workers", "1", *more])
    return json.loads((output / "measure.json").read_text())


@pytest.fixture
def samples(shop) -> Path:
    path = shop(GOLDS).samples(
        "samples.jsonl", {name: [(text, -1.0) for text in some] for name, some in ANSWERS.items()}
    )
    score(["--samples", str(path), "--twins"])
    return path


def test_every_row_is_what_a_person_counts(samples, tmp_path):
    found = measured([samples], tmp_path / "out")
    means = {row["name"]: (row["cells"][0]["mean"] or {}).get("mean") for row in found["rows"]}
    scored = {row["name"]: row["cells"][0]["scored"] for row in found["rows"]}
    assert found["questions"] == 4
    wanted = {
        "correct": ((2 + 1 + 2) / 12, 3),
        "strict": ((2 + 1) / 8, 2),
        "bird": ((2 + 1) / 8, 2),
        "state": (2 / 4, 1),
        "parseable": ((3 + 3 + 4 + 3) / 16, 4),
        "executes": ((3 + 3 + 3 + 3) / 16, 4),
        "tokens": (10, 4),
        "pass@1": (5 / 12, 3),
        "pass@2": (((1 - 1 / 6) + (1 - 3 / 6) + (1 - 1 / 6)) / 3, 3),
        "pass@4": (1.0, 3),
        "maj@1": (3 / 8, 2),
        "maj@4": (1 / 2, 2),
        "suite": (None, 0),
        "ves": (None, 0),
    }
    assert {name: (means[name], scored[name]) for name in wanted} == {
        name: (value if value is None else pytest.approx(value), of) for name, (value, of) in wanted.items()
    }


def test_every_other_row_is_the_mean_of_what_the_scores_and_the_metrics_say(samples, tmp_path):
    rows = {row["name"]: row["cells"][0]["mean"] for row in measured([samples], tmp_path / "out")["rows"]}
    lines = [json.loads(line) for line in samples.with_name("scores.jsonl").read_text().splitlines()]
    asked = examples(files([samples], None), None)
    said = {
        **{name: (lambda score, _, name=name: score["rewards"][name]) for name in ("blended", "row_overlap")},
        "proven": lambda score, _: score["proven"],
        "lenient": lambda score, _: score["modes"]["lenient"],
        "spider": lambda score, _: score["modes"]["spider"],
        **{
            name: (lambda score, example, name=name: metrics.load(name).measure(score["sql"], example))
            for name in metrics.NAMES
        },
    }
    for name, of in said.items():
        values = [[of(score, asked[line["example"]]) for score in line["scores"]] for line in lines]
        known = [[value for value in some if value is not None] for some in values]
        assert rows[name]["mean"] == pytest.approx(fmean(fmean(some) for some in known if some)), name


def test_what_a_twin_refutes_is_not_right_and_is_counted_among_the_right(shop, tmp_path):
    by_accident = "SELECT name FROM items WHERE id IN (2, 3)"
    answers = {name: [(text, 0.0)] for name, text in (("a", NAMES), ("b", by_accident), ("c", "SELECT 1"))}
    path = shop(dict.fromkeys(answers, NAMES)).samples("samples.jsonl", answers)
    score(["--samples", str(path), "--twins"])
    rows = measured([path], tmp_path / "out", "--metrics", "strict,suite,twin_accuracy,refuted")["rows"]
    cells = {row["name"]: row["cells"][0] for row in rows}
    assert [cells[name]["mean"] and cells[name]["mean"]["mean"] for name in cells] == [2 / 3, None, 1 / 3, 1 / 2]
    assert cells["twin_accuracy"]["scored"] == 3 and cells["refuted"]["unscored"] == {"wrong already": 1}


def test_measuring_and_timing_load_no_torch():
    asked = (
        "import sys, eval.measure.__main__, eval.efficiency; print(sorted({'torch', 'transformers'} & {*sys.modules}))"
    )
    told = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_processes_say_what_one_says(samples, tmp_path):
    alone = measured([samples], tmp_path / "one", "--by", "complexity")
    main(["--samples", str(samples), "--workers", "2", "--by", "complexity", "--output", str(tmp_path / "two")])
    assert json.loads((tmp_path / "two/measure.json").read_text()) == alone


def test_what_a_row_leaves_out_is_listed_with_the_reason(samples, tmp_path, capsys):
    found = measured([samples], tmp_path / "out")
    rows = {row["name"]: row["cells"][0] for row in found["rows"]}
    assert rows["correct"]["unscored"] == {"ungradable: the gold does not run": 1}
    assert rows["state"]["unscored"] == {"the gold is a query": 2, "ungradable: the gold does not run": 1}
    assert rows["suite"]["unscored"] == {"nobody asked (eval.score --suite), or its schema has none": 4}
    for cell in rows.values():
        assert cell["scored"] + sum(cell["unscored"].values()) == 4
    said = capsys.readouterr().out
    assert "unscored in correct, lenient, proven, twin_accuracy, blended" in said
    assert said == (tmp_path / "out/measure.md").read_text() + "\n"


def test_markdown_and_json_hold_the_same_numbers(samples, tmp_path):
    found = measured([samples], tmp_path / "out", "--by", "complexity,error")
    lines = (tmp_path / "out/measure.md").read_text().splitlines()
    assert found["rows"] and set(found["by"]["complexity"]) == {"easy", "no query"}
    for row in found["rows"]:
        mean = row["cells"][0]["mean"]
        scale, digits = (100, 1) if row["unit"] == "share" else (1, 3)
        line = [line for line in lines if line.startswith(f"| {row['name'].replace('_', chr(92) + '_')} ")]
        assert bool(line) == bool(mean)
        assert not mean or f"| {scale * mean['mean']:.{digits}f} " in line[0]
    for name, (row,) in found["by"]["complexity"].items():
        cell = row["cells"][0]
        assert any(f"| {name} | correct | {100 * cell['mean']['mean']:.1f} " in line for line in lines)
    assert sum(one["first"][0] for one in found["errors"]) == 12 - 5
    assert found["errors"][0]["name"] == "prose" and found["errors"][0]["shown"]["gold"] == NAMES


def test_files_stand_side_by_side_and_share_their_questions(samples, shop, tmp_path):
    other = samples.with_name("other_samples.jsonl")
    other.write_text(samples.read_text().replace('"policy": "p"', '"policy": "runs/right"'))
    scores = samples.with_name("scores.jsonl")
    found = measured([samples, other], tmp_path / "out", "--scores", str(scores), str(scores), "--metrics", "strict")
    (row,) = found["rows"]
    assert list(found["policies"]) == ["p", "right"] and row["same_questions"]
    assert row["cells"][0] == row["cells"][1]


def test_what_cannot_be_is_a_sentence(samples, tmp_path):
    for words, told in (
        (["--metrics", "corect"], "--metrics names 'corect'; the choices are correct, strict, .*correct"),
        (["--by", "colour"], "--by names 'colour'; the choices are difficulty, complexity, category, database, error"),
        (["--workers", "0"], "--workers is 0"),
        (["--scores", "a", "b"], "--scores names 2 files, and --samples 1"),
        (["--output", str(samples)], "cannot be written"),
    ):
        with pytest.raises(ConfigError, match=told):
            main(["--samples", str(samples), *words])
    scores = samples.with_name("scores.jsonl")
    scores.write_text(scores.read_text().replace('"schema": 3', '"schema": 2'))
    with pytest.raises(ConfigError, match=r"another version of this lab \(schema 2, and this is 3\): delete it"):
        main(["--samples", str(samples)])
