"""One folder, one run: what is there is never overwritten, and a resumed run is the same run."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from policy.config import ConfigError
from policy.run_folder import append_json, open_run

CONFIG = "task: worlds  # file\nlearning_rate: 1.0e-06\n"


def test_a_new_run_gets_its_folders_and_its_config(tmp_path):
    folder = open_run(tmp_path / "runs/one", CONFIG, resume=False)
    assert folder.config.read_text() == CONFIG
    assert folder.rollouts.is_dir() and folder.evaluations.is_dir() and not folder.begun()


def test_a_folder_that_holds_anything_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ConfigError, match="already holds a run; add --resume"):
        open_run(tmp_path, CONFIG, resume=False)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "run").write_text("")
    with pytest.raises(ConfigError, match="is a file"):
        open_run(tmp_path / "run", CONFIG, resume=False)


def test_resuming_asks_for_the_same_config_whatever_its_comments_say(tmp_path):
    open_run(tmp_path / "run", CONFIG, resume=False)
    open_run(tmp_path / "run", CONFIG.replace("# file", "# command line"), resume=True)
    with pytest.raises(ConfigError, match=r"learning_rate was 1e-06 and is now 0\.5"):
        open_run(tmp_path / "run", CONFIG.replace("1.0e-06", "0.5"), resume=True)


def test_a_folder_is_one_process_s_until_it_ends(tmp_path):
    other = "import sys; from pathlib import Path; from policy.run_folder import open_run; "
    other += "open_run(Path(sys.argv[1]), sys.argv[2], resume=sys.argv[3] == 'True')"
    command = [sys.executable, "-c", other, str(tmp_path / "run"), CONFIG]
    assert subprocess.run([*command, "False"]).returncode == 0
    open_run(tmp_path / "run", CONFIG, resume=True)
    open_run(tmp_path / "run", CONFIG, resume=True)
    for resume in ("True", "False"):
        told = subprocess.run([*command, resume], capture_output=True, text=True)
        assert told.returncode == 1 and "another process is at work in" in told.stderr


@pytest.mark.parametrize("text", ["", "a: [", "- 1\n", "\0"])
def test_a_config_that_was_torn_is_named(tmp_path, text):
    open_run(tmp_path / "run", CONFIG, resume=False).config.write_text(text)
    with pytest.raises(ConfigError, match=r"config\.yaml"):
        open_run(tmp_path / "run", CONFIG, resume=True)


def test_there_must_be_something_to_resume(tmp_path):
    with pytest.raises(ConfigError, match="no run to resume"):
        open_run(tmp_path / "nothing", CONFIG, resume=True)
    assert not (tmp_path / "nothing").exists()


def test_a_line_is_in_the_file_as_soon_as_it_is_told(tmp_path):
    for number in range(3):
        append_json(tmp_path / "metrics.jsonl", {"step": number, "word": "é"})
    lines = (tmp_path / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["step"] for line in lines] == [0, 1, 2]


def test_a_run_from_before_there_were_styles_of_schemas_is_resumed_as_it_began(tmp_path: Path) -> None:
    open_run(tmp_path / "run", "task: worlds\n", resume=False)
    open_run(tmp_path / "run", "task: worlds\nschema_style: ddl\n", resume=True)
    with pytest.raises(ConfigError, match="schema_style was 'ddl' and is now 'compact'"):
        open_run(tmp_path / "run", "task: worlds\nschema_style: compact\n", resume=True)


def test_a_start_that_failed_after_its_lessons_and_trackers_were_written_can_be_started_again(tmp_path):
    folder = open_run(tmp_path / "run", CONFIG, resume=False)
    for name in ("lessons.jsonl", "tracking.json", "tensorboard/events.out.tfevents.1", "wandb/run-1/run-1.wandb"):
        (folder.path / name).parent.mkdir(parents=True, exist_ok=True)
        (folder.path / name).write_text("{}\n")
    assert not open_run(tmp_path / "run", CONFIG, resume=False).others()
    left = {file.name for file in folder.path.iterdir()}
    assert "wandb" in left and not left & {"lessons.jsonl", "tracking.json", "tensorboard"}
