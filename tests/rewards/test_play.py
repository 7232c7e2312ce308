"""Typing at the sandbox by hand, through a pipe and through a real terminal."""

import io
import json
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from envs.execution import Execution, Status
from rewards.play import ends, inputs
from rewards.rollout_text import asked, schema, table, told

ROOT = Path(__file__).parent.parent.parent
SCRIPT = "CREATE TABLE t (a INTEGER, b TEXT); INSERT INTO t VALUES (1, 'x'), (2, 'y'), (3, NULL);"
ROWS = [
    {"id": "sum", "question": "What is the sum?", "sql": "SELECT sum(a) FROM t", "evidence": "a is a number"},
    {"id": "b", "question": "Which b?", "sql": "SELECT b FROM t"},
]


@pytest.fixture
def command(tmp_path) -> list[str]:
    (tmp_path / "mine.jsonl").write_text(
        "\n".join(json.dumps(row | {"script": SCRIPT, "split": "test"}) for row in ROWS)
    )
    path = str(tmp_path / "mine.jsonl")
    return [sys.executable, "-m", "rewards.play", "--task", "jsonl", "--task_path", path, "--split", "test"]


def piped(command: list[str], typed: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, input=typed, capture_output=True, text=True, timeout=120)


def test_sql_from_a_pipe_is_judged_and_the_gold_shown_only_when_asked_for(command):
    said = piped(command, "SELECT sum(a)\n  FROM t; -- all\nDELETE FROM t\n\nSELECT a, b FROM t")
    assert (said.returncode, said.stderr) == (0, "")
    right, refused, wrong = said.stdout.split("sql> ")[1:]
    assert "What is the sum?" in said.stdout and "a is a number" in said.stdout and "CREATE TABLE t" in said.stdout
    assert "strict right" in right and "blended            1.000" in right and "\n  6\n" in right
    assert "rejected" in refused and "found delete" in refused and "blended            0.000" in refused
    assert "strict wrong" in wrong and "2 columns, expected 1" in wrong and "\n  3  NULL\n" in wrong
    assert "SELECT sum(a) FROM t" not in said.stdout and "\033" not in said.stdout
    assert "SELECT sum(a) FROM t" in piped(command, ".gold\n").stdout


def test_dot_commands_move_between_examples_and_end(command):
    said = piped([*command, "--example", "b"], ".next\n.prev\n.id sum\n.id c\n.nope\n.help\n.quit\nSELECT 1;\n").stdout
    questions = [line for line in said.splitlines() if line in ("What is the sum?", "Which b?")]
    assert questions == ["Which b?", "What is the sum?", "Which b?", "What is the sum?"]
    assert "no example of this split has the id 'c'" in said and "there is no command .nope" in said
    assert ".gold          the gold SQL" in said and "SELECT 1" not in said


def test_an_example_that_is_not_there_is_said_before_anything_starts(command):
    said = piped([*command, "--example", "c"], "")
    assert said.returncode == 2 and "no example 'c'; its first is 'sum'" in said.stderr


def test_what_ends_an_answer(monkeypatch):
    typed = "\n.gold\nSELECT ';'\n, 2 ; -- done\n\n.id 3\nSELECT 1\n.5\n\nSELECT 2"
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    assert list(inputs()) == [".gold", "SELECT ';'\n, 2 ; -- done", ".id 3", "SELECT 1\n.5", "SELECT 2"]
    assert ends("a; /* b */\n") and not ends("a ';") and not ends("a; b") and not ends("-- a;")


def test_a_wide_or_long_result_says_how_much_of_it_is_shown(monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    rows = tuple((i, "x" * 60, None) + ("y" * 30,) * 5 for i in (1, 200))
    printed = table(Execution(Status.OK, columns=8, rows=1000, sample=rows))
    assert printed.splitlines()[0].startswith("    1  " + "x" * 37 + "...  NULL  y")
    assert printed.endswith("1,000 rows (2 shown), 8 columns (4 shown)")
    assert max(map(len, printed.splitlines())) <= 100
    assert table(Execution(Status.OK, columns=2)) == "  0 rows, 2 columns"


def test_what_is_not_proven_says_why(make_rollout):
    assert "vacuous, refuted by a twin: not proven" in told(make_rollout(vacuous=True, twins=False, overlap=0.5))
    assert "overlap   0.500" in told(make_rollout(overlap=0.5))
    unscored = told(make_rollout(strict=None, ungradable="the gold does not run"))
    assert "no ruler  the gold does not run" in unscored and "blended            unscored" in unscored


def test_a_long_schema_is_cut_until_it_is_asked_for(make_rollout):
    example = replace(make_rollout().example, schema="\n".join(f"CREATE TABLE t{i} (a);" for i in range(50)))
    assert "20 more lines; .schema shows them" in asked(example, "1 of 1") and "t49" in schema(example)


def on_a_terminal(command: list[str], steps: list[tuple[bytes, bytes]], **environment: str) -> tuple[int, str]:
    """Send each text and wait until its mark is printed; the exit code and all that the terminal showed."""
    pty, fcntl, termios = (pytest.importorskip(name) for name in ("pty", "fcntl", "termios"))
    ours, theirs = pty.openpty()

    def take_the_terminal() -> None:
        """Ctrl-C counts there, also where the tests themselves were started to ignore it (in the background)."""
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    process = subprocess.Popen(
        command,
        **dict.fromkeys(("stdin", "stdout", "stderr"), theirs),
        cwd=ROOT,
        start_new_session=True,
        preexec_fn=take_the_terminal,
        env={k: v for k, v in os.environ.items() if k != "NO_COLOR"} | {"TERM": "xterm", **environment},
    )
    os.close(theirs)
    shown = b""
    for text, mark in [(b"", b"sql> "), *steps]:
        time.sleep(0.3)  # so that what a Ctrl-C is to stop has begun
        os.write(ours, text)
        seen, end = b"", time.monotonic() + 60
        while mark not in seen and select.select([ours], [], [], end - time.monotonic())[0]:
            seen += os.read(ours, 65536)
        shown += seen
        assert mark in seen, shown.decode()
    os.write(ours, b"\x04")
    try:
        return process.wait(60), shown.decode()
    finally:
        process.kill()
        os.close(ours)


def test_on_a_terminal_ctrl_c_drops_what_was_begun_or_stops_what_runs_and_ctrl_d_ends(command):
    endless = b"WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c;"
    steps = [
        (b"SELECT nonsense\n", b"...> "),
        (b"\x03", b"sql> "),
        (endless + b"\n", b";\r\n"),
        (b"\x03", b"sql> "),
        (b"SELECT sum(a) FROM t;\n", b"sql> "),
    ]
    code, shown = on_a_terminal(command, steps)
    assert code == 0
    assert "stopped" in shown and "timeout" not in shown and "missing_column" not in shown
    assert "strict \033[32mright\033[0m" in shown


def test_no_color_is_respected(command):
    code, shown = on_a_terminal(command, [(b"SELECT sum(a) FROM t;\n", b"sql> ")], NO_COLOR="1")
    assert code == 0 and "strict right" in shown and "\033[3" not in shown
