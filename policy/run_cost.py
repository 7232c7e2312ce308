"""What a run's folder says that its training cost, whichever command trained it. Imports no torch."""

import json
import math
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class RunCost:
    """None is unknown. Seconds are those of training steps where `in_steps`, else of the whole training with what was
    evaluated on the way; where a run was resumed and only its last part is known, none. A sample is what the trainer
    calls one: an example, a pair, or a completion. `memory` is VRAM or RSS, "" where `peak_mib` is None."""

    steps: int | None
    trainable_parameters: int | None
    parameters: int | None
    peak_mib: float | None
    memory: str
    training_seconds: float | None
    samples_per_second: float | None
    in_steps: bool
    tokens: float | None


def run_cost(folder: Path) -> RunCost:
    """Never an error: what is missing or damaged is unknown."""
    told = json_of(folder / "summary.json") | json_of(folder / "trained.json")
    measures = told.get("measures") or json_of(folder / "cost.json")
    steps, measured = _whole(told.get("steps")), _whole(measures.get("steps_measured"))
    in_parts = steps != measured if measured else bool(json_of(folder / "environment.json").get("resumed"))
    logged: dict[str, Any] = {}
    for line in _lines(folder / "metrics.jsonl"):
        logged |= line
    vram = measures.get("peak_vram_mib")
    peak = _number(measures.get("peak_rss_mib") if vram is None else vram)
    trained, all_of_them = _parameters(folder / "policy")
    runtime, rate = (_number(logged.get(f"train_{name}")) for name in ("runtime", "samples_per_second"))
    seconds = _number(measures.get("training_seconds"))
    if seconds:
        samples = runtime * rate if runtime and rate else None  # of all parts: transformers counts to the last step
        here = samples * measured / steps / seconds if samples and measured and steps else None
        rate = _number(measures.get("samples_per_second")) or here
    elif in_parts:
        rate = None
    return RunCost(
        steps=steps,
        trainable_parameters=_whole(measures.get("trainable_parameters")) or trained,
        parameters=_whole(measures.get("parameters")) or all_of_them,
        peak_mib=peak,
        memory="" if peak is None else "RSS" if vram is None else "VRAM",
        training_seconds=None if in_parts else seconds or runtime,
        samples_per_second=rate,
        in_steps=bool(seconds),
        tokens=_number(logged.get("num_tokens") or logged.get("eval_num_tokens")),
    )


def json_of(file: Path) -> dict[str, Any]:
    """What a small file of a run holds; nothing where it is missing or damaged."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def command(folder: Path) -> str:
    """`python -m rl.dpo --config ...`, as its config.yaml begins, or goes on below a mark of stand-in; "" if not."""
    text = (folder / "config.yaml").read_text(encoding="utf-8", errors="replace")
    found = re.search(r"^# (python -m .+)$", text, re.M)
    return found[1] if found else ""


def hardware(environment: Mapping[str, Any]) -> str:
    """The accelerators that an environment.json names, or how many cores there were."""
    accelerators = environment.get("accelerators") or []
    cores = f"{environment['processors']} CPU cores" if "processors" in environment else ""
    return ", ".join(map(str, accelerators)) or cores


def _parameters(policy: Path) -> tuple[int | None, int | None]:
    """Trained ones and all, by what was saved: an adapter saves what it trained, any other run all of it."""
    adapter = json_of(policy / "adapter_config.json")
    if not adapter:
        whole = _saved(policy)
        return whole, whole
    trained, base = _saved(policy), Path(str(adapter.get("base_model_name_or_path")))
    whole = _saved(base) if base.is_dir() else None
    return trained, trained + whole if trained is not None and whole is not None else None


def _saved(folder: Path) -> int | None:
    """How many numbers the safetensors of a folder hold, by their headers (safetensors 0.5, format of the file)."""
    total = 0
    for file in folder.glob("*.safetensors"):
        try:
            with file.open("rb") as opened:
                (length,) = struct.unpack("<Q", opened.read(8))
                header: Mapping[str, Any] = json.loads(opened.read(length))
            total += sum(math.prod(one["shape"]) for name, one in header.items() if name != "__metadata__")
        except (OSError, ValueError, struct.error, KeyError, TypeError, MemoryError, OverflowError):
            return None
    return total or None


def _lines(file: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for line in file.read_text(encoding="utf-8", errors="replace").split("\n") if file.is_file() else ():
        try:
            found.append(dict(json.loads(line)))
        except (ValueError, TypeError):
            continue
    return found


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and value == value else None


def _whole(value: object) -> int | None:
    return value if type(value) is int else None
