"""The head-to-head as one page for a browser: no script, nothing loaded from anywhere, also for a phone and paper."""

from collections.abc import Iterable, Sequence

from eval.head_to_head.bars import bars, differences, grouped_bars
from eval.head_to_head.bubbles import bubbles
from eval.head_to_head.comparison import Comparison, Pair
from eval.head_to_head.cost_table import rows as cost_rows
from eval.head_to_head.errors_page import errors
from eval.head_to_head.first_look import first_look
from eval.head_to_head.flips_page import flips_of
from eval.head_to_head.numbers import counted
from eval.head_to_head.page_style import STYLE
from eval.head_to_head.safe_text import cut, safe
from eval.head_to_head.tables_told import How, gains, how, pairs, slices_of
from eval.head_to_head.verdict import parts

MOST_UNSCORED = 200


def page(found: Comparison) -> str:
    """The whole document."""
    names = ", ".join(one.name for one in found.policies)
    body = [*_first(found, names), *_where(found), *_flips(found), *_cost(found), *_left_out(found), *_foot(found)]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>Head to head: {safe(names)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(body)
        + "\n</main>\n</body>\n</html>\n"
    )


def _first(found: Comparison, names: str) -> list[str]:
    """What is read in ten seconds: the verdict, how sure it is, and the bars."""
    first, rest = map(safe, parts(found))
    rest = rest.lstrip(" :,").replace("p = ", "p&nbsp;=&nbsp;")
    stand_in = '<p class="stand-in"><b>Stand-in run.</b> Something smaller ran in place of what was asked for.</p>'
    return [
        f"<h1>Head to head: {safe(names)}</h1>",
        f'<p class="verdict"><strong>{first}</strong>{rest}</p>',
        *([stand_in] if found.stand_in else []),
        *_tiles(found),
        "<h2>Execution accuracy, % of questions, with 95% intervals</h2>",
        bars(found),
        "<h2>Differences, in points, with 95% intervals; coloured where told apart</h2>",
        differences(found.pairs),
        *_table(pairs(found)),
        *(f'<p class="soft">{safe(line)}</p>' for line in how(found, How.SHORT)),
        *(["<h2>Accuracy by difficulty</h2>", within] if (within := grouped_bars(found)) else []),
    ]


def _tiles(found: Comparison) -> list[str]:
    shown = (
        f'<div class="tile"><b>{one.asked}</b><strong>{safe(one.answer)}</strong><span>{safe(one.told)}</span></div>'
        for one in first_look(found)
    )
    return ['<div class="tiles">', *shown, "</div>"]


def _where(found: Comparison) -> list[str]:
    lines = ["<h2>How wrong answers are wrong</h2>", *errors(found), "<h2>Where it gained and lost</h2>"]
    for pair in found.pairs:
        inside = [line for table in (gains(pair), *slices_of(pair)) for line in _table(table)]
        lines += _fold(f"{pair.after} against {pair.before}", inside, opened=len(found.pairs) == 1)
    return lines


def _flips(found: Comparison) -> list[str]:
    lines = ["<h2>Flips</h2>", '<p class="soft">Questions that one answers right and the other does not. ']
    lines[-1] += "Words marked in a wrong query are not in the gold, those marked in the gold are not in it.</p>"
    for pair in found.pairs:
        shown = flips_of(pair, len(found.pairs))
        one = len(found.pairs) == 1
        lines += shown if one else _fold(_counts(pair), shown)
    return lines


def _counts(pair: Pair) -> str:
    return f"{pair.after} against {pair.before}: {pair.difference.gained:,} gained, {pair.difference.lost:,} lost"


def _cost(found: Comparison) -> list[str]:
    told = cost_rows(found)
    drawn = bubbles(found)
    lines = ["<h2>Accuracy against latency</h2>", drawn] if drawn else []
    if not told:
        return [*lines, "<h2>Cost</h2>", "<p>The files do not tell.</p>"]
    head = ["mean of seeds", *(one.name for one in found.policies)]
    return [*lines, "<h2>Cost</h2>", *_table((head, [[name, *cells] for name, cells in told]), "words")]


def _left_out(found: Comparison) -> list[str]:
    if not found.unscored:
        return []
    rows = [[name, cut(why, 300)] for name, why in list(found.unscored.items())[:MOST_UNSCORED]]
    whole = found.questions + len(found.unscored)
    lines = _table((["question", "why nobody is scored on it"], rows), "words")
    if len(found.unscored) > MOST_UNSCORED:
        lines.append(f'<p class="soft">The first {MOST_UNSCORED} of {len(found.unscored):,}.</p>')
    return [
        "<h2>Left out</h2>",
        *_fold(f"{counted(len(found.unscored), 'question')} of {whole:,} cannot be scored in all runs", lines),
    ]


def _foot(found: Comparison) -> list[str]:
    told = "".join(f"<p>{safe(line)}</p>" for line in how(found, How.LONG))
    return [f"<footer>{told}<p>The same numbers are in head_to_head.md and head_to_head.json.</p></footer>"]


def _table(told: tuple[Sequence[str], Iterable[Sequence[str]]], kind: str = "") -> list[str]:
    head, rows = told
    number = "" if kind == "words" else ' class="n"'
    lines = ['<div class="scroll"><table><tr>' + _cells("th", head, number) + "</tr>"]
    lines += ["<tr>" + _cells("td", row, number) + "</tr>" for row in rows]
    return [*lines, "</table></div>"]


def _cells(tag: str, cells: Sequence[str], number: str) -> str:
    return "".join(f"<{tag}{number if place else ''}>{safe(cell)}</{tag}>" for place, cell in enumerate(cells))


def _fold(summary: str, inside: Iterable[str], opened: bool = False) -> list[str]:
    head = f'<details class="group"{" open" if opened else ""}><summary>{safe(summary)}</summary>'
    return [head, *inside, "</details>"]
