"""Why something cannot be merged or exported, found before any weights are loaded. Each reason is a sentence."""

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError

from policy.availability import folder_of, is_folder, why_no_model
from policy.config_error import ConfigError
from sft.merge.trained_policy import TrainedPolicy, base_config

PROMPTS = {"PROMPT_TUNING", "MULTITASK_PROMPT_TUNING", "P_TUNING", "PREFIX_TUNING", "CPT", "CARTRIDGE"}
"""peft's kinds of adapter that are read before the prompt and change no weight."""

BYTES = {"fp32": 4.0, "bf16": 2.0, "fp16": 2.0, "int8": 2.0, "nf4": 2.0, "adapter": 0.0}
"""An upper bound a parameter on disk. What is quantised is smaller, what is not (embeddings) has two bytes."""


ADAPTER_WEIGHTS = ("adapter_model.safetensors", "adapter_model.bin")


def check_weights(policy: TrainedPolicy, merges: bool) -> None:
    """Raises ConfigError when the base cannot be had or what is asked for cannot be made of it.

    `merges` says whether anything but the adapter itself is wanted.
    """
    if policy.adapter is None:
        _not_quantised(policy, f"{policy.folder} holds")
        return
    if not any((policy.folder / name).is_file() for name in ADAPTER_WEIGHTS):
        raise ConfigError(f"{policy.folder} holds adapter_config.json and no {' or '.join(ADAPTER_WEIGHTS)}.")
    kind = str(policy.adapter.get("peft_type"))
    if merges and kind in PROMPTS:
        raise ConfigError(
            f"{policy.folder} is a {kind} adapter: it is read before the prompt and changes no weight, so there is "
            "nothing to merge. --variants adapter exports it by itself."
        )
    if merges and kind != "LORA":
        raise ConfigError(f"{policy.folder} is a {kind} adapter; LoRA is merged here. Write --variants adapter.")
    base = policy.base
    if not base:
        raise ConfigError(f"{policy.folder}/adapter_config.json names no base model, so there is nothing to put it on.")
    try:
        missing = why_no_model(base)
    except ConfigError as error:
        raise ConfigError(f"the adapter in {policy.folder} stands on {base}, which cannot be had: {error}") from error
    if missing:
        raise ConfigError(f"the adapter in {policy.folder} stands on {base}, which cannot be had: {missing.reason}.")
    if is_folder(base) and not (folder_of(base) / "config.json").is_file():
        raise ConfigError(
            f"the adapter in {policy.folder} stands on {base}, which is an adapter itself. Merge that one first, and "
            "train on what comes of it."
        )
    if merges:
        _not_quantised(policy, f"the adapter in {policy.folder} stands on {base}, which holds")


@contextmanager
def readable(what: str) -> Generator[None]:
    """Around the loading of `what` (weights or a tokenizer): damaged or missing files become a ConfigError."""
    try:
        yield
    except ConfigError:
        raise
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ConfigError(f"{what} cannot be loaded: {first}") from error


@contextmanager
def writable(out: Path) -> Generator[None]:
    """Around what writes an export: a full disk, a limit or a missing permission becomes a ConfigError."""
    try:
        yield
    except (OSError, SafetensorError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ConfigError(f"--out {out} cannot be written: {why}.") from error


def _not_quantised(policy: TrainedPolicy, who: str) -> None:
    if how := base_config(policy).get("quantization_config"):
        method = how.get("quant_method", "unknown")
        raise ConfigError(
            f"{who} quantised weights ({method}), and a merge into those rounds the adapter away. Name the "
            "full-precision model in adapter_config.json (base_model_name_or_path); --variants adapter needs no merge."
        )


def check_out(out: Path, policy: TrainedPolicy) -> None:
    """Raises ConfigError unless `out` is a new or an empty folder outside the policy's own."""
    if out.exists() and not out.is_dir():
        raise ConfigError(f"--out {out} is a file; name a folder.")
    if out.resolve() == Path.cwd():
        raise ConfigError(f"--out {out} is the folder you are in, and an export makes a new one. Name another folder.")
    if out.is_dir() and any(out.iterdir()):
        raise ConfigError(f"--out {out} is not empty, and an export never mixes with older files. Name another folder.")
    if out.resolve().is_relative_to(policy.folder.resolve()):
        raise ConfigError(f"--out {out} lies in the policy's own folder. Name another one.")


def check_disk(out: Path, parameters: int, variants: tuple[str, ...], needs_reference: bool) -> None:
    """Raises ConfigError when the exports may not fit; `needs_reference` adds the float32 copy made on the way."""
    extra = 4.0 if needs_reference and "fp32" not in variants else 0.0
    needed = parameters * (sum(BYTES[name] for name in variants) + extra) + 64e6
    there = next(path for path in (out, *out.absolute().parents) if path.exists())
    free = shutil.disk_usage(there).free
    if needed > free:
        wanted = f"{', '.join(variants)} of {parameters:,} parameters may take {needed / 1e9:.1f} GB"
        raise ConfigError(
            f"{wanted}, and {there} has {free / 1e9:.1f} GB free. Ask for fewer --variants, or name an --out on "
            "another disk."
        )
