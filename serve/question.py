"""What can be asked: some words, not too many, in Unicode."""

from policy.config_error import ConfigError

QUESTION = 10_000
"""Characters of a question."""


def question_of(text: str) -> str:
    """Without blanks around it. Raises ConfigError where it cannot be asked."""
    text = text.strip()
    if not text or len(text) > QUESTION:
        raise ConfigError(f"the question has {len(text):,} characters; 1 to {QUESTION:,} can be asked")
    return encodable(text, "the question")


def encodable(text: str, what: str) -> str:
    """The text. Raises ConfigError where it holds halves of characters, as a terminal in another encoding makes them:
    no tokenizer takes them."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ConfigError(f"{what} is no UTF-8 text at character {error.start + 1:,}; type it anew") from None
    return text
