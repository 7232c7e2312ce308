"""The paragraphs of a model card: origin, licences, figures, versions. No torch."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from envs import tasks
from policy import yaml_file
from policy.availability import folder_of
from rewards.paired import Interval
from sft.merge import licences
from sft.merge.trained_policy import TrainedPolicy
from sft.merge.variant_table import share

METHOD = (
    "learning_rate", "num_train_epochs", "max_steps", "per_device_train_batch_size", "gradient_accumulation_steps",
    "lora_r", "lora_alpha", "lora_dropout", "lora_target_modules", "use_rslora", "use_dora", "load_in_4bit",
    "load_in_8bit", "bnb_4bit_quant_type", "use_bnb_nested_quant", "prompt_tuning", "num_virtual_tokens", "rewards",
    "prompt", "seed",
)  # fmt: skip
"""The keys of a run's config that the card repeats where they are set."""


def hub_name(model: str | None) -> str | None:
    """The name if it can only be one of the hub's: not a folder here, and of the form OWNER/NAME or NAME."""
    if not model or folder_of(model).exists() or Path(model).is_absolute() or model.count("/") > 1:
        return None
    return None if model.startswith((".", "runs/", "policy/")) else model


def hub_dataset(task: str | None) -> str | None:
    """The data set that a task is on the hub, None where it is none."""
    return getattr(import_module(f"envs.tasks.{task}"), "HUB_DATASET", None) if task in tasks.NAMES else None


def in_run(policy: TrainedPolicy, name: str) -> Interval | None:
    """`before` or `after` of the run's summary.json; None where it has no interval."""
    found: dict[str, Any] | float | None = policy.summary.get(name)
    return Interval(**found) if isinstance(found, dict) else None


def origin(policy: TrainedPolicy) -> str:
    """Base model, task and method, as the run's own files name them."""
    config = policy.config
    begun = _shown(policy.base or config.get("model_name_or_path"))
    lines = [f"- **Base model**: {begun or 'unknown'}"]
    if policy.quantised:
        lines.append(
            f"- **Trained on** that base in {policy.quantised} (bitsandbytes), exported with it in full precision"
        )
    if not config:
        return "\n".join([*lines, "- **Training**: unknown; no config.yaml lay beside this policy."])
    task = config.get("task")
    lines.append(f"- **Task**: `{task}` ({licences.of(task).data})")
    method = policy.summary.get("method") or (policy.adapter or {}).get("peft_type") or "full fine-tuning"
    lines.append(f"- **Method**: {method}")
    if "steps" in policy.summary:
        lines.append(f"- **Steps**: {policy.summary['steps']:,}")
    keys = [f"{key}: {yaml_file.write(config[key])}" for key in METHOD if config.get(key) not in (None, False)]
    return "\n".join(lines) + "\n\n```yaml\n" + "\n".join(keys) + "\n```"


def terms(task: str | None, base_licence: str | None) -> str:
    """The base model's licence and the data's, and what is not known of either."""
    data = licences.of(task)
    base = base_licence or "not stated in a card at hand: check it before publishing"
    more = f"; {data.terms}" if data.terms else ""
    return (
        f"| of | licence |\n|---|---|\n| base model | {base} |\n| training data: {data.data} | {data.licence}{more} |"
    )


def figures(policy: TrainedPolicy, table: str) -> str:
    """The run's own figures, then the table of the exported variants where they were examined."""
    parts: list[str] = []
    before, after = in_run(policy, "before"), in_run(policy, "after")
    change: dict[str, Any] | None = policy.summary.get("difference")
    if before and after:
        split, task = policy.config.get("held_out_split", "validation"), policy.config.get("task")
        text = (
            f"The run, strict execution accuracy, greedy, {after.scored:,} held-out questions of `{task}` ({split}): "
            f"{share(before)} before training, {share(after)} after"
        )
        if change:
            low, high = 100 * change["low"], 100 * change["high"]
            text += (
                f"; paired change {100 * change['mean']:+.1f} [{low:+.1f}, {high:+.1f}], "
                f"{change['gained']} gained, {change['lost']} lost"
            )
        parts.append(f"{text}. 95% intervals; measured on the policy as it was trained.")
    if table:
        parts.append(f"The exported variants, measured after they were loaded again from disk:\n\n{table}")
    return "\n\n".join(parts) or "Not measured."


def versions(environment: Mapping[str, Any]) -> str:
    """Python, packages and commit of the run; says so where the run left none."""
    packages: dict[str, str] | None = environment.get("packages")
    if not packages:
        return "Unknown: no environment.json lay beside this policy."
    listed = ", ".join(f"{name} {version}" for name, version in packages.items())
    commit = f", commit {environment['commit'][:12]}" if environment.get("commit") else ""
    return f"Python {environment.get('python')}{commit}: {listed}."


def _shown(model: str | None) -> str:
    """A model's name for strangers: of a folder outside the lab only its last part."""
    return f"`{Path(model).name if Path(model).is_absolute() else model}`" if model else ""
