"""The lab's task and judge inside inspect_ai, run by inspect_ai itself, say what `eval.api.score` says."""

import json
from pathlib import Path

import pytest

pytest.importorskip("inspect_ai", reason='inspect-ai is not installed: pip install -e ".[inspect]"')

from inspect_ai import eval as inspect_eval
from inspect_ai.model import ModelOutput, ModelUsage, get_model

from eval.api import score
from eval.inspect_tasks import judge
from eval.inspect_tasks.text_to_sql import text_to_sql
from policy.config_error import ConfigError

GOLDS = {
    "right": "SELECT name FROM items WHERE price = 4",
    "wrong": "SELECT name FROM items WHERE price = 1.5",
    "fails": "SELECT count(*) FROM items",
    "prose": "SELECT max(price) FROM items",
    "broken": "SELECT nothing FROM nowhere",
}
ANSWERS = {
    "right": "Here it is:\n```sql\nSELECT name FROM items WHERE price > 3 AND price < 5\n```",
    "wrong": "SELECT name FROM items",
    "fails": "SELECT nam FROM items",
    "prose": "I do not know.",
    "broken": "SELECT 1",
}


def answered(messages, tools, choice, config):
    """The question of each is its id. Without a count of tokens inspect would fetch a tokenizer to count them."""
    said = ModelOutput.from_content("mockllm", ANSWERS[messages[-1].text])
    said.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
    return said


def run(asked, folder, **more):
    model = get_model("mockllm/model", custom_outputs=answered)
    logs = inspect_eval(asked, model=model, log_dir=str(folder / "logs"), display="none", **more)
    assert all(log.status == "success" for log in logs), logs[0].error
    return logs


def test_a_run_of_inspect_scores_as_the_lab_does(shop, tmp_path):
    there = shop(GOLDS)
    (log,) = run(text_to_sql(task="jsonl", task_path=str(there.task), workers=1), tmp_path)
    ours = score(ANSWERS, "jsonl", str(there.task), workers=1)
    expected = {one.example: one.scores[0].correct for one in ours.scored}
    assert expected.pop("broken") is None, "it is left out there and here"
    found = {one.id: one.scores["executed"] for one in log.samples}
    assert {name: one.value == "C" for name, one in found.items()} == expected
    assert found["wrong"].explanation.startswith("filter: ") and found["wrong"].answer == ANSWERS["wrong"]
    assert found["fails"].explanation == "hallucinated column: no such column: nam"
    assert found["prose"].explanation.startswith("prose")
    metrics = log.results.scores[0].metrics
    assert metrics["accuracy"].value == ours.accuracy.mean == 0.25
    assert metrics["stderr"].value > 0
    assert log.eval.metadata["left_out"] == 1 and "broken" in log.eval.metadata["ungradable"]
    assert log.samples[0].input[0].role == "system" and "CREATE TABLE" not in log.samples[0].input[1].text
    assert not judge._open, "the pool is closed when the run ends"


def test_metrics_are_told_by_difficulty(shop, tmp_path):
    there = shop({name: GOLDS[name] for name in ("right", "wrong", "fails", "prose")})
    rows = [json.loads(line) for line in there.task.read_text().splitlines()]
    kinds = {"right": "easy", "wrong": "easy"}
    there.task.write_text(
        "".join(json.dumps(row | {"difficulty": kinds.get(row["id"], "hard")}) + "\n" for row in rows)
    )
    (log,) = run(text_to_sql(task="jsonl", task_path=str(there.task), workers=1), tmp_path)
    told = {name: one.value for scores in log.results.scores for name, one in scores.metrics.items()}
    assert (told["accuracy"], told["easy"], told["hard"]) == (0.25, 0.5, 0.0)
    assert told["easy, stderr"] == pytest.approx(0.5) and told["hard, stderr"] == 0


def test_a_task_that_cannot_be_graded_is_a_sentence(shop):
    with pytest.raises(ConfigError, match="none of the 1 questions of jsonl can be graded"):
        text_to_sql(task="jsonl", task_path=str(shop({"broken": GOLDS["broken"]}).task))
    judge.close_all()
    with pytest.raises(ConfigError, match="no task named 'wordls'"):
        text_to_sql(task="wordls")


def test_the_file_is_found_by_its_path_as_the_command_line_does(shop, tmp_path, monkeypatch):
    there = shop({"right": GOLDS["right"]})
    monkeypatch.chdir(Path(__file__).parent.parent.parent)
    given = {"task": "jsonl", "task_path": str(there.task), "prompt": "loose"}
    (log,) = run("eval/inspect_tasks/text_to_sql.py", tmp_path, task_args=given)
    assert log.results.scores[0].metrics["accuracy"].value == 1.0 and log.eval.task_args["prompt"] == "loose"
    assert "Think as long as it helps" in log.samples[0].input[0].text
