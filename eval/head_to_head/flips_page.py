"""The flips of a pair as folds: question, gold, both queries with their differing words marked, both results."""

from collections.abc import Sequence

from eval.head_to_head.comparison import Pair
from eval.head_to_head.flips import Flip, Written
from eval.head_to_head.numbers import counted
from eval.head_to_head.policies import Table
from eval.head_to_head.safe_text import COLUMNS, ROWS, cut, safe, values
from eval.head_to_head.sql_diff import Piece, apart

MOST = 200
"""Flips that the page shows of one direction, shared among all pairs; the JSON holds all."""
LONGEST = 4_000
"""Characters of a query or question that are shown."""


def flips_of(pair: Pair, pairs: int) -> list[str]:
    shown = max(10, MOST // pairs)
    lines: list[str] = []
    for gained, kind, word in ((True, "up", "gained"), (False, "down", "lost")):
        found = [flip for flip in pair.flips if flip.gained is gained]
        by = f"{safe(pair.after)} against {safe(pair.before)}"
        lines.append(f'<h3><span class="{kind}">{len(found):,} {word}</span> by {by}</h3>')
        if not found:
            lines.append("<p>None.</p>")
        lines += [_flip(flip, pair) for flip in found[:shown]]
        if len(found) > shown:
            lines.append(
                f'<p class="soft">The {shown:,} largest changes of {len(found):,}; head_to_head.json holds all.</p>'
            )
    return lines


def _flip(flip: Flip, pair: Pair) -> str:
    asked = flip.asked
    where = " · ".join(filter(None, (flip.example, asked.difficulty, asked.category, asked.database)))
    head = safe(cut(asked.question, 300)) or safe(flip.example)
    sides = _sides(flip, pair)
    gold = f"<p>gold</p><pre>{safe(cut(asked.gold, LONGEST))}</pre>" if asked.gold else ""
    expected = _table(flip.expected, None) if flip.expected is not None else ""
    whole = f"<p>{safe(cut(asked.question, LONGEST))}</p>" if len(asked.question) > 300 else ""
    return (
        f'<details class="group flip"><summary><span><bdi>{head}</bdi></span><span>{safe(where)}</span></summary>'
        f'{whole}{gold}{expected}<div class="sides">{sides}</div></details>'
    )


def _sides(flip: Flip, pair: Pair) -> str:
    """The first right and the first wrong query stand for their policies; others follow unmarked, and what is right
    among them without its result."""
    gained = flip.gained
    one = next((w for w in flip.before if w.right is not gained), flip.before[0])
    two = next((w for w in flip.after if w.right is gained), flip.after[0])
    left, right = apart(cut(one.sql, LONGEST), cut(two.sql, LONGEST))
    drawn = _side(pair.before, one, left, flip.before) + _side(pair.after, two, right, flip.after)
    others = [(pair.before, w) for w in flip.before if w is not one]
    others += [(pair.after, w) for w in flip.after if w is not two]
    more = "".join(
        _side(name, w, [(cut(w.sql, LONGEST), False)], flip.before + flip.after, w.right) for name, w in others
    )
    return drawn + more


def _side(name: str, one: Written, pieces: Sequence[Piece], all_of_them: Sequence[Written], brief: bool = False) -> str:
    seeds = sum(len(other.seeds) for other in all_of_them)
    which = f", seed{'s' if len(one.seeds) > 1 else ''} {', '.join(map(str, one.seeds))}" if seeds > 1 else ""
    tag = "ins" if one.right else "del"
    sql = "".join(f"<{tag}>{safe(text)}</{tag}>" if alone else safe(text) for text, alone in pieces)
    became = '<span class="up">right</span>' if one.right else f'<span class="down">{safe(one.became)}</span>'
    told = f'<p class="soft">{safe(cut(one.told, 300))}</p>' if one.told and not one.right else ""
    result = _table(one.table, one) if one.table is not None and not brief else ""
    head = f"<p><b>{safe(name)}</b>{which}: {became}</p>"
    return f'<div class="side">{head}<pre>{sql or "(no SQL)"}</pre>{told}{result}</div>'


def _table(table: Table, one: Written | None) -> str:
    shown = values(table)
    rows = "".join("<tr>" + "".join(f"<td><bdi>{safe(cell)}</bdi></td>" for cell in row) + "</tr>" for row in shown)
    size = one.rows if one else len(table)
    notes: list[str] = []
    if size > len(shown):
        notes.append(f"the first {len(shown):,} of {counted(size, 'row')}" if one else f"the first {ROWS} rows")
    if table and len(table[0]) > COLUMNS:
        notes.append(f"the first {COLUMNS} of {len(table[0])} columns")
    if not size:
        notes.append("no rows")
    told = f'<p class="soft">{"; ".join(notes)}</p>' if notes else ""
    return f'<div class="scroll"><table class="result">{rows}</table></div>{told}'
