"""How many tokens a text is, by a tokenizer.json: no model, no torch."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

SEEDLING = Path(__file__).parents[2] / "policy" / "seedling"
"""Where the lab's own small policy lies; its tokenizer is taken when none is named."""
AT_ONCE = 256


class TokenCounter:
    """Counts tokens; equal texts are counted once.

    Where the tokenizer knows the marks of ChatML (Qwen, the seedling), a prompt is counted with them, as their chat
    template writes it; otherwise without those of its template.
    """

    def __init__(self, file: Path) -> None:
        """Raises `ValueError` where the file holds no tokenizer."""
        from tokenizers import Tokenizer

        try:
            self._tokenizer: Any = Tokenizer.from_file(str(file))
        except Exception as error:  # the library raises nothing narrower
            raise ValueError(f"{file} holds no tokenizer that can be read: {error}") from error
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self.file = file
        self.chat = all(self._tokenizer.token_to_id(mark) is not None for mark in ("<|im_start|>", "<|im_end|>"))

    def count(self, texts: Sequence[str]) -> list[int]:
        """The number of tokens of each text, without marks of beginning and end."""
        distinct = list(dict.fromkeys(texts))
        known: dict[str, int] = {}
        for start in range(0, len(distinct), AT_ONCE):
            some = distinct[start : start + AT_ONCE]
            read = [text.encode("utf-8", "replace").decode() for text in some]  # half a surrogate pair is no text
            found = self._tokenizer.encode_batch_fast(read, add_special_tokens=False)
            known.update((text, len(encoding.ids)) for text, encoding in zip(some, found, strict=True))
        return [known[text] for text in texts]

    def prompts(self, prompts: Sequence[list[dict[str, str]]]) -> list[int]:
        """The number of tokens of each chat, up to where the policy begins to write."""
        opening = self.count(["<|im_start|>assistant\n" if self.chat else ""])[0]
        parts = [self._written(message) for prompt in prompts for message in prompt]
        counted = iter(self.count(parts))
        return [opening + sum(next(counted) for _ in prompt) for prompt in prompts]

    def _written(self, message: dict[str, str]) -> str:
        if not self.chat:
            return message["content"]
        return f"<|im_start|>{message['role']}\n{message['content']}<|im_end|>\n"


def token_counter(given: str | None) -> TokenCounter | None:
    """The one in a file or a folder with tokenizer.json; the seedling's for None, or None where that is not there.

    Raises `FileNotFoundError` or `ValueError` with a sentence.
    """
    if given is None:
        file = SEEDLING / "tokenizer.json"
        return TokenCounter(file) if file.is_file() else None
    path = Path(given)
    file = path / "tokenizer.json" if path.is_dir() else path
    if not file.is_file():
        raise FileNotFoundError(f"there is no tokenizer at {file}; give a tokenizer.json or the folder that holds one")
    return TokenCounter(file)
