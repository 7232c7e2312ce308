"""The sandbox: model-written SQL is hostile until shown otherwise, so it runs in processes that can be killed."""

from collections.abc import Mapping

from envs.sandbox.job import Job, Judged
from envs.sandbox.sandbox import DEFAULT, Sandbox

__all__ = ["DEFAULT", "Job", "Judged", "Sandbox", "unconfined"]


def unconfined(layers: Mapping[str, str]) -> str:
    """A sentence on the layers of confinement that this system lacks, "" when none is missing."""
    missing = [f"{layer} ({why})" for layer, why in layers.items() if why != "on"]
    if not missing:
        return ""
    return f"The sandbox runs without {', '.join(missing)} on this system; its other layers hold."
