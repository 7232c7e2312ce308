"""Questions are selected by what was measured, exactly, whatever was killed in between."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from envs.example import Database, Example
from envs.sql_env import SqlEnv
from policy.config import ConfigError
from policy.run_folder import RunFolder, write_whole
from policy.weights import fingerprint
from rl.config import read as read_config
from rl.curriculum.conditions import head_of
from rl.curriculum.measure import measure, rated
from rl.curriculum.pass_rates import Rate, append, begin, read
from rl.curriculum.selection import open_rates, same_rates, select
from rl.curriculum.settled import by_rollouts, choose
from rl.curriculum.table import told

from ..warm import ALONE, ROOT, Warm
from ..warm import run as finished

SCRIPT = "CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1), (2), (5);"
RIGHT, WRONG = "SELECT SUM(a) FROM t", "SELECT MAX(a) FROM t"


def example(name: str, gold: str = RIGHT) -> Example:
    return Example(name, "?", Database("sqlite", script=SCRIPT), "", "t", gold, "sqlite", difficulty="easy")


EXAMPLES = [example(f"q{number}") for number in range(7)]
EMPTY = example("empty", "SELECT a FROM t WHERE a > 9")
BROKEN = example("broken", "SELECT b FROM t")


@pytest.fixture
def config(tmp_path: Path):
    """Reads a config beside it that trains a small policy, with whatever else is typed."""
    policy = tmp_path / "policy"
    policy.mkdir()
    (policy / "config.json").write_text("{}")
    (policy / "model.safetensors").write_bytes(b"weights")
    file = tmp_path / "grpo_small.yaml"
    file.write_text(f"task: worlds\nmodel_name_or_path: {policy}\nanswer_batch_size: 12\n")
    return lambda line="": read_config(["--config", str(file), *line.split()])


@pytest.fixture
def env():
    with SqlEnv([*EXAMPLES, EMPTY, BROKEN], workers=1) as found:
        yield found


def answers(batch: list[Example], samples: int = 4) -> list[list[str]]:
    """What depends, as a policy's samples do, on who else is in the batch: question n of it is right n times."""
    return [[RIGHT] * min(at, samples) + [WRONG] * (samples - min(at, samples)) for at in range(len(batch))]


def measured(config, env, path: Path, limit: int | None = None, ask=answers) -> bytes:
    measure(begin(path, head_of(config(), samples=4)), EXAMPLES, limit, env, ask, lambda done, wanted: None)
    return path.read_bytes()


def rates_file(config, path: Path, *rights: int) -> str:
    """A file of 4 samples a question, so many of them right."""
    begin(path, head_of(config(), samples=4))
    append(path, [Rate(f"q{at}", 4, right, 0, 1) for at, right in enumerate(rights)])
    return f"--pass_rates {path}"


def test_a_rate_counts_what_a_reward_may_pay_for_and_unscored_answers_apart(env):
    def found(one: Example, *texts: str) -> Rate:
        return rated(one, env.play_batch([(one.id, text) for text in texts]))

    one = found(EXAMPLES[0], RIGHT, RIGHT.lower(), WRONG, "no query", "")
    assert (one.samples, one.right, one.unscored, one.pass_rate) == (5, 2, 0, 0.4) and one.distinct_sql >= 2
    assert found(EMPTY, EMPTY.gold_sql, "SELECT a FROM t WHERE a < 0").pass_rate == 0, "both empty proves nothing"
    assert found(BROKEN, RIGHT, WRONG).unscored == 2 and found(BROKEN, RIGHT).pass_rate is None
    assert Rate("q", 4, 1, 2, 1).pass_rate == 0.5


def test_wherever_the_file_was_left_it_ends_the_same(config, env, tmp_path):
    whole = measured(config, env, tmp_path / "whole")
    lines = whole.splitlines(keepends=True)
    assert len(lines) == 8
    for cut in (len(lines[0]), len(whole) - 1, len(b"".join(lines[:3])), len(b"".join(lines[:5])) + 9):
        torn = tmp_path / f"torn{cut}"
        torn.write_bytes(whole[:cut])
        assert measured(config, env, torn) == whole
    assert measured(config, env, tmp_path / "few", limit=5) == b"".join(lines[:6])
    assert measured(config, env, tmp_path / "few") == whole, "a limit changes no sample of the batch it cuts through"


def test_what_is_measured_is_not_asked_again(config, env, tmp_path):
    before = measured(config, env, tmp_path / "rates")
    assert measured(config, env, tmp_path / "rates", ask=lambda batch: pytest.fail("asked")) == before


