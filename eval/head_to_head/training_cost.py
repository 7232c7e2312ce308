"""What a finished run cost, for the table of costs; also that of the policy which a file of samples is of."""

from pathlib import Path

from eval.head_to_head.policies import Cost
from policy import yaml_file
from policy.run_cost import command, hardware, json_of, run_cost


def training_cost(folder: Path) -> Cost:
    """Of a run's folder, which must hold a config.yaml."""
    cost, environment = run_cost(folder), json_of(folder / "environment.json")
    began = yaml_file.read(folder / "config.yaml").get("model_name_or_path")
    return Cost(
        training_seconds=cost.training_seconds,
        steps=cost.steps,
        training_tokens=cost.tokens,
        peak_mib=cost.peak_mib,
        trainable_parameters=cost.trainable_parameters,
        parameters=cost.parameters,
        hardware=hardware(environment),
        command=command(folder),
        began_from=str(began.value if began else ""),
        commit=str(environment.get("commit") or "")[:7],
    )


def run_of(policy: str) -> Path | None:
    """The finished run whose policy it is, `runs/NAME` of `runs/NAME/policy`; None where it is of none that is here."""
    run = Path(policy).parent
    ended = policy and all((run / name).is_file() for name in ("config.yaml", "summary.json"))
    return run if ended and Path(policy).name == "policy" else None
