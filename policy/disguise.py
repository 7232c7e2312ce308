"""The same question about things that do not exist: words of the schema are replaced in schema, question and SQL alike.

Only a word that the question says itself can be replaced where the query needs it: `age` stays where somebody asks how
old they are.
"""

import re
from collections.abc import Iterable, Mapping
from random import Random

from envs.worlds import words
from envs.worlds.improvised import RESERVED
from envs.worlds.vocabulary import loose_words

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_SQL = """
abs avg bigint blob bool boolean cast char count date datetime day decimal double end evidence false float iif int
integer like max mediumint min month null number numeric real refers row rows smallint strftime substr sum text time
timestamp tinyint total true unsigned varchar view year
"""
_KEPT = RESERVED | set(_SQL.split())
"""Words of SQL, of its functions and types, which stay."""


def disguise(needed: Iterable[str], others: Iterable[str], question: str, rng: Random) -> dict[str, str]:
    """Word -> its replacement: most words of the `needed` names that `question` says, and many of the `others`."""
    said, used = _stems(question), _stems(" ".join(needed))
    chosen = sorted((used & said) | (_stems(" ".join(others)) - used - said))
    found: dict[str, str] = {}
    for word in chosen:
        if len(word) > 2 and word not in _KEPT and rng.random() < 0.8:
            new = rng.choice(loose_words()) if rng.random() < 0.4 else words.invented(rng)
            if new not in _KEPT and new not in found.values() and new not in said and new not in used:
                found[word] = new
    return found


def worn(text: str, disguised: Mapping[str, str]) -> str:
    """`text` with its words replaced, each in the number and the capitals that it had."""

    def replaced(match: re.Match[str]) -> str:
        word = match[0]
        new = disguised.get(_stem(word))
        if new is None:
            return word
        new += "s" if word[-1] in "sS" and not _stem(word).endswith("s") else ""
        return new.upper() if word.isupper() and len(word) > 1 else new.capitalize() if word[0].isupper() else new

    return _WORD.sub(replaced, text)


def _stems(text: str) -> set[str]:
    return {_stem(word) for word in _WORD.findall(text)}


def _stem(word: str) -> str:
    """Lower case, without the ending of a plural."""
    lower = word.lower()
    if lower.endswith("ies") and len(lower) > 4:
        return lower[:-3] + "y"
    return lower[:-1] if lower.endswith("s") and not lower.endswith("ss") and len(lower) > 3 else lower
