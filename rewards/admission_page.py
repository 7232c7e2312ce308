"""The admission report as one page for a browser: no script, nothing loaded from anywhere, readable on paper too."""

from collections.abc import Iterable, Sequence
from html import escape

from envs.example import Example
from envs.verdict import CONTRACT
from rewards.admission_report import Report
from rewards.admission_style import STYLE
from rewards.admission_words import match, said

MOST = 1_000
"""Rows of one group that the page shows; the files beside it hold all."""


def page(report: Report, what: str) -> str:
    """The whole document; `what` names what was looked at."""
    examples = {example.id: example for example in report.examples}
    body = [*_head(report, what), *_tiles(report), *_faults(report), *_quarantine(report, examples)]
    body += [*_strangers(report), *_notes(report, examples), *_modes(report), *_foot(report)]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>Admission: {_safe(what)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(body)
        + "\n</main>\n</body>\n</html>\n"
    )


def _head(report: Report, what: str) -> list[str]:
    name, _, rest = what.partition(" ")
    whole, kept, out = len(report.examples), len(report.admission.kept), len(report.admission.quarantined)
    ruling = "sound: every kept gold scores the top, and silence never wins"
    if not report.sound:
        ruling = "not sound: a kept gold scores below the top, or silence wins"
    return [
        f"<h1>Admission: {_safe(name)}</h1>",
        f'<p class="soft source">{_safe(rest)}</p>',
        f'<p class="figure">{kept:,} <small>of {whole:,} golds can judge an answer ({_share(kept, whole)})</small></p>',
        f'<p class="ruling{"" if report.sound else " bad"}">The ruler is {ruling}.</p>',
        '<div class="bar">' + _piece(kept, "kept") + _piece(out, "") + "</div>",
        f'<div class="key"><span><i class="kept"></i>{kept:,} kept</span>'
        f"<span><i></i>{out:,} quarantined ({_share(out, whole)})</span></div>",
    ]


def _tiles(report: Report) -> list[str]:
    nothing = sum(rollout.verdict.vacuous for rollout in report.golds)
    tiles = [
        (len(report.below), "kept golds below the top", bool(report.below)),
        (len(report.speaking), "empty answers that win", bool(report.speaking)),
        (len(report.matches), f"of {len(report.strangers):,} strangers' golds win", False),
        (nothing, "kept golds prove nothing", False),
    ]
    if report.twins:
        tiles.append((len(report.tried), "kept golds have twins to try on", False))
        tiles.append((len(report.refuted), "strangers' wins refuted by twins", False))
    shown = (
        f'<div class="tile{" bad" if bad else ""}"><strong>{number:,}</strong><span>{text}</span></div>'
        for number, text, bad in tiles
    )
    return ['<div class="tiles">', *shown, "</div>"]


def _faults(report: Report) -> list[str]:
    below = [_row(rollout.example, why, rollout.sql) for rollout, why in report.below]
    speaking = [_row(rollout.example, said(rollout)) for rollout in report.speaking]
    if report.sound:
        return []
    return [
        "<h2>What makes it unsound</h2>",
        *(_group("kept golds that score below the top", below, opened=True) if below else ()),
        *(_group("empty answers that win", speaking, opened=True) if speaking else ()),
    ]


def _quarantine(report: Report, examples: dict[str, Example]) -> list[str]:
    causes = report.causes
    if not causes:
        return ["<h2>Quarantine</h2>", "<p>Nothing is in quarantine.</p>"]
    most = max(map(len, causes.values()))
    groups = [
        line
        for why, rows in causes.items()
        for line in _group(why, [_row(examples[id], text) for id, text in rows], len(rows) / most)
    ]
    return [
        "<h2>Quarantine, by cause</h2>",
        '<p class="soft">These golds can measure nobody: their questions are left out of every denominator.</p>',
        *groups,
    ]


