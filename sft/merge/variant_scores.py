"""Every variant answers the same held-out questions: accuracy beside the reference, latency, memory, one table."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from envs.example import Example
from envs.prompt import Style
from envs.sql_env import SqlEnv
from policy.chat import prompt_text
from policy.held_out import examine
from rewards.paired import Difference, Interval, paired_difference
from sft.merge import variants
from sft.merge.exports import Export
from sft.merge.latency import Latency, measure
from sft.merge.merging import on_base, quantisation, to_device
from sft.merge.trained_policy import TrainedPolicy

WIDEST = ("fp32", "bf16", "fp16", "int8", "nf4")
"""The first of these that was exported is the reference."""

Policy = PreTrainedModel | PeftModel


@dataclass(frozen=True)
class Subject:
    """What is examined: a name for the table, the bytes of its weights on disk, and how it is loaded."""

    name: str
    bytes: int
    load: Callable[[], Policy]


@dataclass(frozen=True)
class Row:
    """One subject's figures. `memory` is its weights in bytes; `peak` the most a GPU held, None on a CPU. `change` is
    against the reference, None for the reference itself and where there is none."""

    name: str
    bytes: int
    memory: int
    peak: int | None
    accuracy: Interval
    change: Difference | None
    latency: Latency

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Asking:
    """How the questions are put: as in training, the same for every variant."""

    style: Style
    template: dict[str, Any] | None
    max_new_tokens: int


def subjects(policy: TrainedPolicy, exports: Sequence[Export], out: Path) -> list[Subject]:
    """The exports from the widest precision down, then the adapter unmerged on each of its bases."""

    def loader(folder: Path) -> Callable[[], Policy]:
        return lambda: variants.load(folder)

    by_name = {export.name: export for export in exports}
    found = [Subject(name, by_name[name].bytes, loader(out / name)) for name in WIDEST if name in by_name]
    if policy.adapter is not None:
        size = variants.size(policy.folder)
        found.append(Subject("adapter on fp32 base", size, lambda: _on_fp32(policy)))
        if policy.quantised:
            wanted = quantisation(policy)
            found.append(
                Subject(
                    f"adapter on {policy.quantised} base",
                    size,
                    lambda: on_base(policy, "float32", quantization_config=wanted),
                )
            )
    return found


def _on_fp32(policy: TrainedPolicy) -> Policy:
    model = on_base(policy, "float32")
    to_device(model)
    return model


def evaluate(
    asked: Sequence[Subject],
    tokenizer: PreTrainedTokenizerBase,
    questions: Sequence[Example],
    timed: Sequence[Example],
    env: SqlEnv,
    asking: Asking,
    answers: Path,
) -> list[Row]:
    """One row a subject; what each answered is kept in `answers/NAME.jsonl`. One model is in memory at a time."""
    prompts = [prompt_text(tokenizer, example, asking.style, asking.template) for example in timed]
    rows: list[Row] = []
    reference: list[float | None] | None = None
    for subject in asked:
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
        model = subject.load().eval()
        examination = examine(
            model, tokenizer, questions, env, asking.style, asking.max_new_tokens, template=asking.template
        )
        examination.save(answers / f"{subject.name.replace(' ', '_')}.jsonl", {"decoding": "greedy"})
        rows.append(
            Row(
                subject.name,
                subject.bytes,
                int(model.get_memory_footprint()),
                torch.cuda.max_memory_allocated() if torch.cuda.is_available() else None,
                examination.accuracy(),
                paired_difference(reference, examination.scores) if reference is not None else None,
                measure(model, tokenizer, prompts, asking.max_new_tokens),
            )
        )
        if subject.name in WIDEST and reference is None:
            reference = examination.scores
        del model
    return rows
