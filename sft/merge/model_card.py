"""The README.md of an exported folder: what it is, where it comes from, how it did, and what it may be used for."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from huggingface_hub import EvalResult, ModelCard, ModelCardData, try_to_load_from_cache

from policy.availability import folder_of
from rewards.paired import Interval
from sft.merge.model_card_text import figures, hub_dataset, hub_name, in_run, origin, terms, versions
from sft.merge.trained_policy import TrainedPolicy
from sft.merge.variant_names import LABELS
from sft.merge.variant_table import megabytes, share


@dataclass(frozen=True)
class Facts:
    """What the command found out beside the run: sentences about the merge, and this variant's line of the table.

    `measured` is this very artefact's accuracy by `--evaluate`, `on` the task and split of it; None without.
    """

    checks: Sequence[str]
    bytes: int
    measured: Interval | None = None
    on: tuple[str, str] | None = None
    table: str = ""


def write(policy: TrainedPolicy, variant: str, folder: Path, facts: Facts) -> None:
    (folder / "README.md").write_text(str(card(policy, variant, facts)), encoding="utf-8")


def card(policy: TrainedPolicy, variant: str, facts: Facts) -> ModelCard:
    """The card; its metadata holds only what is known, and names no folder of this machine as a model of the hub."""
    config = policy.config
    task = config.get("task")
    dataset = hub_dataset(task)
    licence = base_licence(policy)
    data = ModelCardData(
        model_name=policy.name,
        base_model=hub_name(policy.base) or hub_name(config.get("model_name_or_path")),
        datasets=[dataset] if dataset else None,
        library_name="peft" if variant == "adapter" else "transformers",
        pipeline_tag="text-generation",
        language="en",
        license=licence,
        tags=["text-to-sql", *(["stand-in"] if policy.stand_in else [])],
        eval_results=_results(policy, facts, dataset) or None,
        ignore_metadata_errors=True,
    )
    parts = [
        f"# {policy.name}, {variant}",
        *(
            ["**STAND-IN RUN**: its numbers say nothing about the model and the data that its config names."]
            if policy.stand_in
            else []
        ),
        f"{LABELS[variant]}, {megabytes(facts.bytes)} of weights. It answers questions about a database with SQL, in "
        "the chat format of its tokenizer.",
        f"## Origin\n\n{origin(policy)}",
        f"## Licences\n\n{terms(task, licence)}",
        f"## How it did\n\n{figures(policy, facts.table)}",
        *(["## Checked while exporting\n\n" + "\n".join(f"- {line}" for line in facts.checks)] if facts.checks else []),
        f"## Made with\n\n{versions(policy.environment)}",
    ]
    head = data.to_yaml()  # pyright: ignore[reportUnknownMemberType]
    return ModelCard(f"---\n{head}\n---\n\n" + "\n\n".join(parts) + "\n")


def base_licence(policy: TrainedPolicy) -> str | None:
    """The licence in the base model's card, of its folder or the hub's cache; None when nothing says."""
    name = str(policy.base or policy.config.get("model_name_or_path") or "")
    file = folder_of(name) / "README.md" if name else Path()
    if not file.is_file() and hub_name(name):
        cached = try_to_load_from_cache(name, "README.md")
        file = Path(cached) if isinstance(cached, str) else Path()
    if not file.is_file():
        return None
    head = file.read_text(encoding="utf-8", errors="replace").split("---")
    try:
        found: Any = yaml.safe_load(head[1]) if len(head) > 2 and not head[0].strip() else None
    except yaml.YAMLError:
        return None
    licence: Any = found.get("license") if hasattr(found, "get") else None
    return licence if isinstance(licence, str) else None


def _results(policy: TrainedPolicy, facts: Facts, dataset: str | None) -> list[EvalResult]:
    """The model index: this artefact where it was measured, else the policy as its run left it."""
    measured, on = facts.measured, facts.on
    name = "execution accuracy (strict, greedy)"
    if measured is None:
        measured = in_run(policy, "after")
        on = str(policy.config.get("task")), str(policy.config.get("held_out_split", "validation"))
        name += ", of the run's policy before it was exported"
    if measured is None or on is None:
        return []
    task, split = on
    return [
        EvalResult(
            task_type="text-generation",
            task_name="Text-to-SQL",
            dataset_type=hub_dataset(task) or task,
            dataset_name=task,
            dataset_split=split,
            metric_type="execution_accuracy",
            metric_name=f"{name}, 95% interval {share(measured)} of {measured.scored} questions",
            metric_value=round(100 * measured.mean, 2),
        )
    ]
