"""The report of a file of pairs as Markdown, which the console shows too."""

from collections.abc import Mapping
from typing import Any

SHOWN = 12
"""Rows of a table; the JSON beside it holds all."""


def page(found: Mapping[str, Any], name: str) -> str:
    made = found["made"]
    lines = [
        f"# {name}",
        "",
        f"{found['pairs']:,} pairs about {found['questions']:,} questions over {found['databases']:,} databases, of "
        f"{', '.join(found['task']) or 'no task'}; verified by {', '.join(found['verified']) or 'nothing'}. "
        f"Selected: {made['how']}.",
    ]
    lines += [f"\n{note}" for note in made["notes"]]
    lines += _left_out(made) + _claims(made["claims"])
    for what, counts in found["counts"].items():
        if counts:
            lines += ["", *_table(what, counts, found["pairs"])]
    if found["pairs"]:
        lines += ["", *_lengths(found["lengths"]), "", *_baselines(found["baselines"])]
    return "\n".join([*lines, "", *_leaks(found["leaks"])]) + "\n"


def _left_out(made: Mapping[str, Any]) -> list[str]:
    why = [f"{count:,} {reason}" for reason, count in made["unpaired"].items()]
    told = [f"Of {made['questions']:,} questions {sum(made['unpaired'].values()):,} gave no pair: {'; '.join(why)}."]
    names = {"repeated": "were there already", "contradictory": "contradict another", "over_caps": "are over a cap"}
    left = [f"{made[name]:,} {text}" for name, text in names.items() if made[name]]
    return ["", *(told if why else [])] + ([f"\nPairs left out: {', '.join(left)}."] if left else [])


def _claims(claims: Mapping[str, Any] | None) -> list[str]:
    if not claims or not claims["answers"]:
        return []
    told = f"Of {claims['pairs']:,} pairs that the file claims {claims['confirmed']:,} are confirmed by execution"
    why = "; ".join(f"{count:,} dropped, {reason}" for reason, count in claims["dropped"].items())
    once = "Of answers that differ in blanks and case only, one is taken"
    table = _table("the file says: execution says", claims["answers"])
    return ["", f"{told}{f'; {why}' if why else ''}. {once}.", "", *table]


def _table(what: str, counts: Mapping[str, int], of: int = 0) -> list[str]:
    rows = [f"| {name} | {count:,} | {count / (of or sum(counts.values())):.1%} |" for name, count in counts.items()]
    more = [f"| {len(rows) - SHOWN:,} more | {sum(list(counts.values())[SHOWN:]):,} | |"] if len(rows) > SHOWN else []
    return [f"| {what} | count | share |", "|---|---|---|", *rows[:SHOWN], *more]


def _lengths(lengths: Mapping[str, Mapping[str, float]]) -> list[str]:
    rows = [
        f"| {unit} | {each['chosen_mean']:.1f} | {each['rejected_mean']:.1f} | {each['difference_mean']:+.1f} | "
        f"{each['shorter']:.1%} | {each['as_long']:.1%} | {each['longer']:.1%} |"
        for unit, each in lengths.items()
    ]
    head = "| length, mean | chosen | rejected | difference | chosen shorter | as long | longer |"
    return [head, "|---|---|---|---|---|---|---|", *rows]


def _baselines(baselines: Mapping[str, Mapping[str, float]]) -> list[str]:
    rows = [
        f"| {name} | {each['pairs']:,} | {each['accuracy']:.1%} |" for name, each in baselines.items() if each["pairs"]
    ]
    return ["| rule that knows no SQL | pairs | finds the chosen one |", "|---|---|---|", *rows]


def _leaks(leaks: list[Mapping[str, Any]]) -> list[str]:
    if not leaks:
        return ["Leakage: the task has no other split to compare with."]
    return [_leak(leak) for leak in leaks]


def _leak(leak: Mapping[str, Any]) -> str:
    told = f"Leakage into {leak['split']}: "
    if leak["databases"]:
        told += f"{len(leak['databases']):,} databases are shared ({', '.join(leak['databases'][:SHOWN])}), "
    else:
        told += "no database is shared, "
    if leak["questions"]:
        first = "; ".join(f"{database}: {question}" for database, question in leak["questions"][:SHOWN])
        told += f"{len(leak['questions']):,} questions about a shared database are the same ({first}), "
    else:
        told += "no question about the same database, "
    return told + f"{leak['worded']:,} questions have the words of one of these about some database."
