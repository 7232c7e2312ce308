"""All exports of one policy, written together or not at all: merged, checked, one folder a variant."""

import glob
import os
import shutil
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from policy.chat import stop_tokens
from policy.config_error import ConfigError
from policy.load import load_policy
from sft.merge import variants
from sft.merge.merging import THRESHOLD, Merged, merge, to_device
from sft.merge.obstacles import check_disk, readable, writable
from sft.merge.probe import LogitGap, Sequences, gap, logits, sequences
from sft.merge.trained_policy import TrainedPolicy


@dataclass(frozen=True)
class Export:
    """One variant: its bytes of weights, and how its logits, loaded again from disk, differ from the reference in
    float32 (None for the adapter by itself)."""

    name: str
    bytes: int
    gap: LogitGap | None


@dataclass(frozen=True)
class Reference:
    """A float32 checkpoint on disk that every variant is made from, and what it says on the probe's prompts."""

    folder: Path
    asked: Sequences
    logits: Tensor


@contextmanager
def at_once(out: Path) -> Generator[Path]:
    """A temporary folder beside `out` that becomes it at the end; after an error nothing is left.

    What an export leaves that was killed is named: it may be as large as a model.
    """
    place = out.resolve()  # what a link points at, and not the link, is replaced
    partial = place.with_name(f".{place.name}.{os.getpid()}.partial")
    for left in sorted(place.parent.glob(f".{glob.escape(place.name)}.*.partial")):
        print(f"{left} is of an export that was stopped, or still runs; where none runs, delete it.", flush=True)
    with writable(out):
        partial.mkdir(parents=True)
    try:
        yield partial
        with writable(out):
            partial.replace(place)  # onto an empty folder too
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def write_all(
    policy: TrainedPolicy,
    partial: Path,
    names: tuple[str, ...],
    tokenizer: PreTrainedTokenizerBase,
    prompts: Sequence[str],
) -> tuple[list[Export], Merged | None]:
    """Write every variant into `partial/NAME`. `Merged` only where an adapter was merged.

    Raises ConfigError when a merge changes what the policy says, when a checkpoint says something else once loaded
    again, or when the disk is too small.
    """
    done: list[Export] = []
    if "adapter" in names:
        with writable(partial):
            variants.write_adapter(policy, partial / "adapter", tokenizer)
        done.append(Export("adapter", variants.size(partial / "adapter"), None))
    merging = [name for name in names if name != "adapter"]
    if not merging:
        return done, None
    reference, merged = _reference(policy, partial, names, tokenizer, prompts)
    for name in merging:
        folder = partial / name
        if folder != reference.folder:
            variants.write(name, reference.folder, folder, tokenizer)
        found = gap(reference.logits, logits(variants.load(folder), reference.asked))
        if name == "fp32" and not found.largest <= THRESHOLD:
            raise ConfigError(
                f"the checkpoint says something else once it is loaded again ({found.says}): not written."
            )
        done.append(Export(name, variants.size(folder), found))
    if reference.folder.parent == partial and reference.folder.name not in names:
        shutil.rmtree(reference.folder)
    return sorted(done, key=lambda export: names.index(export.name)), merged


def _reference(
    policy: TrainedPolicy,
    partial: Path,
    names: tuple[str, ...],
    tokenizer: PreTrainedTokenizerBase,
    prompts: Sequence[str],
) -> tuple[Reference, Merged | None]:
    """The merged model written in float32, or the folder of a policy that is a whole model already."""
    if policy.adapter is None:
        with readable(str(policy.folder)):
            model = load_policy(str(policy.folder))
        assert isinstance(model, PreTrainedModel)
        to_device(model)
        check_disk(partial, model.num_parameters(), names, needs_reference=False)
        asked = sequences(model, tokenizer, prompts)
        return Reference(policy.folder, asked, logits(model, asked)), None
    merged = merge(policy, tokenizer, prompts)
    check_disk(partial, merged.model.num_parameters(), names, needs_reference=True)
    folder = partial / ("fp32" if "fp32" in names else "reference")
    said = logits(merged.model, merged.asked)
    merged.model.generation_config.eos_token_id = stop_tokens(tokenizer, merged.model)
    merged.model.generation_config.pad_token_id = tokenizer.pad_token_id
    variants.save(merged.model, folder, tokenizer)
    return Reference(folder, merged.asked, said), merged
