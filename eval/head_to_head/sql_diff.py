"""Two queries word by word: which words of each are not in the other."""

import re
from difflib import SequenceMatcher

Piece = tuple[str, bool]
"""Text, and whether it is this query's alone."""

MOST = 2_000
"""Words that are compared; longer queries are shown whole and unmarked."""

_WORD = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|\w+|\s+|.", re.DOTALL)


def apart(one: str, two: str) -> tuple[list[Piece], list[Piece]]:
    """The pieces of each in order. White space and the case of words make no difference."""
    ours, theirs = _WORD.findall(one), _WORD.findall(two)
    if max(len(ours), len(theirs)) > MOST:
        return [(one, False)], [(two, False)]
    keys = [[_key(word) for word in words] for words in (ours, theirs)]
    left: list[Piece] = []
    right: list[Piece] = []
    for tag, a, b, c, d in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        left.append(("".join(ours[a:b]), tag != "equal"))
        right.append(("".join(theirs[c:d]), tag != "equal"))
    return [piece for piece in left if piece[0]], [piece for piece in right if piece[0]]


def _key(word: str) -> str:
    if word.isspace():
        return " "
    return word if word[0] in "'\"" else word.lower()
