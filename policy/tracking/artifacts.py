"""The files of a run as W&B artifacts, when it ends: what it was, every rollout, every score, and a policy if small."""

import os
from pathlib import Path
from typing import Any

from policy.run_folder import RunFolder

LARGEST_POLICY = 100 << 20
"""Bytes of a policy's folder that goes along unasked: any adapter, no model of a useful size. WANDB_LOG_MODEL=end,
transformers' own switch, sends it whatever its size."""

TEXTS = (".yaml", ".json", ".jsonl", ".md", ".html")
"""Files of these kinds that lie in the run's folder itself go along: config, environment, metrics, report, ..."""


def keep_files(run: Any, folder: RunFolder, finished: bool) -> None:
    """Log what there is of a run as artifacts of its W&B run; `finished` when it will not be resumed.

    W&B copies what a resumed run would change, and refers to the rest where it lies, so that an offline run does not
    need its disk twice; `wandb sync` must then find it there.
    """
    import wandb

    small = wandb.Artifact(f"run-{run.id}-files", "run-files")
    for file in sorted(folder.path.iterdir()):
        if file.suffix in TEXTS and file.is_file():
            small.add_file(str(file), file.name)
    run.log_artifact(small)
    policy = "immutable" if finished else "mutable"
    for kind, path in (("rollouts", folder.rollouts), ("scores", folder.evaluations)):
        if path.is_dir() and any(path.iterdir()):
            artifact = wandb.Artifact(f"run-{run.id}-{kind}", kind)
            artifact.add_dir(str(path), policy=policy)
            run.log_artifact(artifact)
    if finished and folder.policy.is_dir():
        _keep_policy(run, folder.policy)


def _keep_policy(run: Any, policy: Path) -> None:
    import wandb

    size = sum(file.stat().st_size for file in policy.rglob("*") if file.is_file())
    if size > LARGEST_POLICY and os.environ.get("WANDB_LOG_MODEL") not in ("end", "checkpoint"):
        print(
            f"wandb: {policy} has {size >> 20:,} MiB, more than the {LARGEST_POLICY >> 20} that are sent unasked; "
            "WANDB_LOG_MODEL=end sends it",
            flush=True,
        )
        return
    artifact = wandb.Artifact(f"run-{run.id}-policy", "model", metadata={"bytes": size})
    artifact.add_dir(str(policy), policy="immutable")
    run.log_artifact(artifact)
