import gzip
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from eval.rollouts.__main__ import main


def nothing(run: Path) -> None:
    shutil.rmtree(run)


def no_rollouts(run: Path) -> None:
    (run / "rollouts" / "train-0.jsonl.gz").unlink()


def first_torn(run: Path) -> None:
    (run / "rollouts" / "train-0.jsonl.gz").write_bytes(gzip.compress(b"{}")[:-3])


def old(run: Path) -> None:
    no_rollouts(run)
    (run / "rollouts" / "train-0.jsonl").write_text('{"schema": 1, "step": 0}\n')


def newer(run: Path) -> None:
    (run / "rollouts" / "train-0.jsonl.gz").write_bytes(gzip.compress(b'{"schema": 3, "step": 0, "example": "e"}\n'))


def torn_config(run: Path) -> None:
    (run / "config.yaml").write_bytes(bytes(range(256)))


def another_config(run: Path) -> None:
    (run / "config.yaml").write_text("rewards: [blended]\n")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (nothing, "is not there, so it is no run's folder"),
        (no_rollouts, "holds no rollouts: the run has not generated yet"),
        (first_torn, "no whole batch of rollouts"),
        (old, "older version"),
        (newer, "schema 3"),
        (torn_config, "config.yaml is not a text file"),
        (another_config, "rewards is ['blended']; it must be a mapping"),
    ],
)
def test_what_cannot_be_shown_is_refused_with_a_sentence(copied, damage, said):
    damage(copied)
    told = subprocess.run([sys.executable, "-m", "eval.rollouts", str(copied)], capture_output=True, text=True)
    assert told.returncode == 2 and said in told.stderr and "Traceback" not in told.stderr
    assert not (copied / "rollouts.html").exists()


def test_a_torn_file_shows_what_is_whole_and_says_so(browser, copied):
    file = copied / "rollouts" / "train-0.jsonl.gz"
    file.write_bytes(file.read_bytes()[:-100])
    main([str(copied)])
    browser.open(copied / "rollouts.html", "#step=99")
    assert browser.ask("document.querySelector('#step h2').textContent") == "Step 4"
    told = browser.ask("document.getElementById('notes').textContent")
    assert "train-0.jsonl.gz holds a batch that breaks off" in told
    assert "had not finished when this page was made: it goes up to step 4" in browser.ask(
        "document.getElementById('notes').textContent"
    )


def test_building_the_page_needs_no_torch():
    asked = "import sys, eval.rollouts.__main__; print(sorted({'torch', 'trl', 'transformers'} & sys.modules.keys()))"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
