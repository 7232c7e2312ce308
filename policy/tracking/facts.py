"""What a run's folder tells a tracker that is asked to tell runs apart: settings, tags, and the numbers of its report.

From the folder alone, so that a run says the same while it trains and long after. Imports neither torch nor a tracker.
"""

import json
from collections.abc import Mapping
from typing import Any

from policy import yaml_file
from policy.run_cost import command, json_of
from policy.run_folder import RunFolder


def settings(folder: RunFolder) -> dict[str, bool | float | str]:
    """The resolved config, flat: `rewards.blended` -> 1.0; a list or nothing as JSON."""
    config = {key: entry.value for key, entry in yaml_file.read(folder.config).items()}
    return {
        name: value if isinstance(value, bool | int | float | str) else json.dumps(value)
        for name, value in flat(config, ".").items()
    }


def tags(folder: RunFolder) -> dict[str, str]:
    """Command, task, commit and stand-in of a run, and what its report says, once it has one."""
    environment, summary = json_of(folder.path / "environment.json"), json_of(folder.path / "summary.json")
    started, config = command(folder.path), {key: entry.value for key, entry in yaml_file.read(folder.config).items()}
    told = {
        "command": started,
        "method": " ".join(started.split()[2:3]),
        "task": config.get("task"),
        "commit": environment.get("commit"),
        "uncommitted_changes": environment.get("uncommitted_changes"),
        "stand_in": summary.get("stand_in", environment.get("stand_in")),
        "verdict": verdict(summary),
    }
    return {name: _text(value) for name, value in told.items() if value or value is False}


def verdict(summary: Mapping[str, Any]) -> str:
    """Better, worse, or no difference that the held-out questions can show; "" where there is no before and after."""
    change = summary.get("difference") or {}
    if "low" not in change or "high" not in change:
        return ""
    return "better" if change["low"] > 0 else "worse" if change["high"] < 0 else "no difference shown"


def report(folder: RunFolder) -> dict[str, float]:
    """Every number of `summary.json`: `report/after/mean`, `report/difference/p`, `report/measures/peak_rss_mib`."""
    return {f"report/{name}": value for name, value in numbers(json_of(folder.path / "summary.json")).items()}


def numbers(told: Mapping[str, Any]) -> dict[str, float]:
    """The numbers in nested mappings, by their names joined with slashes."""
    return {
        name: float(value)
        for name, value in flat(told, "/").items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }


def flat(told: Mapping[str, Any], joint: str, before: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in told.items():
        if isinstance(value, Mapping) and value:
            found |= flat(value, joint, f"{before}{name}{joint}")
        else:
            found[f"{before}{name}"] = value
    return found


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
