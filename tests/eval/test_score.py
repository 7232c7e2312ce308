"""Scoring samples, run as a person runs it: killed at random, on other files, on golds that grade nobody."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import rewards
from eval.score import main
from eval.scoring import BATCH, scores_beside
from policy.config_error import ConfigError
from policy.scores import fingerprint, read

ROOT = Path(__file__).parents[2]
GOLD = "SELECT name FROM items WHERE price = 4"
GOLDS = {"q1": GOLD, "broken": "SELECT nothing FROM nowhere", "q2": "SELECT count(*) FROM items"}
ANSWERS = {
    "q1": [(GOLD, -1.0), ("SELECT name FROM items WHERE price > 1", -2.0), ("no idea", -3.0)],
    "broken": [("SELECT 1", -1.0), ("SELECT id FROM items", -2.0), ("", -3.0)],
    "q2": [("```sql\nSELECT 4 FROM items LIMIT 1\n```", -1.0), ("SELECT cout(*) FROM items", -2.0), ("SELECT 4", -3.0)],
}


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_every_completion_has_its_verdict_and_every_reward(shop, capsys):
    samples = shop(GOLDS).samples("samples.jsonl", ANSWERS)
    main(["--samples", str(samples)])
    first, broken, second = read(samples, samples.with_name("scores.jsonl"))
    assert [score.correct for score in first.scores] == [True, False, False]
    assert [score.status for score in first.scores] == ["ok", "ok", "no_sql"]
    assert [score.correct for score in second.scores] == [True, False, False], "the last reads no table"
    assert [bool(score.result) for score in second.scores] == [True, False, True]
    assert second.scores[0].result == second.scores[2].result != first.scores[0].result
    assert first.logprobs == (-1.0, -2.0, -3.0) and first.tokens == (10, 10, 10)
    assert {name for score in first.scores for name in score.rewards} == set(rewards.NAMES)
    assert first.scores[0].rewards["blended"] == 1.0 and first.scores[0].rewards["twin_match"] is None
    for score in broken.scores:
        assert (
            score.correct is None
            and "the gold does not run" in score.ungradable
            and set(score.rewards.values()) == {None}
        )
    said = capsys.readouterr().out
    assert "ungradable: broken" in said and "1 of 3 questions cannot grade" in said


def test_twins_are_tried_where_they_are_asked_for(shop):
    samples = shop({"q": GOLD}).samples(
        "dev.jsonl", {"q": [(GOLD, 0.0), ("SELECT name FROM items WHERE id IN (2, 3)", 0.0)]}
    )
    main(["--samples", str(samples), "--twins"])
    (one,) = read(samples, scores_beside(samples))
    assert [(score.correct, score.twins, score.proven) for score in one.scores] == [
        (True, True, True),
        (True, False, False),
    ]
    assert [score.rewards["twin_match"] for score in one.scores] == [1.0, 0.0]


@pytest.fixture
def many(shop) -> Path:
    """Over two batches of questions, each gold asked twice, with answers of like style to both: the second is told what
    the engine said of the first."""
    golds = {f"q{i}": f"SELECT name FROM items WHERE price > {i // 2}" for i in range(2 * BATCH + 9)}
    answers = {
        name: [(gold, -1.0), ("SELECT nope FROM items" if place % 2 else "select NOPE from items", -2.0)]
        for place, (name, gold) in enumerate(golds.items())
    }
    return shop(golds).samples("samples.jsonl", answers)


@pytest.mark.parametrize("kept", [0, 1, BATCH - 1, BATCH, BATCH + 5])
def test_left_anywhere_it_goes_on_to_the_same_bytes(kept, many, tmp_path):
    path = scores_beside(many)
    main(["--samples", str(many)])
    whole = path.read_bytes()
    assert len(lines(path)) == 2 * BATCH + 9 and "NOPE" in lines(path)[1]["scores"][1]["message"]
    rows = whole.splitlines(keepends=True)
    path.write_bytes(b"".join(rows[:kept]) + rows[kept][:70])
    main(["--samples", str(many)])
    assert path.read_bytes() == whole


def test_killed_at_random_and_started_again_it_writes_the_same_bytes(many, tmp_path):
    whole, path = tmp_path / "whole.jsonl", tmp_path / "again.jsonl"
    command = [sys.executable, "-m", "eval.score", "--samples", str(many), "--output"]
    subprocess.run([*command, str(whole)], cwd=ROOT, check=True, capture_output=True, timeout=300)
    killed = 0
    for wanted in (1, BATCH, BATCH + 1):
        begun = subprocess.Popen([*command, str(path)], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while begun.poll() is None and (not path.is_file() or path.read_bytes().count(b"\n") < wanted):
            time.sleep(0.0005)
        begun.send_signal(signal.SIGKILL)
        killed += begun.wait() == -signal.SIGKILL
    assert killed, "it was never killed in between"
    main(["--samples", str(many), "--output", str(path)])
    assert path.read_bytes() == whole.read_bytes()


def test_a_file_of_other_scores_is_refused_and_kept(shop):
    there = shop(GOLDS)
    samples = there.samples("samples.jsonl", ANSWERS)
    main(["--samples", str(samples)])
    path = samples.with_name("scores.jsonl")
    before = path.read_bytes()
    with pytest.raises(ConfigError, match="comparison was 'strict' and is now 'lenient'"):
        main(["--samples", str(samples), "--comparison", "lenient"])
    with pytest.raises(ConfigError, match="twins was False and is now True"):
        main(["--samples", str(samples), "--twins"])
    changed = there.samples("changed.jsonl", ANSWERS | {"q1": [("SELECT 2", -1.0)] * 3})
    with pytest.raises(ConfigError, match="line 1 is not of the completions of q1"):
        main(["--samples", str(changed), "--output", str(path)])
    with pytest.raises(ConfigError, match="made of other completions of q1"):
        read(changed, path)
    assert path.read_bytes() == before
    main(["--samples", str(samples)])
    assert path.read_bytes() == before, "what is done is not done again"


def test_samples_that_are_none_are_refused_with_the_line(shop):
    there = shop(GOLDS)
    samples = there.samples("samples.jsonl", ANSWERS)
    text = samples.read_text()
    for added, told in (
        ("{}\n", "line 4 is not what eval.generate writes"),
        (text.split("\n")[0] + "\n", "line 4 answers q1 once more"),
        (text.split("\n")[0].replace('"test"', '"train"') + "\n", "line 4 answers .*'train'"),
        (text.split("\n")[0].replace('"q1"', '"q9"') + "\n", "has no q9"),
    ):
        samples.write_text(text + added)
        with pytest.raises(ConfigError, match=told):
            main(["--samples", str(samples)])
    with pytest.raises(ConfigError, match="there are no samples at"):
        main(["--samples", str(samples) + "x"])


@pytest.mark.parametrize(
    ("damaged", "told"),
    [
        (lambda line: b"\xff" + line, "is not UTF-8 text"),
        (lambda line: b"[" * 100_000, "line 1 is not what eval.generate writes"),
        (lambda line: line.replace(b'"example": "q1"', b'"example": ["q1"]'), "its example is no text"),
        (lambda line: line.replace(b'"task": "', b'"task": 5, "was": "'), "task of q1 is 5"),
        (lambda line: line.replace(b'"task_path": "', b'"task_path": 5, "was": "'), "task_path of q1 is 5"),
        (lambda line: line.replace(b'"text": "no idea"', b'"text": 7'), "the text of completion 3 of q1 is '7'"),
        (lambda line: line.replace(b"-1.0", b"NaN"), "logprob_sum of completion 1 of q1 is nan"),
    ],
)
def test_damaged_samples_are_a_sentence(damaged, told, shop):
    samples = shop(GOLDS).samples("samples.jsonl", ANSWERS)
    samples.write_bytes(damaged(samples.read_bytes().split(b"\n")[0]) + b"\n")
    with pytest.raises(ConfigError, match=told):
        main(["--samples", str(samples)])


@pytest.mark.parametrize(
    ("was", "damaged", "told"),
    [
        (b'"correct": true', b'"correct": "yes"', "correct is 'yes', which is text"),
        (b'"columns": 1', b'"columns": "1"', "columns is '1', which is text; it must be an integer"),
        (b'"parseable": 1.0', b'"parseable": NaN', "rewards.parseable is nan"),
    ],
)
def test_damaged_scores_are_a_sentence(was, damaged, told, shop):
    samples = shop(GOLDS).samples("samples.jsonl", ANSWERS)
    main(["--samples", str(samples)])
    scores = samples.with_name("scores.jsonl")
    assert was in scores.read_bytes()
    scores.write_bytes(scores.read_bytes().replace(was, damaged, 1))
    with pytest.raises(ConfigError, match=told):
        read(samples, scores)


@pytest.mark.parametrize("there", [b"one line, nowhere ended", b'{"schema": 4', b"a line\nand another"])
def test_a_file_that_is_not_of_scores_stays_as_it_is(there, shop, tmp_path):
    samples = shop(GOLDS).samples("samples.jsonl", ANSWERS)
    other = tmp_path / "notes.txt"
    other.write_bytes(there)
    with pytest.raises(ConfigError, match=r"notes\.txt"):
        main(["--samples", str(samples), "--output", str(other)])
    assert other.read_bytes() == there


def test_an_output_that_cannot_be_written_or_is_being_written_is_a_sentence(shop, tmp_path):
    samples = shop(GOLDS).samples("samples.jsonl", ANSWERS)
    for output in (tmp_path, samples / "scores.jsonl", Path("/dev/full")):
        with pytest.raises(ConfigError, match=r"a folder|cannot be written"):
            main(["--samples", str(samples), "--output", str(output)])
    held = tmp_path / "held.jsonl"
    lock = "import fcntl, sys; f = open(sys.argv[1], 'a'); fcntl.flock(f, fcntl.LOCK_EX); print(1, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", lock, str(held)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout and other.stdout.readline()
        with pytest.raises(ConfigError, match="another process is scoring into"):
            main(["--samples", str(samples), "--output", str(held)])
        other.communicate(b"\n")


def test_a_line_that_is_still_being_written_is_left_for_later(shop):
    samples = shop(GOLDS).samples("samples.jsonl", ANSWERS)
    whole = samples.read_bytes()
    samples.write_bytes(whole[:-40])
    main(["--samples", str(samples)])
    assert [line["example"] for line in lines(samples.with_name("scores.jsonl"))] == ["q1", "broken"]
    samples.write_bytes(whole)
    main(["--samples", str(samples)])
    last = lines(samples.with_name("scores.jsonl"))[-1]
    assert last["example"] == "q2" and last["of"] == fingerprint([text for text, _ in ANSWERS["q2"]])


def test_scoring_and_selecting_load_no_torch():
    asked = "import sys, eval.score, eval.select; print(sorted({'torch', 'transformers', 'trl'} & sys.modules.keys()))"
    told = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
