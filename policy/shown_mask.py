"""An example as it is taught, for people: what is read, and token by token what the loss is on."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from policy.chat import Taught

PALE, TAUGHT, END = "\033[2m", ("\033[30;42m", "\033[30;102m"), "\033[0m"
"""Of a terminal: what is read is pale, what is taught stands on green, token by token in two shades."""


def painted(one: "Taught", tokenizer: "PreTrainedTokenizerBase") -> str:
    """The example in colours; a line break that is taught is shown as one."""
    prompt, pieces = _pieces(one, tokenizer)
    shown = (piece.replace("\n", "⏎\n") for piece in pieces)
    return f"{PALE}{prompt}{END}" + "".join(f"{TAUGHT[at % 2]}{piece}{END}" for at, piece in enumerate(shown))


def bracketed(one: "Taught", tokenizer: "PreTrainedTokenizerBase") -> str:
    """The same for a file or a pipe."""
    prompt, pieces = _pieces(one, tokenizer)
    return f"{prompt}⟦{'|'.join(pieces)}⟧"


def _pieces(one: "Taught", tokenizer: "PreTrainedTokenizerBase") -> tuple[str, list[str]]:
    """The prompt as text, and each taught token as text; a character of several tokens stands whole at its last."""
    pieces: list[str] = []
    told = ""
    for end in range(one.answer_at + 1, len(one.ids) + 1):
        text = tokenizer.decode(one.ids[one.answer_at : end], clean_up_tokenization_spaces=False)
        torn = text.endswith("\ufffd")
        pieces.append("" if torn else text[len(told) :])
        told = told if torn else text
    return tokenizer.decode(one.ids[: one.answer_at], clean_up_tokenization_spaces=False), pieces
