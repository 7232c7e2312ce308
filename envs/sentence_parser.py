"""The command line of a command without a config: argparse, whose complaints are one sentence here and exit code 2."""

from argparse import ArgumentParser
from difflib import get_close_matches
from typing import NoReturn


class SentenceParser(ArgumentParser):
    """As argparse has it (3.11), without its usage of several lines before every complaint: `--help` shows that."""

    def error(self, message: str) -> NoReturn:
        known = [option for option in self._option_string_actions if option.startswith("--")]
        words = message.split() if message.startswith("unrecognized arguments") else []
        odd = next((word.partition("=")[0] for word in words if word.startswith("--")), "")
        close = get_close_matches(odd, known, n=1, cutoff=0.7) if odd else []
        hint = f". Did you mean {close[0]}?" if close else "; --help lists what can be given" if words else ""
        self.exit(2, f"error: {message}{hint}\n")
