"""What every command that trains asks of its config first."""

from collections.abc import Mapping
from typing import Any

from policy import model_checks
from policy.task_fields import TaskFields, task_can_be_asked
from policy.tracking.packages import trackers_can_be_used


def of_task_and_model(run: TaskFields, values: Mapping[str, Any], given: set[str]) -> tuple[str | None, ...]:
    """Of each check what is wrong, or None."""
    return (
        task_can_be_asked(run),
        model_checks.named(values),
        model_checks.lora_is_on(values, given),
        model_checks.quantised(values),
        model_checks.head_is_plain(values),
        model_checks.ranges(values),
        trackers_can_be_used(values["report_to"]),
    )
