"""The trackers that `report_to` can name, and whether their packages are here; asked before anything is loaded.

Imports neither torch nor any tracker.
"""

from importlib.util import find_spec

from policy.config_error import did_you_mean

MODULES = {
    "wandb": ("wandb", "wandb"),
    "tensorboard": ("tensorboard", "tensorboard"),
    "mlflow": ("mlflow", "mlflow"),
    "trackio": ("trackio", "trackio"),
    "azure_ml": ("azureml", "azureml-core"),
    "clearml": ("clearml", "clearml"),
    "codecarbon": ("codecarbon", "codecarbon"),
    "comet_ml": ("comet_ml", "comet-ml"),
    "dagshub": ("dagshub", "dagshub mlflow"),
    "dvclive": ("dvclive", "dvclive"),
    "flyte": ("flytekit", "flytekit"),
    "neptune": ("neptune", "neptune"),
    "swanlab": ("swanlab", "swanlab"),
}
"""Tracker: the module that must be there, and what pip calls it. The names are transformers' own (5.17), without
`kubeflow`, which is no package but a cluster's variable."""


def named(report_to: str | list[str] | None) -> list[str]:
    """The trackers that a value of `report_to` asks for, each once; `all` is those whose packages are here."""
    asked = [report_to] if isinstance(report_to, str) else report_to or []
    if "all" in asked:
        return [name for name in MODULES if installed(name)]
    return [name for name in dict.fromkeys(asked) if name != "none"]


def installed(tracker: str) -> bool:
    return find_spec(MODULES[tracker][0]) is not None


def trackers_can_be_used(report_to: str | list[str] | None) -> str | None:
    """What is wrong with a value of `report_to`, as a sentence, or None."""
    if isinstance(report_to, list) and len(report_to) > 1 and ("none" in report_to or "all" in report_to):
        word = "none" if "none" in report_to else "all"
        return f"report_to is {report_to}; {word} stands alone. Write report_to: {word}, or leave {word} out."
    for name in named(report_to):
        if name not in MODULES:
            hint = did_you_mean(name, [*MODULES, "none", "all"])
            return f"report_to names {name!r}, and there is no such tracker: {', '.join(MODULES)}, all or none.{hint}"
        if not installed(name):
            return (
                f"report_to names {name}, and its package is not installed. pip install {MODULES[name][1]}, or leave "
                f"{name} out: metrics.jsonl holds every number with or without a tracker."
            )
    return None
