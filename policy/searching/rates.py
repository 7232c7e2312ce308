"""The short form of a search: a grid of learning rates over a training's own config, `--config X --rates 1e-4 1e-3`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from envs.sentence_parser import SentenceParser
from policy.config_error import ConfigError
from policy.searching.fields import SearchFields
from policy.searching.plan import Command, Plan, Stage
from policy.searching.space import DECIDED, Parameter

STAGE_KEYS = ("train_size", "max_steps", "num_train_epochs", "held_out_size", "task", "task_path")
"""Keys that a search's own config decides elsewhere, and that may be given here: there is one stage."""


def asked_for_rates(argv: Sequence[str]) -> bool:
    return any(word == "--rates" or word.startswith("--rates=") for word in argv)


def of_rates(argv: Sequence[str], command: Command) -> Plan:
    """Raises ConfigError on what no trial could run with."""
    parser = SentenceParser(allow_abbrev=False)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--rates", type=float, nargs="+", required=True, help="learning rates to try")
    parser.add_argument("--out", type=Path, help="folder of the trials; default runs/CONFIG_search")
    asked, more = parser.parse_known_args(argv)
    folder = asked.out or Path("runs") / f"{asked.config.stem}_search"
    given = command.read(["--config", str(asked.config), *more])
    typed = {key: one.value for key, one in given.settings.items() if one.source == "command line"}
    fixed = {key: value for key, value in typed.items() if key not in ("resume", "dry_run")}
    for key in fixed:
        if key == "learning_rate":
            raise ConfigError("--learning_rate cannot be given beside --rates: these are the learning rates.")
        if key in DECIDED and key not in STAGE_KEYS:
            raise ConfigError(f"--{key} cannot be given beside --rates: {DECIDED[key]}.")
    rates = Parameter("learning_rate", tuple(sorted(set(asked.rates))))
    space: dict[str, Any] = {"learning_rate": {"choices": list(rates.choices)}}
    stages, dry_run = [{"trials": len(rates.choices)}], bool(typed.get("dry_run"))
    fields = SearchFields(str(asked.config), space, stages, fixed, sampler="grid", dry_run=dry_run)
    grid = tuple({"learning_rate": label} for label in rates.labels)
    plan = Plan(asked.config, fields, command, asked.config, (rates,), (Stage(len(grid), {}),), folder, grid)
    for rate in rates.choices:
        command.resolve(plan.argv({"learning_rate": rate}, 0, folder / "trial"))
    return plan
