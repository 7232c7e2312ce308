"""What a reward model said of samples, kept beside them (`learned.jsonl`), so that it is asked once.

A line a question and model, appended as it is asked, known by fingerprints of the model's weights and of the
completions. Torch is imported when there is something to ask, not before.
"""

import json
from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import Any

from envs.example import Example
from eval.scoring import questions
from policy import weights
from policy.config_error import ConfigError
from policy.scores import Scored, append, fingerprint
from policy.task_fields import TaskFields

SCHEMA = 1
BATCH = 32
"""Questions asked at a time. Fixed: how a text is padded moves the last digits of its logit."""

Logits = dict[str, tuple[float | None, ...]]
"""Of each question's completions, None where the query could not be read."""


def opinions(
    path: Path, named: str | None, members: Sequence[Sequence[Scored]], task_path: str | None
) -> tuple[str | None, list[Logits]]:
    """The fingerprint of the reward model and its logits of the samples of each member; None and nothing where none is
    named and the file knows no model's opinion of all. Raises ConfigError where the name is no folder."""
    if named is None:
        for model in models(path):
            found = [kept(path, model, sampled) for sampled in members]
            if all(len(some) == len(sampled) for some, sampled in zip(found, members, strict=True)):
                print(f"the reward model {model} was asked before: {path}")
                return model, found
        return None, [{} for _ in members]
    folder = Path(named) / "policy" if (Path(named) / "policy").is_dir() else Path(named)
    if not folder.is_dir():
        raise ConfigError(f"--reward_model is {named}, and no folder is there; python -m rl.reward_model makes one")
    model = weights.fingerprint(str(folder))
    asked: list[Logits] = []
    for sampled in members:
        found = kept(path, model, sampled)
        if len(found) < len(sampled):
            facts = sampled[0].facts
            fields = TaskFields(task=facts["task"], task_path=task_path or facts["task_path"])
            examples = questions(fields, facts["split"], [one.example for one in sampled])
            found = ask(path, model, named, sampled, {one.id: one for one in examples}, found)
        asked.append(found)
    return model, asked


def kept(path: Path, model: str, scored: Sequence[Scored]) -> Logits:
    """What the file knows of these samples by the model with that fingerprint; a last line that was cut is taken off
    it. Raises ConfigError where a line is none."""
    of = {one.example: fingerprint(one.completions) for one in scored}
    many = {one.example: len(one.completions) for one in scored}
    return {
        line["example"]: tuple(line["logits"])
        for line in _lines(path)
        if line["model"] == model
        and of.get(line["example"]) == line["of"]
        and many[line["example"]] == len(line["logits"])
    }


def models(path: Path) -> list[str]:
    """The fingerprints of the models that the file has opinions of."""
    return list(dict.fromkeys(line["model"] for line in _lines(path)))


def ask(
    path: Path, model: str, folder: str, scored: Sequence[Scored], examples: dict[str, Example], known: Logits
) -> Logits:
    """The model's logits of all, those that `known` lacks asked and added to the file."""
    from torch import cuda

    from policy.learned_reward import LearnedReward

    asking = LearnedReward(folder, "cuda" if cuda.is_available() else "cpu")
    found = dict(known)
    for start in range(0, len(scored), BATCH):
        batch = scored[start : start + BATCH]
        if all(one.example in known for one in batch):
            continue
        said = iter(asking.logits([(examples[one.example], score.sql) for one in batch for score in one.scores]))
        for one in batch:
            logits = [next(said) for _ in one.scores]
            if one.example not in known:
                told = {"schema": SCHEMA, "model": model, "example": one.example, "of": fingerprint(one.completions)}
                append(path, told | {"logits": logits})
                found[one.example] = tuple(logits)
    return found


def _lines(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    whole = path.read_bytes()
    cut = whole[: whole.rfind(b"\n") + 1]
    if cut != whole:
        with path.open("r+b") as file:
            file.truncate(len(cut))
    found: list[dict[str, Any]] = []
    for number, text in enumerate(cut.splitlines(), 1):
        try:
            found.append(json.loads(text))
            if found[-1]["schema"] != SCHEMA or not {"model", "example", "of", "logits"} <= found[-1].keys():
                raise ValueError("it is of another kind")
            if any(one is not None and not isfinite(one) for one in found[-1]["logits"]):
                raise ValueError("one of its logits is no number")
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ConfigError(f"{path} line {number} holds no logits of a reward model ({error!r}); move it") from error
    return found
