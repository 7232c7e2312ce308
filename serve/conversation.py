"""Question after question at a keyboard: Ctrl-C leaves the question, Ctrl-D the program."""

import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path

from rich.console import Console

from policy.config_error import ConfigError
from serve import terminal
from serve.answer import Answer
from serve.asker import Asker
from serve.confirm import confirmed

HELP = """Ask in words, or:
  \\schema          what the policy is shown of the database
  \\sql SELECT ...  run a query of your own in the sandbox
  \\samples 8       let so many queries vote by what they return; 1 is greedy
  \\help            this
Ctrl-C leaves a question, Ctrl-D ends."""
REMEMBERED = 1_000
"""Lines of history."""


def converse(asker: Asker, to: Console, in_place: bool) -> int:
    """Until the input ends; the exit status is 0."""
    at_keyboard = sys.stdin.isatty()
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(errors="surrogateescape")  # what is no UTF-8 is refused by its line, not by a crash
    history = _remember() if at_keyboard else None
    if at_keyboard:
        to.print(HELP)
    while True:
        try:
            line = input("ask> " if at_keyboard else "").strip()
            if line:
                _one(asker, line, to, in_place)
        except EOFError:
            if at_keyboard:
                to.print()
            break
        except KeyboardInterrupt:
            to.print("\nleft; Ctrl-D ends")
        except ConfigError as error:
            to.print(terminal.sentence(f"error: {error}"), soft_wrap=True)
    if history is not None:
        _keep(history)
    return 0


def _one(asker: Asker, line: str, to: Console, in_place: bool) -> None:
    word, _, rest = line.partition(" ")
    if word == "\\schema":
        terminal.show_sql(asker.schema(), to)
    elif word == "\\samples":
        if not rest.strip().isdecimal() or not 1 <= int(rest) <= 64:
            raise ConfigError(f"\\samples takes a number from 1 to 64, not {rest.strip()!r}")
        asker.samples = int(rest)
        to.print(f"{asker.samples} quer{'y' if asker.samples == 1 else 'ies'} a question from now on")
    elif word == "\\sql" and rest.strip():
        _show(asker, asker.run(rest.strip()), to, in_place)
    elif word.startswith("\\"):
        to.print(HELP)
    else:
        _show(asker, asker.ask(line), to, in_place)


def _show(asker: Asker, answer: Answer, to: Console, in_place: bool) -> None:
    terminal.show(answer, to)
    if in_place and answer.changes and confirmed(asker.database.path):
        terminal.show(asker.apply(answer), to)


def _remember() -> Path | None:
    """Read the history of earlier conversations, where this system has lines that can be edited."""
    try:
        import readline
    except ImportError:  # Windows
        return None
    try:
        state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state"
    except RuntimeError:  # nobody of this number has a home here, as in a container
        return None
    file = Path(state) / "text-to-sql/asked"
    readline.set_history_length(REMEMBERED)
    with suppress(OSError):
        readline.read_history_file(file)
    return file


def _keep(file: Path) -> None:
    import readline

    with suppress(OSError):  # a home that cannot be written costs the history and nothing else
        file.parent.mkdir(parents=True, exist_ok=True)
        readline.write_history_file(file)
        file.chmod(0o600)
