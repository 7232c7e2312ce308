"""A change of a gold's tree made in the gold's own text: all that the change leaves alone stays to the letter.

sqlglot writes a tree in a style of its own, so that its text of a corrupted gold would differ from the gold in more
than the mistake. What differs between sqlglot's text of the gold and of the corrupted tree is therefore found token by
token, and put into the gold where its own tokens are the same. The result is read again and must be the corrupted tree.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import chain

from sqlglot.errors import SqlglotError

from envs import gate
from envs.corruption.habits import Habits
from envs.corruption.tokens import Token, tokens, written

WIDEST = 4
"""Tokens that a change is widened by on either side, where the gold's and sqlglot's are in another order."""


@dataclass(frozen=True, slots=True)
class Gold:
    """`own` are the gold's tokens, `plain` those of sqlglot's text of it, `place` says for each of these which of the
    gold's it is, None where the gold leaves it out. `names` are all names of its schema, in lower case."""

    own: tuple[Token, ...]
    plain: tuple[Token, ...]
    place: tuple[int | None, ...]
    habits: Habits
    names: frozenset[str]
    dialect: str


Hunk = tuple[int, int, tuple[Token, ...]]
"""Tokens of the gold from one place to another, and what comes there instead."""


def aligned(own: Sequence[Token], plain: Sequence[Token]) -> tuple[int | None, ...]:
    """For each token of sqlglot's text the place of the same one in the gold's."""
    place: list[int | None] = [None] * len(plain)
    matcher = SequenceMatcher(None, [t.key for t in own], [t.key for t in plain], autojunk=False)
    for at, there, size in matcher.get_matching_blocks():
        for i in range(size):
            place[there + i] = at + i
    return tuple(place)


def spliced(gold: Gold, mutated: str) -> str:
    """The gold's text with what makes it the query `mutated`, as sqlglot writes it; "" where it cannot be put in."""
    new = tokens(mutated, gold.dialect)
    wanted = [token.key for token in new]
    matcher = SequenceMatcher(None, [t.key for t in gold.plain], wanted, autojunk=False)
    changes = [(i1, i2, new[j1:j2]) for tag, i1, i2, j1, j2 in matcher.get_opcodes() if tag != "equal"]
    for way in (_tight, _loose, _wide):
        hunks = [way(gold, *change) for change in changes]
        if any(hunk is None for hunk in hunks):
            continue
        text = _text(gold, [hunk for hunk in hunks if hunk is not None])
        if text is not None and _keys(text, gold.dialect) == wanted:
            return text
    return ""


def _keys(text: str, dialect: str) -> list[str]:
    root = gate.parse(text, dialect)
    try:
        return [] if isinstance(root, str) else [token.key for token in tokens(written(root, dialect), dialect)]
    except SqlglotError:
        return []


def _tight(gold: Gold, start: int, end: int, new: tuple[Token, ...]) -> Hunk | None:
    """The tokens themselves; of an insertion the place right after what precedes it."""
    own = [at for at in gold.place[start:end] if at is not None]
    if own:
        return min(own), max(own) + 1, new
    before = next((at for at in reversed(gold.place[:start]) if at is not None), -1)
    return before + 1, before + 1, new


def _loose(gold: Gold, start: int, end: int, new: tuple[Token, ...]) -> Hunk | None:
    """All between the nearest tokens on both sides that the two texts share: an ASC or INNER that sqlglot drops."""
    before = next((at for at in reversed(gold.place[:start]) if at is not None), -1)
    after = next((at for at in gold.place[end:] if at is not None), len(gold.own))
    return (before + 1, after, new) if before < after else None


def _wide(gold: Gold, start: int, end: int, new: tuple[Token, ...]) -> Hunk | None:
    """Some more on both sides, until the gold and sqlglot have the same tokens there, in whichever order."""
    for more in range(1, WIDEST * 2):
        for left in range(max(0, more - WIDEST), min(more, WIDEST) + 1):
            first, last = start - left, end + more - left
            if first < 1 or last >= len(gold.plain):
                continue
            before, after = gold.place[first - 1], gold.place[last]
            if before is None or after is None or after <= before:
                continue
            own = sorted(token.key for token in gold.own[before + 1 : after])
            if own == sorted(token.key for token in gold.plain[first:last]):
                return before + 1, after, (*gold.plain[first:start], *new, *gold.plain[end:last])
    return None


def _text(gold: Gold, hunks: Sequence[Hunk]) -> str | None:
    """The gold's text with the hunks put in; None where they overlap."""
    end_of_text: Hunk = (len(gold.own), len(gold.own), ())
    parts: list[str] = []
    last: Token | None = None
    at = 0
    for start, end, new in [*sorted(hunks, key=lambda hunk: hunk[:2]), end_of_text]:
        if start < at:
            return None
        kept = gold.own[at:start]
        if kept:
            parts += [_seam(gold, last, at), kept[0].raw]
            parts += chain.from_iterable((token.before, token.raw) for token in kept[1:])
            last = kept[-1]
        for i, (token, raw) in enumerate(zip(new, _raws(gold, new, gold.own[start:end]), strict=True)):
            first = i == 0 and start < end and at < start
            parts += [gold.own[start].before if first else gold.habits.blank(last, token), raw]
            last = token
        at = end
    return "".join(parts)


def _seam(gold: Gold, last: Token | None, at: int) -> str:
    """The blanks before the gold's token at `at`, where `last` now stands before it."""
    own = gold.own[at].before
    before = gold.own[at - 1] if at else None
    if last is None or last is before:
        return "" if last is None else own
    return own if "\n" in own and last.raw not in ("(", ".") else gold.habits.blank(last, gold.own[at])


def _raws(gold: Gold, new: Sequence[Token], old: Sequence[Token]) -> Iterator[str]:
    """How each new token is written. Where one quoted text takes the place of another, in the same quotes,
    and of one keyword in the same case."""
    for i, token in enumerate(new):
        called = i + 1 < len(new) and new[i + 1].raw == "(" and token.kind == "name"
        called = called or (len(new) == len(old) == 1 and token.kind == "name" and _called(gold, old[0]))
        if token.kind == "name" and len(new) == len(old) and old[i].quoted:
            bare, mark = token.raw[1:-1] if token.quoted else token.raw, old[i].raw[0]
            yield f"{mark}{bare}{']' if mark == '[' else mark}"
        elif len(new) == len(old) and token.kind == old[i].kind == "keyword" and token.key not in gold.names:
            yield token.raw.lower() if old[i].raw.islower() else token.raw.upper()
        else:
            yield gold.habits.word(token, called, gold.names)


def _called(gold: Gold, token: Token) -> bool:
    at = next((i for i, own in enumerate(gold.own) if own is token), len(gold.own))
    return at + 1 < len(gold.own) and gold.own[at + 1].raw == "("
