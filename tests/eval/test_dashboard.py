"""The dashboard as code: one layout for W&B, for a JSON file and for a page that needs no server."""

import json
import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from envs.execution import Status
from eval.dashboard import layout, main, metrics_of, report, workspace
from eval.dashboard_page import points
from policy.config_error import ConfigError
from policy.tracking.names import GROUPS, STEP

ROOT = Path(__file__).parent.parent.parent
WHOLE = layout([(group, group.charts) for group in GROUPS])
LINES = [
    {"step": 0, "seconds": 0.1, "eval_execution_accuracy": 0.2, "eval_execution_accuracy_low": 0.1}
    | {"eval_execution_accuracy_high": 0.3},
    {"step": 1, "seconds": 1.0, "reward": 0.4, "rewards/blended/mean": 0.4, "sql/ok": 0.5, "loss": float("nan")},
    {"step": 2, "seconds": 2.0, "reward": 0.5, "rewards/blended/mean": 0.5, "sql/ok": 0.75, "a<b/c": 1.0},
    {"step": 2, "seconds": 2.1, "health": {"name": "all_groups_tied"}},
]


@pytest.fixture
def run(tmp_path):
    text = "".join(json.dumps(line) + "\n" for line in LINES)
    (tmp_path / "metrics.jsonl").write_text(text + '{"step": 3, "rew')  # the process died here
    return tmp_path


def test_a_torn_line_costs_no_other(tmp_path):
    lines = [b'{"step": 1}', b'{"step": 2, "rew', b"null", b"\xff", b'{"step": 3, "told": "\xe2\x80\xa8"}', b""]
    (tmp_path / "metrics.jsonl").write_bytes(b"\n".join(lines))
    assert [line["step"] for line in metrics_of(tmp_path)] == [1, 3]


def test_the_layout_has_the_groups_in_their_order_and_every_ending_of_a_query():
    assert [section["title"] for section in WHOLE["sections"]] == [group.title for group in GROUPS]
    endings = next(panel for section in WHOLE["sections"] for panel in section["panels"] if panel["title"] == "Endings")
    assert endings["metrics"] == [f"sql/{status}" for status in Status]
    spread = next(
        p for section in WHOLE["sections"] for p in section["panels"] if p["title"] == "Spread of each reward"
    )
    assert spread["metrics"] == [] and spread["pattern"] == "^(rewards/.*/std|rewards/reward_std)$"


def test_wandb_s_own_classes_take_the_layout():
    pytest.importorskip("wandb_workspaces", reason="pip install wandb-workspaces, which only saving in W&B needs")
    built = workspace(WHOLE, "me", "text-to-sql")
    spec = json.loads(built._to_model().model_dump_json(by_alias=True))["spec"]
    sections = spec["section"]["panelBankConfig"]["sections"]
    assert {group.title for group in GROUPS} < {section["name"] for section in sections}
    plots = [panel["config"] for section in sections for panel in section["panels"] if "Plot" in panel["viewType"]]
    assert len(plots) == sum(len(group.charts) for group in GROUPS)
    assert all(plot["xAxis"] == STEP and (plot["metrics"] or plot["metricRegex"]) for plot in plots)
    grids = [block for block in report(WHOLE, "me", "text-to-sql").blocks if type(block).__name__ == "PanelGrid"]
    assert [len(grid.panels) for grid in grids] == [len(group.charts) for group in GROUPS]


def test_without_the_package_or_a_key_a_sentence_says_what_is_missing():
    plain = {key: value for key, value in os.environ.items() if not key.startswith("WANDB")}
    done = subprocess.run(
        [sys.executable, "-m", "eval.dashboard"],
        cwd=ROOT, capture_output=True, text=True, env=plain | {"WANDB_MODE": "offline", "HOME": "/nonexistent"},
    )  # fmt: skip
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "pip install wandb-workspaces" in done.stderr or "wandb login" in done.stderr
    assert "--output dashboard.html" in done.stderr


def test_it_imports_neither_torch_nor_wandb():
    asked = "import sys, eval.dashboard; print({'torch', 'wandb', 'transformers'} & sys.modules.keys())"
    told = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "set()"


def test_a_run_s_layout_holds_what_it_logged_and_nothing_else(run, tmp_path, capsys):
    main([str(run), "--output", str(tmp_path / "dashboard.json")])
    built = json.loads((tmp_path / "dashboard.json").read_text())
    metrics = [name for section in built["sections"] for panel in section["panels"] for name in panel["metrics"]]
    accuracy = [f"accuracy/execution_accuracy{end}" for end in ("", "_low", "_high")]
    assert sorted(metrics) == sorted(
        [*accuracy, "rewards/reward", "rewards/blended/mean", "sql/ok", "policy/loss", "a<b/c"]
    )
    assert "nothing was sent to W&B" in capsys.readouterr().out


def test_the_page_draws_every_curve_and_needs_nothing_else(run, tmp_path):
    main([str(run), "--output", str(tmp_path / "dashboard.html")])
    text = (tmp_path / "dashboard.html").read_text()
    tags = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: tags.append((tag, dict(attributes)))
    parser.feed(text)
    assert sum(tag == "polyline" for tag, _ in tags) == 5, "one a metric with a finite number; its bounds are a band"
    assert sum(tag == "polygon" for tag, _ in tags) == 1
    assert not [attributes for _, attributes in tags if {"src", "href"} & attributes.keys()]
    assert "a&lt;b/c" in text and "a<b" not in text


def test_a_number_that_is_none_is_left_out_of_a_curve():
    assert points("loss", LINES) == [] and points("reward", LINES) == [(1.0, 0.4), (2.0, 0.5)]


@pytest.mark.parametrize(
    ("arguments", "told"), [(["--output", "x.pdf"], ".json or .html"), (["nowhere"], "there is no")]
)
def test_bad_input_gets_a_sentence(arguments, told):
    with pytest.raises(ConfigError, match=told):
        main(arguments)
