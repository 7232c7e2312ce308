"""The command as somebody types it: exit status, JSON, a real terminal, nothing raw on it."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from policy.config_error import ConfigError
from serve.ask import main

from .conftest import shop_at

ROOT = Path(__file__).parents[2]
RAW = ("\x1b[2J", "\x07", "\u202e")


def asked(shop: Path, *more: str) -> list[str]:
    return ["--policy", "policy/seedling", "--database", str(shop), *more]


def test_it_answers_and_says_so_by_its_exit_status(shop: Path, capsys: pytest.CaptureFixture[str]):
    assert main(asked(shop, "How many customers are there?")) == 0
    told = capsys.readouterr().out
    assert "checks: reads only, 1 table" in told and "1 row, " in told and "\x1b" not in told
    assert main(asked(shop, "--json", "--no_repair", "What is the age of Ann?")) == 1
    answer = json.loads(capsys.readouterr().out)
    assert "column that is not there" in answer["error"] and len(answer["candidates"]) == 1


def test_what_the_database_holds_is_shown_and_not_obeyed(shop: Path, capsys: pytest.CaptureFixture[str]):
    assert main(asked(shop, "Show the names of all customers.")) == 0
    told = capsys.readouterr().out
    assert not [raw for raw in RAW if raw in told]
    assert "\\u001b[2J\\u0007evil\\u202e" in told


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (["--samples", "0", "q"], "--samples is 0"),
        (["--seconds", "nan", "q"], "--seconds is nan"),
        (["--memory", "8", "q"], "--memory is 8"),
        (["  "], "the question is empty"),
        (["q" * 10_001], "has 10,001 characters"),
        (["caf\udce9?"], "the question is no UTF-8 text at character 4"),
        (["--seed", "-1", "q"], "--seed is -1"),
        (["--tables", "", "q"], "--tables is ''"),
        (["--prompt", "strict", "--prompt", "loose", "--samples", "1", "q"], "2 policies or prompts write"),
        (["--max_new_tokens", "5000", "q"], "takes 4,096 of schema, question and answer"),
        (["--in_place", "q"], "--in_place needs --write"),
        (["--write", "--in_place", "q"], "needs a terminal"),
        (["--json"], "--json answers one question"),
        (["--tables", "nope", "q"], "--tables names 'nope'"),
        (["--server_url", "ftp://x", "q"], "has no http"),
    ],
)
def test_bad_input_is_a_sentence(shop: Path, more: list[str], why: str):
    with pytest.raises(ConfigError, match=why):
        main(asked(shop, *more))


def test_a_missing_file_ends_with_2_and_loads_nothing(tmp_path: Path):
    command = [sys.executable, "-m", "serve.ask", *asked(tmp_path / "no.sqlite", "q")]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr == f"error: --database {tmp_path}/no.sqlite is not there; name a SQLite or DuckDB file\n"


PROMPT = re.compile(r"ask> (?:\x1b\[[?\d;]*[a-zA-Z]|\x02|\x01)*$")


class Terminal:
    """A real terminal with the command in it."""

    def __init__(self, command: list[str], **settings: str) -> None:
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.chdir(ROOT)
            os.environ.update({"TERM": "xterm-256color", **settings})
            os.execv(sys.executable, [sys.executable, *command])
        self.seen = ""

    def until(self, text: str, seconds: float = 90.0) -> str:
        """What is written up to `text`, from where the last look ended."""
        began, end = len(self.seen), time.monotonic() + seconds
        while text not in self.seen[began:]:
            assert time.monotonic() < end, f"waited for {text!r} in vain: {self.seen[began:]!r}"
            if select.select([self._fd], [], [], 0.2)[0]:
                self.seen += os.read(self._fd, 1 << 16).decode()
        return self.seen[began:]

    def prompted(self) -> None:
        """Waits for a prompt at which nothing is typed yet: a key that comes before it is lost."""
        end = time.monotonic() + 30
        while not PROMPT.search(self.seen):
            assert time.monotonic() < end, f"no prompt: {self.seen[-200:]!r}"
            if select.select([self._fd], [], [], 0.2)[0]:
                self.seen += os.read(self._fd, 1 << 16).decode()
        time.sleep(0.2)

    def type(self, keys: str) -> None:
        os.write(self._fd, keys.encode())

    def end(self) -> int:
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@pytest.mark.parametrize("no_colour", ["", "1"])
def test_a_conversation_at_a_terminal(tmp_path: Path, no_colour: str):
    shop = shop_at(tmp_path / "shop.sqlite")
    settings = {"NO_COLOR": no_colour, "XDG_STATE_HOME": str(tmp_path / "state")}
    terminal = Terminal(["-m", "serve.ask", *asked(shop, "--seconds", "60")], **settings)
    try:
        terminal.until("ask> ")
        terminal.type("Show the names of all customers.\n")
        told = terminal.until(" s database")
        assert "evil" in told and not [raw for raw in RAW if raw in told]
        assert ("\x1b[94" in told) != bool(no_colour), "colour where nobody forbids it"
        terminal.type("\\schema\n")
        terminal.until("orders")
        terminal.type("\\sql DELETE FROM customers\n")
        terminal.until("would change the database")
        terminal.type("\\samples many\n")
        terminal.until("takes a number")
        terminal.type("\\sql WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c\n")
        time.sleep(1.0)
        terminal.type("\x03")
        terminal.until("left; Ctrl-D ends", 10)
        terminal.type("\\sql SELECT 40 + 2\n")
        terminal.until("42")
        terminal.prompted()
        terminal.type("\x04")
        assert terminal.end() == 0
    except BaseException:
        os.kill(terminal.pid, signal.SIGKILL)
        terminal.end()
        raise
    assert "\\sql SELECT 40 + 2" in (tmp_path / "state/text-to-sql/asked").read_text()
