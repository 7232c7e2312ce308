"""The flips of a pair as folds, by how the wrong answer is wrong: question, gold, both queries, both results."""

from collections.abc import Sequence

from eval.head_to_head.comparison import Pair
from eval.head_to_head.flips import Flip, Written
from eval.head_to_head.flips_by_error import FIRST, Kind, kinds
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
        found = kinds(pair.flips, gained, shown)
        whole = sum(one.count for one in found)
        by = f"{safe(pair.after)} against {safe(pair.before)}"
        lines.append(f'<h3><span class="{kind}">{whole:,} {word}</span> by {by}</h3>')
        if not found:
            lines.append("<p>None.</p>")
        told = f"{pair.before} was wrong by" if gained else f"{pair.after} is wrong by"
        for place, one in enumerate(found):
            lines += _kind(one, pair, told, opened=pairs == 1 and not place)
        if whole > shown:
            lines.append(f'<p class="soft">{shown:,} of {whole:,} are shown; head_to_head.json holds all.</p>')
    return lines


def _kind(kind: Kind, pair: Pair, told: str, opened: bool) -> list[str]:
    """Some flips of an error in full, the others folded below them."""
    head = f"<span>{safe(told)} <b>{safe(kind.error)}</b></span><span>{counted(kind.count, 'question')}</span>"
    lines = [f'<details class="group kind"{" open" if opened else ""}><summary>{head}</summary>']
    lines += [_flip(flip, pair, opened=True) for flip in kind.shown[:FIRST]]
    if more := kind.shown[FIRST:]:
        lines += [f'<details class="more"><summary class="soft">{len(more):,} more</summary>']
        lines += [*(_flip(flip, pair) for flip in more), "</details>"]
    if not kind.shown:
        lines.append('<p class="soft">Not shown here; head_to_head.json holds them.</p>')
    return [*lines, "</details>"]


def _flip(flip: Flip, pair: Pair, opened: bool = False) -> str:
    asked = flip.asked
    where = " · ".join(filter(None, (flip.example, asked.difficulty, asked.category, asked.database)))
    head = safe(cut(asked.question, 300)) or safe(flip.example)
    expected_sql, sides = _sides(flip, pair)
    gold = f"<p>gold</p><pre>{expected_sql}</pre>" if asked.gold else ""
    expected = _table(flip.expected, None) if flip.expected is not None else ""
    whole = f"<p>{safe(cut(asked.question, LONGEST))}</p>" if len(asked.question) > 300 else ""
    state = " open" if opened else ""
    summary = f"<summary><span><bdi>{head}</bdi></span><span>{safe(where)}</span></summary>"
    return (
        f'<details class="group flip"{state}>{summary}{whole}{gold}{expected}<div class="sides">{sides}</div></details>'
    )


def _sides(flip: Flip, pair: Pair) -> tuple[str, str]:
    """The gold and the queries. The first wrong one is marked beside the gold, or beside the first right one where the
    gold is not known; others follow unmarked, and what is right among them without its result."""
    gained = flip.gained
    one = next((w for w in flip.before if w.right is not gained), flip.before[0])
    two = next((w for w in flip.after if w.right is gained), flip.after[0])
    gold = cut(flip.asked.gold.rstrip("; \n"), LONGEST)
    right, wrong = (two, one) if gained else (one, two)
    expected, marked = apart(gold or cut(right.sql, LONGEST), cut(wrong.sql, LONGEST))
    plain = [(cut(right.sql, LONGEST), False)] if gold else expected
    left, last = (marked, plain) if gained else (plain, marked)
    drawn = _side(pair.before, one, left, flip.before) + _side(pair.after, two, last, flip.after)
    others = [(pair.before, w) for w in flip.before if w is not one]
    others += [(pair.after, w) for w in flip.after if w is not two]
    more = "".join(
        _side(name, w, [(cut(w.sql, LONGEST), False)], flip.before + flip.after, w.right) for name, w in others
    )
    return _marked(expected, "ins"), drawn + more


def _side(name: str, one: Written, pieces: Sequence[Piece], all_of_them: Sequence[Written], brief: bool = False) -> str:
    seeds = sum(len(other.seeds) for other in all_of_them)
    which = f", seed{'s' if len(one.seeds) > 1 else ''} {', '.join(map(str, one.seeds))}" if seeds > 1 else ""
    sql = _marked(pieces, "ins" if one.right else "del")
    became = '<span class="up">right</span>' if one.right else f'<span class="down">{safe(one.outcome)}</span>'
    told = f'<p class="soft">{safe(cut(one.told, 300))}</p>' if one.told and not one.right else ""
    result = _table(one.table, one) if one.table is not None and not brief else ""
    head = f"<p><b>{safe(name)}</b>{which}: {became}</p>"
    return f'<div class="side">{head}<pre>{sql or "(no SQL)"}</pre>{told}{result}</div>'


def _marked(pieces: Sequence[Piece], tag: str) -> str:
    return "".join(f"<{tag}>{safe(text)}</{tag}>" if alone else safe(text) for text, alone in pieces)


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