@pytest.mark.parametrize("line", ["--temperature 0.7", "--seed 2", "--prompt loose", "--answer_batch_size 8"])
def test_a_file_that_was_measured_otherwise_is_not_gone_on_with(config, tmp_path, line):
    rates_file(config, tmp_path / "rates", 1)
    with pytest.raises(ConfigError, match=r"was measured otherwise: .* was .* and is now .*--output"):
        begin(tmp_path / "rates", head_of(config(line), samples=4))
    assert len(read(tmp_path / "rates").rates) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"example": "q0"}\n', "is no file of pass rates"),
        ("", "is no file of pass rates"),
        ("HEAD{}\n", "line 2 is no pass rate"),
        ("HEADLINELINE", "line 3: q0 was measured before"),
        ('{"pass_rates": 0}\n', "another version of the lab"),
    ],
)
def test_a_broken_file_is_refused_with_its_place(config, tmp_path, text, said):
    rates_file(config, tmp_path / "good", 1)
    head, line = (tmp_path / "good").read_text().splitlines(keepends=True)
    (tmp_path / "rates").write_text(text.replace("HEAD", head).replace("LINE", line))
    with pytest.raises(ConfigError, match=said):
        read(tmp_path / "rates")


def test_what_is_never_or_always_solved_is_left_out_and_what_is_unmeasured_is_kept(config, tmp_path):
    resolved = config(rates_file(config, tmp_path / "rates", 0, 1, 2, 3, 4))
    append(tmp_path / "rates", [Rate("q5", 4, 0, 4, 0)])
    chosen = select(open_rates(resolved), EXAMPLES, resolved.own.keep_pass_rate)
    assert [kept.id for kept in chosen.kept] == ["q1", "q2", "q3", "q5", "q6"]
    assert chosen.left_out == (("q0", "never solved: 0 of 4 right"), ("q4", "always solved: 4 of 4 right"))
    assert chosen.unmeasured == 2 and "2 of 7 training questions" in chosen.summary()
    chosen.write(tmp_path / "left_out.jsonl")
    assert json.loads((tmp_path / "left_out.jsonl").read_text().splitlines()[0])["example"] == "q0"
    names = [select(open_rates(resolved), EXAMPLES[:5], ends).kept for ends in ([0.25, 1.0], [None, 0.75])]
    assert [[kept.id for kept in part] for part in names] == [["q2", "q3"], ["q0", "q1", "q2"]]


def test_rates_of_another_policy_or_prompt_need_a_word_and_those_of_another_task_are_useless(config, tmp_path):
    line = rates_file(config, tmp_path / "rates", 1)
    assert open_rates(config(f"{line} --seed 9 --train_size 4"))
    (tmp_path / "policy/model.safetensors").write_bytes(b"weights, trained")
    with pytest.raises(ConfigError, match=r"measured otherwise: weights was .* or write other_pass_rates: true"):
        open_rates(config(line))
    assert open_rates(config(f"{line} --other_pass_rates --temperature 0.5"))
    with pytest.raises(ConfigError, match="task was 'worlds' and is now 'storefront'") as caught:
        open_rates(config(f"{line} --other_pass_rates --task storefront"))
    assert "other_pass_rates: true" not in str(caught.value)
    with pytest.raises(ConfigError, match=r"there are no pass rates .*nowhere: python -m rl.curriculum"):
        open_rates(config("--pass_rates nowhere"))


def test_a_run_is_not_resumed_on_rates_that_have_changed(config, tmp_path):
    resolved = config(rates_file(config, tmp_path / "rates", 0, 2))
    chosen = select(open_rates(resolved), EXAMPLES, [0.0, 1.0])
    folder = RunFolder(tmp_path / "run")
    same_rates(folder, chosen)
    write_whole(tmp_path / "run/environment.json", json.dumps({"pass_rates": chosen.facts()}))
    same_rates(folder, chosen)
    append(tmp_path / "rates", [Rate("q2", 4, 4, 0, 1)])
    with pytest.raises(ConfigError, match=r"has changed since .*run was started"):
        same_rates(folder, select(open_rates(resolved), EXAMPLES, [0.0, 1.0]))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--pass_rates x --keep_pass_rate [0.5]", "it needs two numbers"),
        ("--pass_rates x --keep_pass_rate [0.9,0.1]", "the lower one first"),
        ("--pass_rates x --keep_pass_rate [null,1.5]", r"must lie in \[0, 1\]"),
        ("--keep_pass_rate [0.1,0.9]", "would be ignored: pass_rates names no file"),
        ("--drop_settled 0", "drop_settled is 0; it must be at least 1 epoch"),
    ],
)
def test_keys_that_cannot_work_are_refused(config, line, said):
    with pytest.raises(ConfigError, match=said):
        config(line)


