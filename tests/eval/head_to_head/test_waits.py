"""A head-to-head takes latency, throughput, memory and size from latency.json, and compares only what compares."""

import json
from pathlib import Path

import pytest

from eval.head_to_head.__main__ import main
from eval.latency import record
from eval.latency.measured import Alone, Together
from policy.config_error import ConfigError


def measured(file: Path, second: float, hardware: str = "two cores", weights: str = "sha256:0", **more) -> Path:
    about = {"backend": "transformers", "task": "jsonl", "task_path": None, "split": "test", "warm_up": 3} | more
    found = {"policy": "p", "weights": weights, "max_new_tokens": 24, "dtype": "float32", "parameters": 3_000_000}
    found |= {"memory": {"one_at_a_time": {"peak_rss_mib": 512.0}}, "machine": {"hardware": hardware, "threads": 2}}
    found |= {"alone": Alone([second, 2 * second, 3 * second], [9, 9, 9], None)}
    record.write(file, about, found | {"together": Together(second, [9, 9, 9], 3)})
    return file


def told(made, given: list[Path], out: Path) -> tuple[list[dict], str, str]:
    main([*map(str, given), "--output", str(out)])
    found = json.loads((out / "head_to_head.json").read_text())
    texts = [(out / f"head_to_head.{end}").read_text() for end in ("html", "md")]
    return [one["costs"][0] for one in found["policies"]], texts[0], texts[1]


def test_a_run_and_samples_say_what_was_measured_beside_them(contest, answers, tmp_path):
    made = contest(4)
    run, samples = made.run("grpo", answers("rrrr")), made.samples("greedy", answers("rrww"))
    measured(run / "eval/latency.json", 0.1)
    measured(record.beside(samples), 0.3)
    assert record.beside(samples).name == "greedy_latency.json"
    assert record.beside(Path("a/samples_dev.jsonl")) == Path("a/latency_dev.json")
    (one, other), page, plain = told(made, [run, samples], tmp_path / "out")
    assert (one["latency"], one["latency_p50"], one["latency_p95"]) == pytest.approx((0.2, 0.2, 0.29))
    assert (one["answers_per_second"], one["answering_mib"], one["parameters"]) == (30.0, 512.0, 3_000_000)
    assert other["latency"] == pytest.approx(0.6) and other["measured_on"] == one["measured_on"]
    assert "transformers, float32, on two cores, 2 threads; 3 questions of jsonl (test)" in one["measured_on"]
    assert 'class="bubbles"' in page and "grpo 100.0%, 200 ms" in page
    assert "not comparable" not in plain and "P95 | 290 | 870" in plain


@pytest.mark.parametrize("other", [{"hardware": "a large GPU"}, {"backend": "endpoint"}, {"split": "dev"}])
def test_latencies_of_unlike_measurements_are_not_compared(other, contest, answers, tmp_path):
    made = contest(4)
    runs = [made.run(name, answers(one)) for name, one in (("sft", "rrww"), ("grpo", "rrrr"))]
    measured(runs[0] / "eval/latency.json", 0.1)
    measured(runs[1] / "eval/latency.json", 0.1, **other)
    _, page, plain = told(made, runs, tmp_path / "out")
    assert 'class="bubbles"' not in page and "latencies were measured on different things. sft on transformers" in page
    assert "mean (not comparable, see below)" in page and "mean (not comparable, see below)" in plain


def test_a_latency_of_other_weights_says_nothing_of_these(contest, answers, tmp_path):
    made = contest(4)
    samples, run = made.samples("greedy", answers("rrww")), made.run("grpo", answers("rrrr"))
    measured(record.beside(samples), 0.3, weights="sha256:1")
    (one, _), page, _ = told(made, [samples, run], tmp_path / "out")
    assert one["latency"] is None and "is of sha256:1" in one["measured_on"] and 'class="bubbles"' not in page


def test_a_file_that_is_none_is_a_sentence(contest, answers, tmp_path):
    made = contest(4)
    runs = [made.run(name, answers(one)) for name, one in (("sft", "rrww"), ("grpo", "rrrr"))]
    (runs[0] / "eval/latency.json").write_text('{"schema": 1}')
    with pytest.raises(ConfigError, match=r"latency.json is not what python -m eval.latency writes .*measure again"):
        told(made, runs, tmp_path / "out")
