"""The dashboard of a W&B project as code: a workspace and a report, built from the groups of `policy.tracking.names`.

    python -m eval.dashboard --entity me                          # save both in W&B (pip install wandb-workspaces)
    python -m eval.dashboard --output dashboard.json              # the layout alone
    python -m eval.dashboard runs/NAME --output dashboard.html    # the same charts, with the curves of a run, offline

A run given as the first argument leaves out charts it has no number for. W&B needs a server and a key to save anything;
a file needs neither.
"""

import json
import os
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from envs.sentence_parser import SentenceParser
from policy.config_error import ConfigError, exit_with_sentence
from policy.run_folder import RunFolder, write_whole
from policy.tracking.charts import charts_of
from policy.tracking.names import GROUPS, STEP, Chart, Group, tracker_name

TITLE = "text-to-SQL training"
OPEN = ("accuracy", "rewards", "sql", "health")
"""Sections that are unfolded at first sight."""

Layout = dict[str, Any]


def layout(groups: Sequence[tuple[Group, Sequence[Chart]]]) -> Layout:
    """The dashboard as plain JSON: sections of panels, each with its lines' tracker names or their pattern."""
    return {
        "title": TITLE,
        "x": STEP,
        "sections": [
            {"title": group.title, "open": group.key in OPEN, "panels": [panel(chart) for chart in charts]}
            for group, charts in groups
        ],
        "table": "rollouts",
    }


def panel(chart: Chart) -> Layout:
    names = [tracker_name(name) for name in (*chart.metrics, chart.low, chart.high) if name]
    pattern = "|".join(re.escape(name).replace(r"\*", ".*") for name in names)
    many = any("*" in name for name in names)
    return {
        "title": chart.title,
        "metrics": [] if many else names,
        "pattern": f"^({pattern})$" if many else None,
        "limits": chart.limits,
    }


def workspace(built: Layout, entity: str, project: str) -> Any:
    """The layout as a `wandb_workspaces.workspaces.Workspace` (0.4), not saved."""
    import wandb_workspaces.reports.v2 as reports
    import wandb_workspaces.workspaces as workspaces

    sections = [
        workspaces.Section(name=section["title"], is_open=section["open"], panels=_panels(section))
        for section in built["sections"]
    ]
    table = reports.WeavePanelSummaryTable(table_name=built["table"])
    sections.insert(1, workspaces.Section(name="Telling rollouts", is_open=True, panels=[table]))
    settings = workspaces.WorkspaceSettings(x_axis=built["x"], group_by_prefix="first")
    return workspaces.Workspace(
        entity=entity, project=project, name=built["title"], sections=sections, settings=settings
    )


def report(built: Layout, entity: str, project: str) -> Any:
    """The layout as a `wandb_workspaces.reports.v2.Report` (0.4), not saved: one grid a section."""
    import wandb_workspaces.reports.v2 as reports

    blocks: list[Any] = [reports.P(f"Every run of {project}; the x axis is {built['x']}.")]
    for section in built["sections"]:
        runs = reports.Runset(entity=entity, project=project)
        blocks += [reports.H2(section["title"]), reports.PanelGrid(runsets=[runs], panels=_panels(section))]
    return reports.Report(entity=entity, project=project, title=built["title"], blocks=blocks)


def _panels(section: Layout) -> list[Any]:
    import wandb_workspaces.reports.v2 as reports

    return [
        reports.LinePlot(
            title=one["title"],
            x=STEP,
            y=one["metrics"],
            metric_regex=one["pattern"],
            range_y=one["limits"] or (None, None),
        )
        for one in section["panels"]
    ]


def metrics_of(run: Path) -> list[dict[str, Any]]:
    """The lines of a run's metrics.jsonl, without those that were torn. Raises ConfigError where there is none."""
    file = RunFolder(run).metrics
    if not file.is_file():
        raise ConfigError(f"there is no {file}; name the folder of a run, runs/NAME")
    lines: list[dict[str, Any]] = []
    for text in file.read_bytes().split(b"\n"):
        with suppress(ValueError):
            lines.append(json.loads(text))
    return [line for line in lines if isinstance(line, dict)]


def save(built: Layout, entity: str | None, project: str) -> list[str]:
    """Save the workspace and the report in W&B; their addresses. Raises ConfigError with what is missing."""
    instead = "or write it to a file with --output dashboard.html"
    if find_spec("wandb_workspaces") is None:
        raise ConfigError(f"saving a dashboard in W&B needs another package: pip install wandb-workspaces, {instead}")
    import wandb

    try:
        owner = entity or wandb.Api().default_entity
        made = [workspace(built, owner, project), report(built, owner, project)]
        for one in made:
            one.save()
        return [str(one.url) for one in made]
    except Exception as error:  # of W&B's client, which has no common class for no key, no server and no right
        raise ConfigError(f"W&B did not save the dashboard ({error}): wandb login, {instead}") from error


def main(argv: Sequence[str]) -> None:
    parser = SentenceParser(prog="python -m eval.dashboard", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("run", nargs="?", type=Path, help="a run's folder: only charts it has numbers for")
    parser.add_argument("--entity", help="whose W&B project it is; default: who is logged in")
    parser.add_argument(
        "--project", default=os.environ.get("WANDB_PROJECT", "text-to-sql"), help="default: %(default)s"
    )
    parser.add_argument("--output", type=Path, help="a .json or .html file, instead of W&B")
    asked = parser.parse_args(argv)
    lines = metrics_of(asked.run) if asked.run else []
    names = {name for line in lines for name, value in line.items() if isinstance(value, int | float)}
    groups = charts_of(names) if asked.run else [(group, group.charts) for group in GROUPS]
    built = layout(groups)
    if asked.output is None:
        print("\n".join(save(built, asked.entity, asked.project)))
        return
    if asked.output.suffix == ".json":
        text = json.dumps(built, indent=2) + "\n"
    elif asked.output.suffix == ".html":
        from eval.dashboard_page import page

        text = page(built["title"] if asked.run is None else asked.run.name, groups, lines)
    else:
        raise ConfigError(f"--output is {asked.output}; it must end in .json or .html")
    write_whole(asked.output, text)
    print(f"{asked.output} is written; nothing was sent to W&B, which is done without --output")


if __name__ == "__main__":
    with exit_with_sentence():
        main(sys.argv[1:])
