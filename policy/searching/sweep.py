"""The same space as a W&B sweep, for `wandb sweep FILE` and `wandb agent`.

Its agents know one budget, that of the last stage, and one process a trial; stages, resumption and the report are this
lab's alone. https://docs.wandb.ai/models/sweeps/define-sweep-configuration
"""

import shlex
from typing import Any

import yaml

from policy.searching.plan import Plan
from policy.searching.space import Parameter
from policy.tracking.names import tracker_name

METHODS = {"tpe": "bayes", "random": "random", "grid": "grid"}


def sweep_config(plan: Plan) -> dict[str, Any]:
    """What `wandb sweep` reads."""
    argv = plan.argv({}, len(plan.stages) - 1, plan.folder)
    keys = dict(zip(argv[::2], argv[1::2], strict=True))
    keys.pop("--output_dir")
    keys |= plan.watching() | {"--report_to": "wandb"}
    keys = {key: value for key, value in keys.items() if key.removeprefix("--") not in plan.asked.space}
    words = ["python", "-m", plan.command.module, *(word for pair in keys.items() for word in pair)]
    folder = f'--output_dir {shlex.quote(str(plan.folder / "sweep"))}/"$WANDB_RUN_ID"'
    # wandb's own ${envvar:WANDB_RUN_ID} is read before its agent sets it (0.31), so a shell reads it
    script = f'exec {shlex.join(words)} {folder} "$@"'
    found: dict[str, Any] = {
        "method": METHODS[plan.asked.sampler],
        "metric": {
            "name": tracker_name(f"eval_{plan.asked.metric}"),
            "goal": "minimize" if plan.falls else "maximize",
        },
        "parameters": {one.key: _values(one) for one in plan.parameters},
        "command": ["${env}", "bash", "-c", script, "trial", "${args}"],
    }
    if plan.asked.sampler != "grid":
        found["run_cap"] = plan.stages[0].trials
    if plan.asked.pruner == "hyperband":
        found["early_terminate"] = {"type": "hyperband", "min_iter": 1}
    return found


def _values(one: Parameter) -> dict[str, Any]:
    if one.choices:
        return {"values": list(one.choices)}
    bounds: dict[str, Any] = {"min": int(one.low), "max": int(one.high)} if one.whole else {}
    bounds = bounds or {"min": float(one.low), "max": float(one.high)}
    if one.step is not None:
        return {"distribution": "q_uniform", "q": one.step} | bounds
    if one.log:
        return {"distribution": "q_log_uniform_values" if one.whole else "log_uniform_values"} | bounds
    return {"distribution": "int_uniform" if one.whole else "uniform"} | bounds


def sweep_text(plan: Plan) -> str:
    """As YAML 1.1, in which wandb reads it: there 1e-05 is text and 1.0e-05 a number."""
    head = f"# wandb sweep THIS_FILE; then on every machine: wandb agent SWEEP_ID. Made from {plan.path}.\n"
    return head + yaml.safe_dump(sweep_config(plan), sort_keys=False, width=10**6)
