"""The head-to-head as Markdown, with the numbers of the page."""

from eval.head_to_head.comparison import Comparison, Pair
from eval.head_to_head.cost_table import rows as cost_rows
from eval.head_to_head.first_look import first_look
from eval.head_to_head.flips import Flip
from eval.head_to_head.flips_by_error import kinds
from eval.head_to_head.numbers import accuracy_told, counted, percent
from eval.head_to_head.safe_text import cell, cut, fenced
from eval.head_to_head.tables_told import How, Told, gains, how, how_wrong, outcomes, pairs, slices_of
from eval.head_to_head.verdict import verdict

MOST = 20
"""Flips of one direction and pair that are written out."""
LONGEST = 4_000


def markdown(found: Comparison) -> str:
    names = [cell(one.name) for one in found.policies]
    lines = [f"# Head to head: {', '.join(names)}", "", cell(verdict(found)), ""]
    lines += [*(f"- **{one.asked}** {cell(one.answer)}: {cell(one.told)}." for one in first_look(found)), ""]
    lines += ["**STAND-IN RUN**: something smaller ran in place of what was asked for.", ""] if found.stand_in else []
    lines += [*_table(_accuracies(found)), *_table(pairs(found))]
    lines += [f"- {cell(line)}" for line in how(found, How.SHORT)]
    lines += ["", "## How wrong answers are wrong", "", how_wrong(found), "", *_table(outcomes(found))]
    lines += ["## Where it gained and lost", ""]
    for pair in found.pairs:
        lines += [f"### {cell(pair.after)} against {cell(pair.before)}", "", *_table(gains(pair))]
        lines += [line for told in slices_of(pair) for line in _table(told)]
    lines += ["## Flips", ""]
    for pair in found.pairs:
        lines += [*_flips(pair, True), *_flips(pair, False)]
    if told := cost_rows(found):
        head = ["mean of seeds", *(one.name for one in found.policies)]
        lines += ["## Cost", "", *_table((head, [[name, *cells] for name, cells in told]))]
    if found.unscored:
        lines += ["## Left out", "", *(f"- {cell(name)}: {cell(why)}" for name, why in found.unscored.items()), ""]
    return "\n".join([*lines, "## How", "", *(f"- {cell(line)}" for line in how(found, How.LONG))]) + "\n"


def _accuracies(found: Comparison) -> Told:
    groups = list(found.policies[0].by)
    head = ["execution accuracy, %", *(one.name for one in found.policies)]
    rows = [["all questions", *(accuracy_told(one.accuracy) for one in found.policies)]]
    if any(len(one.each_seed) > 1 for one in found.policies):
        rows.append(["each seed", *(", ".join(map(percent, one.each_seed)) for one in found.policies)])
    for name in groups:
        within = [one.by[name] for one in found.policies]
        rows.append([f"{name} ({within[0].scored:,})", *map(accuracy_told, within)])
    return head, rows


def _table(told: Told) -> list[str]:
    head, rows = told
    lines = [f"| {' | '.join(map(cell, head))} |", f"|---|{'---:|' * (len(head) - 1)}"]
    return [*lines, *(f"| {' | '.join(map(cell, row))} |" for row in rows), ""]


def _flips(pair: Pair, gained: bool) -> list[str]:
    found = kinds(pair.flips, gained, MOST)
    whole = sum(one.count for one in found)
    word, told = ("gained", f"{pair.before} was") if gained else ("lost", f"{pair.after} is")
    lines = [f"### {whole:,} {word} by {cell(pair.after)} against {cell(pair.before)}", ""]
    for one in found:
        if one.shown:
            lines += [f"#### {cell(told)} wrong by {cell(one.error)}: {counted(one.count, 'question')}", ""]
        for flip in one.shown:
            lines += _flip(flip, pair)
    if whole > MOST:
        lines += [f"{MOST} of {whole:,} are shown; head_to_head.json holds all.", ""]
    return lines


def _flip(flip: Flip, pair: Pair) -> list[str]:
    asked = flip.asked
    lines = [f"**{cell(flip.example)}** {cell(cut(asked.question, LONGEST))}", ""]
    lines += ["gold", "", *fenced(cut(asked.gold, LONGEST)), ""] if asked.gold else []
    for name, side in ((pair.before, flip.before), (pair.after, flip.after)):
        for one in side:
            lines += [f"{cell(name)}: {cell(one.outcome)}", "", *fenced(cut(one.sql, LONGEST)), ""]
    return lines
