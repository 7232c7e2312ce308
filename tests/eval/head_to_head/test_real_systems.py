"""Two real systems on Spider dev, held against scipy; their verdicts are the official evaluator's labels."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom, binomtest

import rewards
from envs.verdict import CONTRACT
from eval.head_to_head.__main__ import main
from policy.scores import append, row
from policy.scores import fingerprint as of


@pytest.mark.skipif("TEXT2SQL_DATA" not in os.environ, reason="TEXT2SQL_DATA names no folder with spider_dev_open/")
def test_two_real_systems_are_told_apart_as_scipy_tells_them(tmp_path):
    data = Path(os.environ["TEXT2SQL_DATA"]) / "spider_dev_open"
    labelled = [json.loads(line) for line in (data / "predictions_labeled.jsonl").read_text().splitlines()]
    systems = ("dail_gpt4", "din_gpt4")
    right = {name: {one["dev_idx"]: one["ex"] for one in labelled if one["system"] == name} for name in systems}
    given: list[str] = []
    for name in systems:
        samples = tmp_path / f"{name}.jsonl"
        given.append(f"{name}={samples}")
        for one in (one for one in labelled if one["system"] == name):
            write(samples, str(one["dev_idx"]), one["pred"], bool(one["ex"]))
    main([*given, "--output", str(tmp_path / "out")])
    found = json.loads((tmp_path / "out/head_to_head.json").read_text())
    (pair,) = found["pairs"]
    first, second = ([right[name][i] for i in right[systems[0]]] for name in systems)
    changes = np.array(second) - np.array(first)
    gained, lost = int((changes > 0).sum()), int((changes < 0).sum())
    difference = pair["difference"]
    assert found["questions"] == len(first) == 466 and (difference["gained"], difference["lost"]) == (gained, lost)
    assert difference["p"] == pytest.approx(binomtest(gained, gained + lost).pvalue, rel=1e-9)
    low, high = interval(gained, lost, 466)
    assert (difference["low"], difference["high"]) == pytest.approx((low, high), abs=1e-9)
    main([*reversed(given), "--output", str(tmp_path / "swapped")])
    (swapped,) = json.loads((tmp_path / "swapped/head_to_head.json").read_text())["pairs"]
    turned = {"mean": -difference["mean"], "low": -difference["high"], "high": -difference["low"], "p": difference["p"]}
    assert {key: swapped["difference"][key] for key in turned} == turned
    assert len(pair["flips"]) == gained + lost


def interval(gained: int, lost: int, questions: int) -> tuple[float, float]:
    """Of the bootstrap over questions: of as many draws a binomial number changed, and a binomial part of these was
    gained."""
    moved = gained + lost
    chances = np.zeros(2 * questions + 1)
    for changed in range(questions + 1):
        ups = np.arange(changed + 1)
        chance = binom.pmf(changed, questions, moved / questions)
        chances[2 * ups - changed + questions] += chance * binom.pmf(ups, changed, gained / moved)
    sums = np.arange(-questions, questions + 1) / questions
    return sums[np.cumsum(chances) >= 0.025][0], sums[np.cumsum(chances[::-1])[::-1] >= 0.025][-1]


def write(samples: Path, example: str, sql: str, right: bool) -> None:
    """A line of samples, and the line of scores that its label makes of it."""
    one = {"text": sql, "tokens": 1, "truncated": False, "logprob_sum": 0.0}
    line = {"schema": 1, "example": example, "completions": [one], "policy": "", "weights": "", "task": "spider"}
    line |= {"task_path": None, "split": "validation", "prompt": "strict", "temperature": 0.0, "max_new_tokens": 256}
    append(samples, line)
    said = {"sql": sql, "gate": "", "status": "ok", "message": "", "columns": 1, "rows": 1, "result": "", "twins": None}
    said |= {"correct": right, "proven": right, "vacuous": False, "constant": False, "overlap": None, "ungradable": ""}
    said |= {
        "reason": "" if right else "other rows",
        "rewards": dict.fromkeys(rewards.NAMES),
        "modes": {},
        "suite": None,
        "soft_f1": None,
        "as_lists": None,
    }
    scores = samples.with_name(f"{samples.stem}_scores.jsonl")
    assert CONTRACT and of([sql])
    append(scores, row(example, [sql], [said], {"comparison": "spider", "twins": False}))
