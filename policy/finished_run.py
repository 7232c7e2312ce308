"""A finished run as its folder tells it, whichever command trained it: method, data, cost, before and after."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policy import yaml_file
from policy.config_error import ConfigError
from policy.run_cost import RunCost, command, hardware, json_of, run_cost
from rewards.paired import Interval, accuracy

METHODS = {
    "sft.train": "SFT",
    "rl.dpo": "DPO",
    "rl.grpo": "GRPO",
    "rl.rloo": "RLOO",
    "rl.reward_model": "reward model",
}
COUNTS = ("gained", "lost", "p")
_TRAINED_ON = re.compile(r"Training on ([\d,]+) (?:questions|pairs)")


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """`before`, `after` and `change` are greedy strict accuracy on the held-out questions and its paired difference,
    with gained, lost and p; None for a reward model, which answers none, and prefers the right of two answers as often
    as `pairs_right` says. `reward` is the mean `blended` of the same answers, None where they do not tell it."""

    run: str
    method: str
    peft: str
    began_from: str
    learning_rate: float | None
    task: str
    split: str
    prompt: str
    trained_on: str
    cost: RunCost
    reward: Interval | None
    before: Interval | None
    after: Interval | None
    change: dict[str, Any] | None
    pairs_right: Interval | None
    stand_in: bool
    hardware: str
    commit: str


def finished_run(folder: Path) -> FinishedRun:
    """Raises ConfigError where the folder is no finished run of this lab's, saying why not."""
    if not folder.is_dir():
        raise ConfigError(f"{folder} is {'a file, not a' if folder.exists() else 'no'} folder")
    if not (folder / "config.yaml").is_file():
        raise ConfigError(f"{folder} holds no config.yaml: it is no run's folder")
    if not (folder / "summary.json").is_file():
        raise ConfigError(f"{folder} holds no summary.json: its run has not ended; finish it with --resume")
    try:
        config = {key: entry.value for key, entry in yaml_file.read(folder / "config.yaml").items()}
        summary: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        module = " ".join(command(folder).split()[2:3])
        environment = json_of(folder / "environment.json")
        judges = "accuracy" in summary
        return FinishedRun(
            run=folder.name or str(folder),
            method=METHODS.get(module, module or "not told"),
            peft=summary.get("method") or peft_of(folder / "policy", config),
            began_from=str(config.get("model_name_or_path") or ""),
            learning_rate=config.get("learning_rate"),
            task=str(summary["task"]),
            split=str(summary["split"]),
            prompt=str(summary["prompt"]),
            trained_on=_trained_on(summary, environment),
            cost=run_cost(folder),
            reward=_reward(folder / "eval/after.jsonl"),
            before=None if judges else Interval(**summary["before"]),
            after=None if judges else Interval(**summary["after"]),
            change=None if judges else {key: summary["difference"][key] for key in ("mean", "low", "high", *COUNTS)},
            pairs_right=Interval(**summary["accuracy"]) if judges else None,
            stand_in=bool(summary["stand_in"]),
            hardware=hardware(environment),
            commit=str(environment.get("commit") or "")[:7] + ("+" if environment.get("uncommitted_changes") else ""),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        told = str(error) if isinstance(error, ConfigError) else f"{type(error).__name__}: {error}"
        raise ConfigError(f"{folder} holds files that this lab does not write ({told})") from error


def peft_of(policy: Path, config: Mapping[str, Any]) -> str:
    """How the weights were taught, in the field's words, by the adapter that was saved: 'LoRA r16 (all-linear)'."""
    adapter = json_of(policy / "adapter_config.json")
    if not adapter:
        return "full"
    if adapter.get("peft_type") == "PROMPT_TUNING":
        return f"prompt tuning ({adapter.get('num_virtual_tokens')} tokens)"
    kind = "DoRA" if adapter.get("use_dora") else "rsLoRA" if adapter.get("use_rslora") else "LoRA"
    if config.get("load_in_4bit"):
        kind = f"Q{kind} {str(config.get('bnb_4bit_quant_type') or 'nf4').upper()}"
    elif config.get("load_in_8bit"):
        kind = f"Q{kind} INT8"
    targets = config.get("lora_target_modules") or adapter.get("target_modules") or ""
    where = ", ".join(sorted(targets)) if isinstance(targets, list) else str(targets)
    return f"{kind} r{adapter.get('r')}" + (f" ({where})" if where else "")


def _trained_on(summary: Mapping[str, Any], environment: Mapping[str, Any]) -> str:
    told = _TRAINED_ON.search(str(environment.get("questions") or ""))
    questions = f"{told[1]} questions" if told else ""
    pairs = summary.get("pairs")
    count = pairs.get("train") if isinstance(pairs, Mapping) else pairs
    if not isinstance(count, int):
        return questions
    return f"{count:,} pairs" + (f" of {questions}" if questions else "")


def _reward(answers: Path) -> Interval | None:
    if not answers.is_file():
        return None
    lines = answers.read_text(encoding="utf-8", errors="surrogatepass").split("\n")
    scores = [row["rewards"].get("blended") for row in map(json.loads, filter(None, lines))]
    return accuracy(scores) if any(score is not None for score in scores) else None
