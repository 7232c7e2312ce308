"""An error that is a sentence for the person at the keyboard, and the way it leaves a command."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches


class ConfigError(ValueError):
    """A config that cannot run. The message names the key, the value, why, the choices and the fix."""


@contextmanager
def exit_with_sentence() -> Iterator[None]:
    """Around a command's `main` (or as its decorator): a ConfigError becomes its sentence on stderr and exit code 2,
    Ctrl-C a word and 130."""
    try:
        yield
    except ConfigError as error:
        from policy.processes import echoes

        if not echoes():
            print(f"error: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        print("\nstopped by Ctrl-C", file=sys.stderr)
        raise SystemExit(130) from None


def did_you_mean(word: str, words: list[str]) -> str:
    """' Did you mean a or b?', or nothing when no word is close."""
    close = get_close_matches(word, words, n=3, cutoff=0.7)
    return f" Did you mean {' or '.join(close)}?" if close else ""
