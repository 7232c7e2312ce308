"""How somebody writes SQL: the case of keywords and names, quotes, and the blanks between tokens of each class.

What a corruption puts into a gold is written in the gold's own habits, so that nothing but the mistake tells the two
apart.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from envs.corruption.tokens import Token

_SHUT = {",", ")", ".", ";", "]"}
_OPEN = {"(", ".", "["}
ANY = "any"
_LOOSE = {",", "operator"}
"""Beside these stands ANY for every class that never meets them in a text."""


@dataclass(frozen=True, slots=True)
class Habits:
    """`words` are all tokens of a text by key, as most often written there; `blanks` are by the classes of the tokens
    on both sides, `house_blanks` those of the whole set for classes that never meet in this text. `unequal` is the
    sign for "not equal"."""

    words: dict[str, str]
    blanks: dict[tuple[str, str], str]
    house_blanks: dict[tuple[str, str], str]
    lower_keywords: bool
    lower_functions: bool
    names: Literal["lower", "upper", "schema"]
    unequal: str

    def blank(self, left: Token | None, right: Token) -> str:
        """What to write between two tokens."""
        if left is None:
            return ""
        here, there = _class(left), _class(right)
        for blanks in (self.blanks, self.house_blanks):
            for place in ((here, there), (ANY, there), (here, ANY)):
                if (seen := blanks.get(place)) is not None:
                    return seen
        if right.raw == "(":
            return "" if left.kind == "name" else " "
        return "" if right.raw in _SHUT or left.raw in _OPEN else " "

    def word(self, token: Token, called: bool, known: Iterable[str]) -> str:
        """How a token of sqlglot's is written; `called`: it is a function. `known` are all names in lower case."""
        if token.key == "<>":
            return self.unequal
        if token.kind in ("value", "sign"):
            return token.raw
        if token.quoted and token.key not in known:
            return token.raw
        if token.key in self.words:
            return self.words[token.key]
        bare = token.raw.strip('"') if token.quoted and token.raw[1:-1].isidentifier() else token.raw
        if called or (token.kind == "keyword" and token.key not in known):
            return bare.lower() if (self.lower_functions if called else self.lower_keywords) else bare.upper()
        return bare.lower() if self.names == "lower" else bare.upper() if self.names == "upper" else bare


def habits(text: Sequence[Token], names: Iterable[str], house: Habits | None) -> Habits:
    """Read off one text, and off `house` what it does not show; None for the house itself.

    `names` are the schema's, as it writes them: a text that has in one case what the schema has in another writes all
    names in that case.
    """
    words: dict[str, Counter[str]] = {}
    blanks: dict[tuple[str, str], Counter[str]] = {}
    for i, token in enumerate(text):
        words.setdefault(token.key, Counter())[token.raw] += 1
        if i:
            left, right = _class(text[i - 1]), _class(token)
            pairs = [(left, right), *([(ANY, right)] if right in _LOOSE else [(left, ANY)] if left in _LOOSE else [])]
            for pair in pairs:
                blanks.setdefault(pair, Counter())[token.before] += 1
    keywords = [token.raw for token in text if token.kind == "keyword"]
    functions = [one.raw for one, after in pairwise(text) if one.kind == "name" and after.raw == "("]
    schema = {name.lower(): name for name in names}
    used = [token.raw for token in text if token.kind == "name" and token.key in schema]
    own = [raw for raw in used if schema[raw.lower().strip('"`[]')] != raw]
    lower_keywords = sum(map(str.islower, keywords)) * 2 > len(keywords)
    return Habits(
        {key: _most(found) for key, found in words.items() if key != "<>"} if house else {},
        {pair: _most(found) for pair, found in blanks.items()},
        house.blanks if house else {},
        lower_keywords,
        sum(map(str.islower, functions)) * 2 > len(functions) if functions else lower_keywords,
        "schema" if not own else "lower" if all(map(str.islower, own)) else "upper" if _upper(own) else "schema",
        _most(words["<>"]) if "<>" in words else house.unequal if house else "<>",
    )


def _upper(names: Sequence[str]) -> bool:
    return all(map(str.isupper, names))


def _most(found: Counter[str]) -> str:
    """The most common, whatever order they came in."""
    return max(found, key=lambda text: (found[text], text))


def _class(token: Token) -> str:
    if token.kind != "sign":
        return token.kind
    return token.raw if token.raw in (",", "(", ")", ".", ";", "*") else "operator"
