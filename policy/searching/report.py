"""`search.md`, `search.html`, `search.json`, `best.yaml` and the plots of a search, written anew after every trial."""

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path

import optuna
from optuna.trial import FrozenTrial

from policy import yaml_file
from policy.run_folder import write_whole
from policy.searching.alone import alone_in
from policy.searching.best import best_config
from policy.searching.plan import Plan
from policy.searching.studies import COMPLETE, FAIL, PRUNED, ranked, trials_of
from policy.searching.verdict import sentences, winner

STATES = {COMPLETE: "done", PRUNED: "pruned", FAIL: "failed"}

CSS = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:70em;margin:2em auto;padding:0 1em;color:#222}"
    "table{border-collapse:collapse;margin:1em 0}td,th{border-bottom:1px solid #ddd;padding:.25em .7em;text-align:left}"
    "figure{margin:1em 0}svg{max-width:100%;height:auto}figcaption{color:#555}"
)


def written(plan: Plan, studies: Sequence[optuna.Study], drawn: bool = False) -> str:
    """The report's text, once its files are there, `drawn` with the plots; other processes of the search wait."""
    with alone_in(plan.folder):
        if not drawn:
            return _write(plan, studies, ())
        from policy.searching.plots import draw

        return _write(plan, studies, draw(plan, studies))


def _write(plan: Plan, studies: Sequence[optuna.Study], plots: Sequence[tuple[Path, str]]) -> str:
    """`plots` are SVG files of the folder and what each shows."""
    told = sentences(plan, studies)
    tables = [(_title(plan, at), rows(plan, study)) for at, study in enumerate(studies)]
    text = "\n\n".join([*told, *(f"## {title}\n\n{_markdown(table)}" for title, table in tables)])
    pictures = "".join(f"\n\n![{shown}]({file.name})\n\n{shown}" for file, shown in plots)
    write_whole(plan.folder / "search.md", f"# {plan.path}\n\n{text}{pictures}\n")
    write_whole(plan.folder / "search.html", _page(plan, told, tables, plots))
    if found := winner(plan, studies):
        chosen = {
            "config": str(plan.base),
            **found.values,
            "stage": found.stage + 1,
            "folder": found.trial.user_attrs.get("folder"),
            plan.asked.metric: found.trial.value,
            "stand_in": bool(found.trial.user_attrs.get("stand_in")),
            "fixed": plan.asked.fixed,
        }
        write_whole(plan.folder / "search.json", json.dumps(chosen, indent=2) + "\n")
        write_whole(plan.folder / "best.yaml", best_config(plan, found))
    return text


def _title(plan: Plan, at: int) -> str:
    drawn = "the whole grid" if plan.grid else plan.asked.sampler
    how = drawn if at == 0 else f"the best {plan.stages[at].trials} of stage {at}"
    return f"Stage {at + 1}: {plan.stages[at].in_words()}; {how}"


def rows(plan: Plan, study: optuna.Study) -> list[list[str]]:
    """Header and trials, the best first, then those that did not come to their end."""
    head = ["trial", *(one.key for one in plan.parameters), plan.asked.metric, "steps", "state"]
    best = ranked(study)
    others = [one for one in trials_of(study) if one.number not in {found.number for found in best}]
    return [head, *(_row(plan, one) for one in (*best, *others))]


def _row(plan: Plan, one: FrozenTrial) -> list[str]:
    values = [yaml_file.write(p.value(one.params[p.key])) if p.key in one.params else "" for p in plan.parameters]
    accuracy = one.user_attrs.get("accuracy")
    number = "-" if one.value is None else f"{one.value:.4f}"
    if accuracy and plan.asked.metric == "execution_accuracy" and one.state == COMPLETE:
        number = "{:.1f} [{:.1f}, {:.1f}]".format(*(100 * part for part in accuracy))
    why = one.user_attrs.get("why", "")
    state = STATES.get(one.state, "running") + (f": {why}" if why else "")
    return [str(one.number + 1), *values, number, str(one.user_attrs.get("steps") or "-"), state]


def _markdown(table: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in table]
    return "\n".join([lines[0], "|" + "---|" * len(table[0]), *lines[1:]])


def _page(
    plan: Plan,
    told: Sequence[str],
    tables: Sequence[tuple[str, Sequence[Sequence[str]]]],
    plots: Sequence[tuple[Path, str]],
) -> str:
    """One file that needs no other: the pictures stand in it."""
    parts = [f"<h1>{escape(str(plan.path))}</h1>", *(f"<p>{escape(one)}</p>" for one in told)]
    for title, (head, *lines) in tables:
        cells = "".join(f"<th>{escape(cell)}</th>" for cell in head)
        body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in line) + "</tr>" for line in lines)
        parts.append(f"<h2>{escape(title)}</h2><table><tr>{cells}</tr>{body}</table>")
    for file, shown in plots:
        svg = file.read_text(encoding="utf-8")
        parts.append(f"<figure>{svg[svg.index('<svg') :]}<figcaption>{escape(shown)}</figcaption></figure>")
    title = escape(plan.folder.name)
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{CSS}</style>'
    return f"{head}{''.join(parts)}</html>\n"