def _strangers(report: Report) -> list[str]:
    rows = [_row(rollout.example, match(rollout), rollout.sql) for rollout in report.matches]
    return [
        "<h2>Strangers' golds that win</h2>",
        '<p class="soft">The gold of another question about the same database, played as an answer. A win is the same '
        "query in other words, or an accident of this database's rows.</p>",
        *(_group(f"of {len(report.strangers):,} win", rows) if rows else ("<p>None does.</p>",)),
    ]


def _notes(report: Report, examples: dict[str, Example]) -> list[str]:
    groups = [
        line
        for kind, rows in report.notes.items()
        for line in _group(kind, [_row(examples[id], note) for id, note in rows])
    ]
    return ["<h2>Notes</h2>", *(groups or ["<p>There are none.</p>"])]


def _modes(report: Report) -> list[str]:
    rows = [f'<tr><td>{mode}</td><td class="n">{won:,} of {of:,}</td></tr>' for mode, (won, of) in report.modes.items()]
    cost = report.cost
    seconds = [
        ("median of one gold", f"{1000 * cost.median:.3g} ms"),
        ("95 of 100 golds are below", f"{1000 * cost.most_of_them:.3g} ms"),
        ("longest gold", f"{cost.longest:.2f} s"),
        ("all kept golds, once", f"{cost.sum:.1f} s"),
        ("the gate as a whole", f"{cost.gate:.1f} s"),
    ]
    odd = [_row(rollout.example, why) for rollout, why in report.disagreements]
    return [
        "<h2>Gold as its own answer, in every mode of comparison</h2>",
        '<table><tr><th>mode</th><th class="n">wins</th></tr>',
        *rows,
        "</table>",
        *(_group("kept golds are right, but not in every mode", odd) if odd else ()),
        "<h2>Cost</h2>",
        "<table>",
        *(f'<tr><td>{what}</td><td class="n">{time}</td></tr>' for what, time in seconds),
        "</table>",
    ]


def _foot(report: Report) -> list[str]:
    return [
        "<footer><p>Each gold was run twice and compared with itself; those kept were played once more as a policy "
        "would write them, beside the empty answer and a stranger's gold. A gold proves nothing when both answers are "
        f"empty or constant: a reward does not pay for that. Comparison rules: contract {CONTRACT}. All rows are in "
        "quarantine.jsonl and notes.jsonl beside this page.</p></footer>"
    ]


def _group(name: str, rows: Sequence[str], bar: float = 0.0, opened: bool = False) -> Iterable[str]:
    """Rows behind a line that tells how many they are; `bar` is the share of the line's bar that is filled."""
    shown = f'<i style="width:{100 * bar:.1f}%"></i>' if bar else ""
    yield f'<details class="group"{" open" if opened else ""}><summary><b>{len(rows):,}</b><span>{_safe(name)}</span>'
    yield f"<span>{shown}</span></summary><table>"
    yield from rows[:MOST]
    yield "</table>"
    if len(rows) > MOST:
        yield f'<p class="soft">The first {MOST:,} of {len(rows):,}.</p>'
    yield "</details>"


def _row(example: Example, why: str, played: str = "") -> str:
    """One example: its id, what there is to say, and its question and SQL folded."""
    other = f"<p>played</p><pre>{_safe(played)}</pre>" if played and played != example.gold_sql else ""
    return (
        f"<tr><td>{_safe(example.id)}</td><td>{_safe(why)}<details><summary>question and SQL</summary>"
        f"<p>{_safe(example.question)}</p><pre>{_safe(example.gold_sql)}</pre>{other}</details></td></tr>"
    )


def _piece(count: int, kind: str) -> str:
    return f'<i class="{kind}" style="flex-grow:{count}"></i>' if count else ""


def _share(part: int, whole: int) -> str:
    """Rounded down, so that 100% means all."""
    share = 100 * part / max(whole, 1)
    return f"{int(share * 10) / 10:.1f}%" if part < whole else "100%"


def _safe(text: str) -> str:
    return escape(text.replace("\0", "\N{REPLACEMENT CHARACTER}"), quote=True)
