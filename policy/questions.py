"""The questions of a run: loaded, shuffled, their gold executed, the ungradable and the over-long left out by name."""

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import cast

from envs import tasks
from envs.admission import Admission
from envs.complexity import joins
from envs.example import Example
from envs.execution import Limits
from envs.sampling import By, Sampled, sample
from envs.sandbox import Sandbox
from envs.sandbox.golds import default_folder
from envs.sql_env import SqlEnv
from policy.config import ConfigError
from policy.presenting import fitted, in_words, present, presentation_of
from policy.run_folder import write_whole
from policy.task_fields import TaskFields


@dataclass(frozen=True, slots=True)
class Questions:
    """What a run asks. `validation` watches the training; `golds` counts every gold that was executed, `quarantined`
    names those that are no ruler; `cut` says what a budget of `schema_tokens` left, "" without one."""

    train: tuple[Example, ...]
    held_out: tuple[Example, ...]
    golds: int
    quarantined: tuple[tuple[str, str], ...]
    too_long: int
    validation: tuple[Example, ...] = ()
    cut: str = ""

    def summary(self) -> str:
        """One paragraph for the console and the report."""
        kept = self.golds - len(self.quarantined)
        text = f"{kept:,} of {self.golds:,} golds run"
        if self.quarantined:
            causes = Counter(reason.split(":")[0] for _, reason in self.quarantined).most_common(4)
            text += (
                f"; {len(self.quarantined):,} are ungradable and left out of every denominator ("
                + "; ".join(f"{count:,} {cause}" for cause, count in causes)
                + ")"
            )
        if self.too_long:
            text += f"; {self.too_long:,} prompts are longer than max_prompt_tokens and left out"
        if self.cut:
            text += f"; {self.cut}"
        trained, asked = ({e.schema_id for e in part} for part in (self.train, self.held_out))
        others = f"{len(asked - trained):,} others" if asked - trained else ""
        same = f"{len(asked & trained):,} of the same" if asked & trained else ""
        return (
            f"{text}. Training on {len(self.train):,} questions over {len(trained):,} databases, measuring on "
            f"{len(self.held_out):,} held-out questions over {' and '.join(filter(None, (others, same)))}."
        )

    def write_quarantine(self, path: Path) -> None:
        """Where the run's beginning has not written it."""
        if self.quarantined and not path.is_file():
            lines = (json.dumps({"example": name, "reason": why}, ensure_ascii=False) for name, why in self.quarantined)
            write_whole(path, "".join(f"{line}\n" for line in lines))


@dataclass(frozen=True, slots=True)
class Splits:
    """The shuffled train split, the held-out split, what is only looked at, how train was sampled, if it was, and what
    a budget of `schema_tokens` left of the golds' tables, "" without one."""

    train: list[Example]
    held_out: list[Example]
    rest: list[Example]
    sampled: Sampled | None
    cut: str = ""


def load_splits(run: TaskFields, seed: int) -> Splits:
    """The splits of a task as a run uses them. Raises ConfigError where the task has not what is asked for.

    Cut to `train_size` and `held_out_size`. Where the whole task is trained on, its remaining golds are executed too,
    so that a broken ruler is known before the run and not after it.
    """
    try:
        train, held_out = (tasks.load(run.task, split, run.task_path) for split in ("train", run.held_out_split))
    except (ValueError, OSError) as error:
        raise ConfigError(f"task {run.task} cannot be loaded: {error}") from error
    for name, found in (("train", train), (run.held_out_split, held_out)):
        if not found:
            raise ConfigError(f"the {name} split of task {run.task} is empty")
    train = within_joins(train, run.fewest_joins, run.most_joins)
    sampled = None
    if run.sample is not None:
        sampled = sample(train, cast(By, run.sample["by"]), float(run.sample["share"]), seed)
        train = list(sampled.kept)
    Random(seed).shuffle(train)
    # The held-out questions are the same for every seed, so that runs can be compared question by question.
    Random(0).shuffle(held_out)
    rest: list[Example] = []
    if run.train_size is None:
        rest += held_out[run.held_out_size :] if run.held_out_size else []
        with suppress(ValueError):  # a task need not have a third split
            rest += tasks.load(run.task, "test" if run.held_out_split == "validation" else "validation", run.task_path)
    how, keep_gold = presentation_of(run), bool(getattr(run, "keep_gold_tables", False))
    asked, reported = (
        present(part, how, run.task, run.task_path, keep)
        for part, keep in ((train[: run.train_size], keep_gold), (held_out[: run.held_out_size], False))
    )
    cut = "; ".join(filter(None, (in_words(asked, "train", keep_gold), in_words(reported, run.held_out_split))))
    return Splits(asked.examples, reported.examples, rest, sampled, cut)


