"""`latency.json`: where it lies, what it holds, and what a head-to-head reads of it. Imports no torch."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.latency.measured import PERCENTILES, Alone, Together
from policy.config_error import ConfigError
from policy.run_folder import write_whole

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds an answer, asked one at a time; answers a second, `at_once` at a time; MiB at most while answering, of
    the GPU where there is one. `on` is what must be the same for two policies to be compared."""

    weights: str
    mean: float
    p50: float
    p95: float
    answers_per_second: float
    peak_mib: float | None
    parameters: int | None
    on: str


def beside(samples: Path) -> Path:
    """`samples_dev.jsonl` -> `latency_dev.json`, and `dev.jsonl` -> `dev_latency.json`, in the same folder."""
    stem = samples.stem
    return samples.with_name((stem.replace("samples", "latency") if "samples" in stem else f"{stem}_latency") + ".json")


def write(file: Path, about: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """Whole or not at all. `about` says what was asked, `found` what `here.measure` or `endpoint.measure` found."""
    alone, together = found.pop("alone"), found.pop("together")
    assert isinstance(alone, Alone) and isinstance(together, Together)
    told = {"schema": SCHEMA} | about | found
    told |= {"percentiles": PERCENTILES, "one_at_a_time": alone.told(), "together": together.told()}
    told["raw"] = {"seconds": [round(one, 6) for one in alone.seconds], "tokens": list(alone.tokens)}
    told["raw"] |= {"first_token_seconds": [one and round(one, 6) for one in alone.first]} if alone.first else {}
    try:
        write_whole(file, json.dumps(told, indent=1) + "\n")
    except OSError as error:
        raise ConfigError(f"--output {file} cannot be written ({error.strerror}); name another") from error
    return told


def read(file: Path) -> Waits | None:
    """None where there is no file. Raises ConfigError where it is none of ours."""
    if not file.is_file():
        return None
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        if told["schema"] != SCHEMA:
            raise ValueError(f"its schema is {told['schema']!r}, not {SCHEMA}")
        alone, together, memory = told["one_at_a_time"], told["together"], told["memory"] or {}
        peaks = memory.get("one_at_a_time") or {}
        return Waits(
            weights=str(told["weights"]),
            mean=float(alone["mean"]),
            p50=float(alone["p50"]),
            p95=float(alone["p95"]),
            answers_per_second=float(together["answers_per_second"]),
            peak_mib=peaks.get("peak_vram_mib") or peaks.get("peak_rss_mib"),
            parameters=told["parameters"],
            on=setting(told),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"{file} is not what python -m eval.latency writes ({error!r}): delete it, or measure again"
        ) from error


def setting(told: dict[str, Any]) -> str:
    """ "transformers, float32, on AMD EPYC, 2 cores, 2 threads; 50 questions of worlds (test), answers of at most 256
    tokens; batches of 32"."""
    machine = told["machine"]
    words = [told["backend"], told["dtype"], f"on {machine['hardware']}"]
    words += [f"{machine['threads']} threads"] if "threads" in machine else [f"asked from {machine['asked_from']}"]
    asked = f"{told['one_at_a_time']['questions']} questions of {told['task']} ({told['split']})"
    asked += f", answers of at most {told['max_new_tokens']} tokens"
    return f"{', '.join(filter(None, words))}; {asked}; {told['together']['at_once']} at once"