def test_a_fingerprint_follows_the_weights_and_not_the_folder(tmp_path):
    for name, weights in (("a", b"1"), ("b", b"1"), ("c", b"2")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text("{}")
        (tmp_path / name / "model.safetensors").write_bytes(weights)
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    (adapter / "adapter_model.safetensors").write_bytes(b"lora")
    found = []
    for base in ("a", "b", "c"):
        (adapter / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": str(tmp_path / base)}))
        found.append((fingerprint(str(tmp_path / base)), fingerprint(str(adapter))))
    assert found[0] == found[1] and found[0][0] != found[2][0] and found[0][1] != found[2][1]


def test_the_table_says_how_many_questions_teach_nothing():
    rates = [Rate(f"q{at}", 4, right, 0, 1, "easy", "shop") for at, right in enumerate((0, 0, 2, 4))]
    text = told([*rates, Rate("q9", 4, 0, 4, 0, "hard", "zoo")], lambda rate: rate.right == 2)
    assert "4 questions, 4 completions each; mean pass rate 37.5%" in text and "1 more have no scored" in text
    assert "never solved    50.0%  [15.0, 85.0]" in text and "1 of 5 questions would be kept" in text
    assert "  0 of 4 right       2  ####" in text and "| easy | 4 | 37.5% | 2 | 1 | 1 |" in text
    assert "| hard | 1 | unscored | 0 | 0 | 0 |" in text


def rows(epoch: float, **groups: str):
    """A row a letter: r right, w wrong, c right by a constant, - unscored."""
    verdicts = {"r": True, "w": False, "c": True, "-": None}
    return [
        {"example": name, "epoch": epoch, "correct": verdicts[letter], "vacuous": False, "constant": letter == "c"}
        | {"twins": None, "step": 0, "schema": 2}
        for name, letters in groups.items()
        for letter in letters
    ]


def test_settled_questions_make_room_for_unsettled_ones_and_the_epoch_stays_as_long():
    seen = rows(0.0, a="rrr", b="rwr", c="wwc") + rows(0.5, d="--", e="r-r", f="rw")
    names = list("abcdefg")
    chosen = choose(seen, names, epoch=1, seed=3, last=1)
    assert len(chosen) == 7
    assert [chosen[at] for at in (1, 3, 5, 6)] == [1, 3, 5, 6], "unsettled: mixed, unscored, not asked"
    assert {chosen[at] for at in (0, 2, 4)} <= {1, 3, 5, 6}
    assert chosen == choose(reversed(seen), names, epoch=1, seed=3, last=1)
    assert len({tuple(choose(seen, names, 1, seed, 1)) for seed in range(20)}) > 5
    many = choose(rows(0.0, **dict.fromkeys("abcdefgh", "ww")), "abcdefghijkl", epoch=1, seed=0, last=1)
    assert [many.count(at) for at in (8, 9, 10, 11)] == [2] * 4, "twice at most, though more are settled"
    assert len(set(many) & set(range(8))) == 4
    assert choose(rows(0.0, a="rr", b="ww"), ["a", "b"], 1, 0, 1) == [0, 1], "all settled: all are asked"


def test_what_was_settled_once_must_stay_so_for_every_epoch_asked_and_is_looked_at_again():
    one = rows(0.0, a="rr", b="ww") + rows(1.9, a="rr", b="rr")
    assert choose(one, ["a", "b"], epoch=2, seed=0, last=2) == [1, 1], "b was all wrong and then all right: it moves"
    assert choose(one, ["a", "b"], epoch=4, seed=0, last=2) == [0, 1], "nobody asked them for two epochs"


def test_the_choice_is_made_from_whole_rollouts_of_earlier_epochs_alone(tmp_path):
    from policy.rollouts import Rollouts

    early, late = rows(0.0, a="rr", b="rw"), rows(1.0, a="ww")
    for process, part in enumerate((early, late)):
        Rollouts(tmp_path, process).append(part)
    waited: list[int] = []
    choice = by_rollouts(tmp_path, ["a", "b"], seed=0, last=1, wait=lambda: waited.append(1))
    assert choice(0) is None and not waited
    assert choice(1) == [1, 1] and waited == [1], "the epoch that has begun says nothing about itself"


@pytest.mark.slow
def test_killed_and_run_again_the_seedling_s_file_is_the_same_to_the_byte(tmp_path):
    command = [sys.executable, "-m", "rl.curriculum", "--config", "configs/grpo_seedling.yaml", "--train_size", "12"]
    command += ["--samples", "4", "--max_completion_length", "32", "--answer_batch_size", "8", "--output"]

    whole, killed = tmp_path / "whole", tmp_path / "killed"
    done = subprocess.run([*command, str(whole)], cwd=ROOT, env=ALONE, capture_output=True, text=True)
    assert "questions would be kept" in done.stdout, done.stderr
    assert len(whole.read_bytes().splitlines()) > 8
    for number, code in ((signal.SIGTERM, 130), (signal.SIGKILL, -signal.SIGKILL)):
        process = Warm([*command, killed])
        lines = len(killed.read_bytes().splitlines()) if killed.exists() else 1
        while process.poll() is None and (not killed.exists() or len(killed.read_bytes().splitlines()) <= lines):
            time.sleep(0.01)
        process.send_signal(number)
        assert process.communicate(timeout=60) and process.returncode == code
        assert lines < len(killed.read_bytes().splitlines()) < len(whole.read_bytes().splitlines())
        assert whole.read_bytes().startswith(killed.read_bytes())
    done = finished([*command, killed])
    assert killed.read_bytes() == whole.read_bytes(), done.stderr
