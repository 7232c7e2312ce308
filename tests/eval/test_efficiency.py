"""VES and R-VES: their formulas by hand, times on a real SQLite, and a run that was cut."""

import json
from math import sqrt
from pathlib import Path
from statistics import fmean

import pytest

from eval.efficiency import main
from eval.measure.__main__ import main as measure
from eval.score import main as score
from eval.ves import kept, ratio, reward
from policy.config_error import ConfigError

SLOW = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) "
    "SELECT count(*) FROM items, n WHERE i = 1"
)
QUICK = "SELECT count(*) FROM items"
GOLDS = {"slow gold": SLOW, "quick gold": QUICK, "wrong": QUICK, "broken": "SELECT nothing FROM nowhere"}
ANSWERS = {"slow gold": QUICK, "quick gold": SLOW, "wrong": "SELECT 5", "broken": QUICK}


@pytest.mark.parametrize(
    ("ratio", "worth"),
    [(0, 0), (0.1, 0.25), (0.25, 0.5), (0.49, 0.5), (0.5, 0.75), (0.99, 0.75), (1, 1), (1.99, 1), (2, 1.25), (9, 1.25)],
)
def test_r_ves_rewards_by_steps(ratio, worth):
    assert reward(ratio) == worth


def test_outliers_beyond_three_sigma_are_dropped_and_equal_ratios_kept():
    assert kept([1.0] * 99 + [50.0]) == [1.0] * 99
    assert kept([1.0] * 5) == [1.0] * 5, "the official filter drops them all and scores 0"
    assert ratio([2.0, 2.0, 4.0], [1.0, 3.0, 4.0]) == pytest.approx(fmean([0.5, 1.5, 1.0]))


@pytest.fixture
def samples(shop) -> Path:
    path = shop(GOLDS).samples("samples.jsonl", {name: [(text, -1.0)] for name, text in ANSWERS.items()})
    score(["--samples", str(path)])
    return path


def test_right_answers_are_timed_beside_their_golds_and_scores_stay_as_they_are(samples, tmp_path, capsys):
    before = samples.with_name("scores.jsonl").read_bytes()
    main(["--samples", str(samples), "--repeats", "9"])
    assert samples.with_name("scores.jsonl").read_bytes() == before
    lines = [json.loads(line) for line in samples.with_name("efficiency.jsonl").read_text().splitlines()]
    times = {line["example"]: line["times"][0] for line in lines}
    assert times["wrong"] is None and times["broken"] is None
    assert len(times["slow gold"]["answer"]) == len(times["slow gold"]["gold"]) == 9
    said = capsys.readouterr().out
    assert "over 3 of 4 questions" in said and "2 answers were timed" in said and "golds beside themselves" in said
    measure(["--samples", str(samples), "--metrics", "ves,r_ves", "--output", str(tmp_path / "out")])
    ves, rewards = json.loads((tmp_path / "out/measure.json").read_text())["rows"]
    fast, slow = (ratio(times[name]["answer"], times[name]["gold"]) for name in ("slow gold", "quick gold"))
    assert fast > 20 and slow < 0.05
    assert ves["cells"][0]["mean"]["mean"] == pytest.approx((sqrt(fast) + sqrt(slow)) / 3)
    assert rewards["cells"][0]["mean"]["mean"] == pytest.approx((sqrt(1.25) + sqrt(0.25)) / 3)
    assert ves["cells"][0]["unscored"] == {"the gold writes or does not run": 1}


def test_a_run_that_was_cut_goes_on_and_another_is_refused(samples):
    main(["--samples", str(samples), "--repeats", "3"])
    path = samples.with_name("efficiency.jsonl")
    first, second, *_ = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + second[:40])
    main(["--samples", str(samples), "--repeats", "3"])
    lines = path.read_bytes().splitlines(keepends=True)
    assert lines[0] == first and [json.loads(line)["example"] for line in lines] == list(GOLDS)
    main(["--samples", str(samples), "--repeats", "3"])
    assert path.read_bytes() == b"".join(lines), "what was timed is not timed again"
    with pytest.raises(ConfigError, match="was timed with --repeats 3, and this is 4"):
        main(["--samples", str(samples), "--repeats", "4"])
