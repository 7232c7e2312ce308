"""The winner of a search as a config that runs as it is."""

from policy import yaml_file
from policy.searching.plan import Plan
from policy.searching.verdict import Winner

JUDGING = ("held_out_size", "validation_size", "validation_answers")
"""Keys by which trials are judged, and that are the base config's own business in a run of its own."""


def best_config(plan: Plan, found: Winner) -> str:
    """The base config with the winner's keys, those that were fixed, and the budget of the last stage. What the search
    alone needed (validation held out, and how much of it) is not in it: it reports on what the base names."""
    keys = {key: entry.value for key, entry in yaml_file.read(plan.base).items()}
    fixed = {key: value for key, value in plan.asked.fixed.items() if key not in JUDGING}
    keys |= fixed | dict(plan.stages[-1].budget) | found.values
    keys["output_dir"] = str(plan.folder / "best")
    lines = [f"{key}: {yaml_file.write(value)}" for key, value in keys.items()]
    asked = f"# What does {plan.base} reach with what {plan.path} found best on validation?"
    command = f"# python -m {plan.command.module} --config {plan.folder / 'best.yaml'}"
    return "\n".join([asked, command, "", *lines, ""])
