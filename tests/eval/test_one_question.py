"""One question of a task before a person's eyes."""

import subprocess
import sys

from ..warm import run


def ask(*more: str) -> "subprocess.CompletedProcess[str]":
    return run([sys.executable, "-m", "eval.one_question", "--policy", "policy/seedling", "--task", "worlds", *more])


def test_what_is_asked_written_returned_and_judged_is_shown():
    by_place = ask("--index", "0", "--gold")
    assert by_place.returncode in (0, 1), by_place.stderr
    name = by_place.stdout.split()[0]
    assert "CREATE TABLE" in by_place.stdout and "\ngold      SELECT" in by_place.stdout
    written, verdict = by_place.stdout.split("written   ")[1].split("\n\n", 1)
    assert written.strip()
    assert ("strict right" in verdict) is (by_place.returncode == 0)
    by_name = ask("--id", name)
    assert by_name.returncode == by_place.returncode and written in by_name.stdout
    assert "\ngold " not in by_name.stdout


def test_a_question_that_is_not_there_is_a_sentence_before_any_model():
    for more, said in (("--index", "99999"), "this split has 0 to"), (("--id", "none"), "its first is"):
        told = ask(*more)
        assert told.returncode == 2 and said in told.stderr and "Traceback" not in told.stderr
