"""What is searched: each parameter is a key of a training config with its choices or its range.

A value of `choices` is known to Optuna by its YAML text, so that lists can be chosen from and nothing is compared that
has no order. Importing this imports neither torch nor Optuna.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from policy import yaml_file
from policy.command_line import known
from policy.config_error import ConfigError, did_you_mean
from policy.fields import Field, check, members

if TYPE_CHECKING:
    from optuna.trial import Trial

WORDS = ("choices", "low", "high", "log", "step")
DECIDED = {
    **dict.fromkeys(("train_size", "max_steps", "num_train_epochs"), "the stages say how much a trial trains"),
    **dict.fromkeys(("held_out_split", "held_out_size", "task", "task_path"), "trials must answer the same questions"),
    **dict.fromkeys(("output_dir", "run_name", "resume", "dry_run"), "every trial has a folder of its own"),
    "save_strategy": "every trial saves, so that it can be gone on with",
    **dict.fromkeys(("eval_strategy", "eval_steps", "load_best_model_at_end"), "`pruner` and `metric` say this"),
    **dict.fromkeys(("metric_for_best_model", "early_stopping_patience"), "`pruner` and `metric` say this"),
}
"""Keys that cannot be searched, with what decides them."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One key and its values: `choices`, or from `low` to `high`, in logs or in steps. A range without step is
    continuous for a decimal number and in steps of 1 for an integer."""

    key: str
    choices: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    step: float | None = None
    whole: bool = False

    @property
    def labels(self) -> list[str]:
        return [yaml_file.write(choice) for choice in self.choices]

    def suggest(self, trial: "Trial") -> None:
        """Have Optuna draw the value."""
        if self.choices:
            trial.suggest_categorical(self.key, self.labels)
        elif self.whole:
            trial.suggest_int(self.key, int(self.low), int(self.high), step=int(self.step or 1), log=self.log)
        else:
            trial.suggest_float(self.key, self.low, self.high, step=self.step, log=self.log)

    def value(self, drawn: Any) -> Any:
        """What a training command is given for what Optuna drew."""
        if self.choices:
            return self.choices[self.labels.index(drawn)]
        return int(drawn) if self.whole else float(f"{drawn:.6g}")

    def listed(self) -> list[Any] | None:
        """Every value as Optuna knows it, None for a range without end."""
        if self.choices:
            return list(self.labels)
        if self.log or not (self.step or self.whole):
            return None
        step = self.step or 1
        count = math.floor((self.high - self.low) / step + 1e-9) + 1
        found = [self.low + step * at for at in range(count)]
        return [int(value) for value in found] if self.whole else found

    def ends(self) -> list[Any]:
        """Values that show whether the key takes them."""
        return list(self.choices) or [self.value(self.low), self.value(self.high)]

    def at_edge(self, value: Any) -> bool:
        """Whether a number is as far out as was tried, or within a fiftieth of it; words have no edge."""
        numbers = [float(end) for end in self.ends() if isinstance(end, int | float) and not isinstance(end, bool)]
        if len(set(numbers)) < 2 or len(numbers) < len(self.ends()):
            return False
        low, high, here = min(numbers), max(numbers), float(value)
        if self.log:
            low, high, here = math.log(low), math.log(high), math.log(here)
        slack = 0.0 if self.choices else (high - low) / 50
        return here <= low + slack or here >= high - slack

    def in_words(self) -> str:
        if self.choices:
            return f"one of {', '.join(self.labels)}"
        how = ", drawn in logs" if self.log else f", in steps of {self.step or 1:g}" if self.listed() else ""
        return f"from {self.low:g} to {self.high:g}{how}"


def parameter(key: str, written: Mapping[str, Any], fields: Mapping[str, Field], where: str) -> Parameter:
    """One entry of `space`. Raises ConfigError with place, value, choices and fix."""
    place = f"{where}: space.{key}"
    field = known(key, fields, f"{where}: space")
    if key in DECIDED:
        raise ConfigError(f"{place} cannot be searched: {DECIDED[key]}.")
    for word in written:
        if word not in WORDS:
            raise ConfigError(f"{place}: there is no {word}; it has {', '.join(WORDS)}.{did_you_mean(word, [*WORDS])}")
    if ("choices" in written) == bool({"low", "high"} & set(written)):
        raise ConfigError(f"{place} needs either choices, or low and high: {{choices: [a, b]}}, {{low: 1, high: 9}}.")
    if "choices" in written:
        return _choices(key, written, field, place)
    return _range(key, written, field, place)


def _choices(key: str, written: Mapping[str, Any], field: Field, place: str) -> Parameter:
    choices = written["choices"]
    if set(written) != {"choices"}:
        raise ConfigError(f"{place}: log and step belong to a range; beside choices they say nothing. Leave them out.")
    if not isinstance(choices, list) or not choices:
        raise ConfigError(f"{place}.choices is {choices!r}; it must be a list of values, [1e-4, 1e-3].")
    for choice in choices:
        check(field, choice, f"{place}.choices")
    found = Parameter(key, tuple(choices))
    if len(set(found.labels)) < len(choices):
        raise ConfigError(f"{place}.choices holds a value twice: {', '.join(found.labels)}. Keep one of them.")
    return found


def _range(key: str, written: Mapping[str, Any], field: Field, place: str) -> Parameter:
    if not {int, float} & set(members(field.type)):
        raise ConfigError(f"{place}: {key} is no number, so it has no range. Write choices: [...].")
    missing = [word for word in ("low", "high") if word not in written]
    if missing:
        raise ConfigError(f"{place}: {missing[0]} is missing; a range has low and high.")
    for word in ("low", "high", "step"):
        if written.get(word) is not None:
            check(field, written[word], f"{place}.{word}")
    low, high, step, log = written["low"], written["high"], written.get("step"), written.get("log", False)
    for word, number in (("low", low), ("high", high)):
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise ConfigError(f"{place}.{word} is {number!r}; it must be a number.")
    if not isinstance(log, bool):
        raise ConfigError(f"{place}.log is {log!r}; it must be true or false.")
    if low >= high:
        raise ConfigError(f"{place}: low is {low:g} and high {high:g}; low must be below high.")
    if log and (low <= 0 or step is not None):
        why = f"low is {low:g}, which has no logarithm" if low <= 0 else "log and step exclude each other"
        raise ConfigError(f"{place}: {why}. Leave one of them out.")
    if step is not None and step <= 0:
        raise ConfigError(f"{place}.step is {step:g}; it must be above 0.")
    whole = float not in members(field.type)
    if step is not None:
        high = min(high, low + step * math.floor((high - low) / step + 1e-9))
    if low == high:
        raise ConfigError(f"{place}: step is {step:g}, which is past high, and {low:g} all that is left. Write less.")
    return Parameter(key, low=low, high=high, log=log, step=step, whole=whole)