def within_joins(train: list[Example], fewest: int | None, most: int | None) -> list[Example]:
    """Questions whose gold can be read and has so many joins; all of them where no bound is given."""
    if fewest is None and most is None:
        return train
    least, greatest = fewest or 0, math.inf if most is None else most
    kept = [one for one in train if (found := joins(one)) is not None and least <= found <= greatest]
    bounds = ", ".join(f"{key} {n}" for key, n in (("fewest_joins", fewest), ("most_joins", most)) if n is not None)
    if not kept:
        raise ConfigError(f"none of the {len(train):,} training questions has a gold within {bounds}")
    print(f"{len(kept):,} of {len(train):,} training questions have golds within {bounds}", flush=True)
    return kept


def environment(
    run: TaskFields, examples: Iterable[Example], sandbox: Sandbox | None = None, fingerprints: bool = False
) -> SqlEnv:
    """The environment that executes and judges them as the run asks, each example once; what golds return is kept."""
    return SqlEnv(
        list({example.id: example for example in examples}.values()),
        sandbox,
        workers=run.sandbox_workers,
        limits=Limits(seconds=run.sql_timeout),
        comparison=run.comparison,
        twins=run.twins,
        cache=default_folder(),
        fingerprints=fingerprints,
    )


def load_validation(run: TaskFields, held_out: Sequence[Example], size: int | None) -> list[Example]:
    """At most `size` questions to watch the training by: validation without what is held out for the report. Raises
    ConfigError where there are none."""
    try:
        found = tasks.load(run.task, "validation", run.task_path)
    except (ValueError, OSError) as error:
        raise ConfigError(f"eval_strategy asks for a validation split of task {run.task}: {error}") from error
    reported = {example.id for example in held_out}
    found = [example for example in found if run.held_out_split != "validation" or example.id not in reported]
    Random(0).shuffle(found)
    if not found:
        raise ConfigError(
            f"task {run.task} has no validation question left beside the {len(held_out):,} held-out ones: lower "
            "held_out_size, or write held_out_split: test, or eval_strategy: no"
        )
    return present(found[:size], presentation_of(run), run.task, run.task_path).examples


def admit(
    admission: Admission,
    splits: Splits,
    validation: Sequence[Example],
    tokens: Callable[[Example], int],
    most_tokens: int | None,
    teaching: bool = False,
) -> Questions:
    """What of the splits can be used, every gold executed and every prompt measured. A gold that runs and cannot grade
    an answer stays in train where it is only taught (`teaching`)."""
    kept = {example.id for example in admission.kept}
    usable = [[e for e in splits.train if e.id in kept or (teaching and e.id in admission.ran)]]
    usable += [[e for e in part if e.id in kept] for part in (splits.held_out, validation)]
    fewer = [[fitted(e, tokens, most_tokens) for e in part] for part in usable]
    fitting = [tuple(e for e in part if most_tokens is None or tokens(e) <= most_tokens) for part in fewer]
    for name, asked, graded, fit in zip(
        ("held-out", "validation"), (splits.held_out, validation), usable[1:], fitting[1:], strict=True
    ):
        if asked and not fit:
            raise ConfigError(
                f"none of the {len(asked):,} {name} questions is left: {len(asked) - len(graded):,} golds "
                f"cannot grade an answer, the other prompts are longer than max_prompt_tokens {most_tokens}"
            )
    return Questions(
        train=fitting[0],
        held_out=fitting[1],
        golds=len(admission.kept) + len(admission.quarantined),
        quarantined=admission.quarantined,
        too_long=sum(map(len, usable)) - sum(map(len, fitting)),
        validation=fitting[2],
        cut=splits.cut,
    )
