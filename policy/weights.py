"""Which weights a policy's name means: a fingerprint that is the same wherever they lie. Imports no torch."""

import hashlib
from pathlib import Path

from policy.availability import base_of, folder_of
from policy.config_error import ConfigError

SUFFIXES = (".safetensors", ".bin")


def fingerprint(model: str, revision: str = "main") -> str:
    """`sha256:...` over the weights in a folder, and the base under an adapter; `hub:COMMIT` of a model in the cache.

    Raises ConfigError where the name means neither, or the folder holds no weights.
    """
    folder = folder_of(model)
    if not folder.is_dir():
        return f"hub:{_commit(model, revision)}"
    files = sorted(file for suffix in SUFFIXES for file in folder.glob(f"*{suffix}"))
    if not files:
        raise ConfigError(f"model_name_or_path {model} holds no weights ({', '.join(SUFFIXES)})")
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.name} {file.stat().st_size}\n".encode())
        with file.open("rb") as opened:
            digest.update(hashlib.file_digest(opened, "sha256").digest())
    base = base_of(model)
    if base != model:
        digest.update(fingerprint(base, revision).encode())
    return f"sha256:{digest.hexdigest()[:16]}"


def _commit(model: str, revision: str) -> str:
    """The commit of the hub's snapshot that the cache holds."""
    from huggingface_hub import try_to_load_from_cache

    for name in ("config.json", "adapter_config.json", "tokenizer_config.json"):
        found = try_to_load_from_cache(model, name, revision=revision)
        if isinstance(found, str):
            return Path(found).parent.name
    raise ConfigError(
        f"model_name_or_path {model} is in no folder and not in the hub's cache, so nobody knows which it is"
    )
