"""The command as a person runs it, on the seedling: told what fails, left and gone on with, a table at its end."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent.parent
FAMILY = """
question: Does the prompt matter to the seedling, untrained?
command: eval.generate
also: {policy: policy/seedling, task: worlds, limit: 6}
runs:
  strict: {prompt: strict, max_new_tokens: 24}
  loose: {prompt: loose, max_new_tokens: 24}
  endless: {max_new_tokens: 5000}
reference: strict
"""


def started(folder: Path) -> "subprocess.Popen[str]":
    words = ["--config", str(folder / "ablation_prompt.yaml"), "--output_dir", str(folder / "out")]
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "eval.ablation", *words], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


@pytest.mark.slow
def test_left_and_gone_on_with_one_member_failing_it_tells_both_and_compares_the_rest(tmp_path):
    (tmp_path / "ablation_prompt.yaml").write_text(FAMILY)
    first = started(tmp_path)
    while not (tmp_path / "out/strict_seed1/samples.jsonl").exists():
        assert first.poll() is None
        time.sleep(0.1)
    first.send_signal(signal.SIGTERM)
    said, _ = first.communicate(timeout=120)
    assert first.returncode == 130 and "the same command goes on with it" in said
    kept = (tmp_path / "out/strict_seed1/samples.jsonl").read_text()
    second = started(tmp_path)
    said, _ = second.communicate(timeout=300)
    assert second.returncode == 1, said
    assert (tmp_path / "out/strict_seed1/samples.jsonl").read_text().startswith(kept)
    assert "failed, the others go on" in said and "no prompt leaves room for --max_new_tokens 5000" in said
    told = json.loads((tmp_path / "out/ablation.json").read_text())
    assert [row["name"] for row in told["rows"]] == ["strict", "loose"] and told["questions"] == 6
    assert [Path(name).name for name in told["failed"]] == ["endless_seed1"]
    assert told["verdict"] in said and "loose is not told apart from strict" in told["verdict"]
