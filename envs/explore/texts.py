"""When two texts count as the same: of questions, and of golds with their values and without."""

import re
import unicodedata
from collections.abc import Set

from envs.lexical import tokens

_DECIMAL = re.compile(r"\?(?: \. \?)")


def question_key(question: str) -> str:
    """The words of a question, without case, punctuation and spacing."""
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", question).casefold()))


def gold_key(sql: str) -> str:
    """A query without comments, spacing, last semicolon, and case outside quotes."""
    return " ".join(_words(sql)).rstrip("; ")


def template_key(sql: str, names: Set[str]) -> str:
    """`gold_key` with `?` for each string and number.

    Text in double quotes is a string where `names` (of tables and columns, in lower case) does not hold it, as SQLite
    reads it.
    """
    words: list[str] = []
    for word in _words(sql):
        quoted = word[0] == '"' and word.strip('"').lower() not in names
        words.append("?" if quoted or word[0] == "'" or word[0].isdigit() else word)
    return _DECIMAL.sub("?", " ".join(words)).rstrip("; ")


def _words(sql: str) -> list[str]:
    found = (token for token in tokens(sql) if token.kind not in ("space", "comment"))
    texts = ((kind, sql[start:end]) for kind, start, end in found)
    return [text if kind in ("string", "name") else text.lower() for kind, text in texts]
