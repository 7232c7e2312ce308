"""Whether a model or a data set can be had: from a folder, from the hub's cache, or from the hub, asked in 3 seconds.

Imports huggingface_hub when it must, never transformers or torch. `HF_HUB_OFFLINE`, `HF_HOME` and `HF_ENDPOINT` count.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

from policy.config_error import ConfigError

SECONDS = 3.0
"""How long the hub may take to answer."""

SEEDLING = Path(__file__).parent / "seedling"
WEIGHTS = ("model.safetensors", "pytorch_model.bin")
INDEXES = ("model.safetensors.index.json", "pytorch_model.bin.index.json")
DATA_FILES = {".parquet", ".arrow", ".json", ".jsonl", ".csv"}


@dataclass(frozen=True, slots=True)
class Missing:
    """Why something cannot be had; `silent` when the hub was asked for it and did not answer."""

    reason: str
    silent: bool = False


def folder_of(model: str) -> Path:
    """The folder that a model's name would mean; `policy/seedling` is found wherever the lab lies."""
    folder = Path(model).expanduser()
    return SEEDLING if folder == Path("policy/seedling") and not folder.exists() else folder


def is_folder(model: str) -> bool:
    """Whether a model's name means a folder here. Raises ConfigError when it can only mean one and nothing is there."""
    folder = folder_of(model)
    if folder.is_dir():
        if any((folder / name).is_file() for name in ("config.json", "adapter_config.json")):
            return True
        raise ConfigError(f"model_name_or_path is {model}, a folder with no config.json and no adapter_config.json.")
    on_hub = re.fullmatch(r"[\w.-]+(?:/[\w.-]+)?", model) and not model.startswith(".")
    if on_hub and folder is not SEEDLING and not ("/" in model and folder.parent.is_dir()):
        return False
    fix = "Train it first, or write another folder or a name on the hub (Qwen/Qwen3-0.6B)."
    if folder is SEEDLING:
        fix = "python -m policy.pretrain --config configs/pretrain_seedling.yaml makes it."
    raise ConfigError(f"model_name_or_path is {model}, and there is no such folder. {fix}")


def base_of(model: str) -> str:
    """The model that must be had: the folder's own, or the base model that the adapter in it stands on."""
    adapter = folder_of(model) / "adapter_config.json"
    if adapter.is_file() and not adapter.with_name("config.json").is_file():
        return str(adapter_config(adapter).get("base_model_name_or_path") or model)
    return model


def adapter_config(file: Path) -> dict[str, Any]:
    """What an `adapter_config.json` says. Raises ConfigError where it is damaged."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ConfigError(f"{file} is no JSON ({error}): the adapter's folder is damaged") from error
    if not isinstance(found, dict):
        raise ConfigError(f"{file} is no mapping: the adapter's folder is damaged")
    return found


def adapter_kind(model: str | None) -> str:
    """PEFT's name of the adapter in a folder (LORA), "" where it holds none. Raises ConfigError as `adapter_config`."""
    file = folder_of(model or "") / "adapter_config.json"
    return str(adapter_config(file).get("peft_type", "")) if file.is_file() else ""


def model_is_cached(model: str, revision: str = "main", cache: Path | None = None) -> bool:
    """Whether the hub's cache holds a model whole: config, tokenizer and every file of its weights."""
    from huggingface_hub import try_to_load_from_cache

    def held(name: str) -> Path | None:
        found = try_to_load_from_cache(model, name, cache_dir=cache, revision=revision)
        return Path(found) if isinstance(found, str) else None

    if not (held("config.json") and held("tokenizer_config.json")):
        return False
    if any(held(name) for name in WEIGHTS):
        return True
    index = next(filter(None, map(held, INDEXES)), None)
    return index is not None and all(map(held, set(json.loads(index.read_text())["weight_map"].values())))


def dataset_is_cached(name: str, hub_cache: Path | None = None, datasets_cache: Path | None = None) -> bool:
    """Whether the hub's cache, or that of the library datasets, holds a data set's files."""
    from huggingface_hub import constants

    hub = hub_cache or Path(constants.HF_HUB_CACHE)
    built = datasets_cache or Path(constants.HF_HOME) / "datasets"
    folders = (hub / f"datasets--{name.replace('/', '--')}" / "snapshots", built / name.replace("/", "___"))
    return any(file.suffix in DATA_FILES for folder in folders if folder.is_dir() for file in folder.rglob("*.*"))


def ask_hub(name: str, kind: str, file: str, seconds: float = SECONDS) -> Missing | None:
    """One request for a file's headers. Raises ConfigError when the hub itself says that there is no such thing."""
    from huggingface_hub import constants, get_hf_file_metadata, hf_hub_url
    from huggingface_hub.errors import HfHubHTTPError

    if constants.HF_HUB_OFFLINE:
        return Missing(f"{name} is not in the cache, and HF_HUB_OFFLINE keeps it from being fetched", silent=True)
    raised: list[Exception] = []

    def ask() -> None:
        try:
            get_hf_file_metadata(hf_hub_url(name, file, repo_type=kind), timeout=seconds)
        except Exception as error:  # handed to the caller's thread, which sorts it
            raised.append(error)

    thread = Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds + 0.5)
    if thread.is_alive():
        silence = f"{constants.ENDPOINT} did not answer in {seconds:g} seconds"
        return Missing(f"{name} is not in the cache, and {silence}", silent=True)
    if not raised:
        return None
    response = raised[0].response if isinstance(raised[0], HfHubHTTPError) else None
    said = response.headers.get("X-Error-Code", "") if response is not None else ""
    if said == "GatedRepo":
        raise ConfigError(f"{name} is gated on the hub: accept its terms on its page, then run `hf auth login`.")
    if said:
        raise ConfigError(f"the hub has no {kind} {name} that you may read ({said}): check its name, or log in.")
    error = type(raised[0]).__name__
    how = f"answered {response.status_code}" if response is not None else f"cannot be reached ({error})"
    return Missing(f"{name} is not in the cache, and {constants.ENDPOINT} {how}", silent=True)


def is_local(model: str) -> bool:
    """Whether a model lies in folders here whole, its base model included. Raises ConfigError as `is_folder` does."""
    return is_folder(model) and (base_of(model) == model or is_folder(base_of(model)))


def why_no_model(model: str, revision: str = "main") -> Missing | None:
    """None when the model can be had. Raises ConfigError on a name that is wrong rather than out of reach."""
    if is_local(model):
        return None
    base = base_of(model)
    return None if model_is_cached(base, revision) else ask_hub(base, "model", "config.json")


def why_no_dataset(name: str, hub_is_silent: bool = False) -> Missing | None:
    """None when the data set can be had. A hub that has just not answered is not asked again."""
    if dataset_is_cached(name):
        return None
    if hub_is_silent:
        return Missing(f"{name} is not in the cache, and the hub did not answer", silent=True)
    return ask_hub(name, "dataset", "README.md")
