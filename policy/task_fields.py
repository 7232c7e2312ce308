"""The lab's own keys that every command shares which trains on a task, and what they must satisfy beyond types.

Importing this imports neither torch nor TRL.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from envs import sampling, tasks
from envs.verdict import Mode
from policy.config_error import did_you_mean
from policy.presenting import cannot_be_presented, presentation_of


@dataclass(frozen=True)
class TaskFields:
    """What is asked, how it is judged, and how the run is begun. Never a run by itself: a command adds its own keys."""

    task: Annotated[str, "the questions and their databases, a file of envs/tasks/"]
    task_path: Annotated[str | None, "where the task's data lies, for a task that needs it"] = None
    train_size: Annotated[int | None, "train on the first N of the shuffled train split; null takes all"] = None
    sample: Annotated[
        dict[str, str | float] | None,
        "keep a share of train with its distribution, {by: evidence_length | complexity | database, share: 0.4}",
    ] = None
    fewest_joins: Annotated[int | None, "train only on questions whose gold has N joins or more; null takes all"] = None
    most_joins: Annotated[int | None, "train only on questions whose gold has at most N joins; null takes all"] = None
    held_out_split: Annotated[Literal["validation", "test"], "the split that is answered before and after"] = (
        "validation"
    )
    held_out_size: Annotated[int | None, "held-out questions, answered before and after; null takes all"] = 250
    prompt: Annotated[
        Literal["strict", "loose", "steps"],
        "ask for SQL alone, let the policy think first, or have it name tables, columns and conditions first",
    ] = "strict"
    schema_style: Annotated[
        Literal["ddl", "compact", "m_schema"], "how the prompt writes the schema, a file of envs/schema_styles/"
    ] = "ddl"
    schema_tokens: Annotated[
        int | None, "show the part of the schema that a question needs, in fours of characters; null shows all of it"
    ] = None
    schema_notes: Annotated[
        Literal["none", "profile", "summaries"],
        "what the schema says of columns: what a look at the data found, and sentences of serve.column_summaries",
    ] = "none"
    shots: Annotated[int, "solved questions of the train split that each prompt shows"] = 0
    shot_choice: Annotated[
        Literal["similar", "fixed"], "those that ask most like the question, or the same ones for all"
    ] = "similar"
    shot_path: Annotated[str | None, "where the task lies whose train split gives the shots; null is task_path"] = None
    max_prompt_tokens: Annotated[int | None, "leave out questions whose prompt is longer; null keeps all"] = None
    answer_batch_size: Annotated[int, "held-out questions answered at a time; fewer need less memory"] = 64
    comparison: Annotated[Mode, "the verdict that scores and rewards read"] = "strict"
    twins: Annotated[bool, "try every right answer on fuzzed copies of its database too"] = False
    sandbox_workers: Annotated[int, "processes that execute SQL"] = 2
    sql_timeout: Annotated[float, "seconds one query may take"] = 2.0
    stand_in: Annotated[
        Literal["auto", "never", "always"], "use configs/stand_in.yaml where the model, the data or a GPU is missing"
    ] = "auto"
    resume: Annotated[bool, "continue the run that its folder holds"] = False
    dry_run: Annotated[bool, "print what would run, and leave"] = False
    device_memory: Annotated[float | None, "with dry_run: GiB of a GPU, to tell whether the config fits it"] = None


OR_NULL = ("train_size", "held_out_size", "max_prompt_tokens")


def task_can_be_asked(run: TaskFields) -> str | None:
    """What is wrong with these keys, as a sentence, or None."""
    if run.task not in tasks.NAMES:
        hint = did_you_mean(run.task, tasks.NAMES)
        return f"there is no task named {run.task!r}; envs/tasks/ has {', '.join(tasks.NAMES)}.{hint}"
    if run.task_path is not None and not Path(run.task_path).expanduser().exists():
        return f"task_path is {run.task_path!r}, and nothing is there. Write the path of the data of {run.task}."
    for key in (*OR_NULL, "answer_batch_size", "sandbox_workers"):
        value = getattr(run, key)
        if value is not None and value < 1:
            return f"{key} is {value}; it must be at least 1{', or null' if key in OR_NULL else ''}."
    for key in ("fewest_joins", "most_joins"):
        if (value := getattr(run, key)) is not None and value < 0:
            return f"{key} is {value}; it must be at least 0, or null."
    if None not in (run.fewest_joins, run.most_joins) and run.fewest_joins > run.most_joins:
        return f"fewest_joins is {run.fewest_joins} and most_joins {run.most_joins}: no question has both."
    if not 0 < run.sql_timeout <= 600:
        return f"sql_timeout is {run.sql_timeout:g}; it must be above 0 and at most 600 seconds."
    if run.device_memory is not None and run.device_memory <= 0:
        return f"device_memory is {run.device_memory:g}; it must be above 0, the GiB of a GPU."
    if run.device_memory is not None and not run.dry_run:
        return f"device_memory is {run.device_memory:g}: it asks a dry run about a GPU of so many GiB. Add --dry_run."
    return cannot_be_presented(presentation_of(run)) or sample_can_be_drawn(run.sample)


def sample_can_be_drawn(sample: Mapping[str, str | float] | None) -> str | None:
    if sample is None:
        return None
    by, share = sample.get("by"), sample.get("share")
    if set(sample) != {"by", "share"}:
        return f"sample is {dict(sample)}; it needs by and share and nothing else, {{by: evidence_length, share: 0.4}}."
    if by not in sampling.CHOICES:
        return f"sample.by is {by!r}; it must be one of {', '.join(sampling.CHOICES)}."
    if isinstance(share, str) or share is None or not 0 < share <= 1:
        return f"sample.share is {share!r}; it must be above 0 and at most 1, where 0.4 keeps four of ten."
    return None
