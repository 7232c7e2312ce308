"""What tests of several floors stand on: a small policy, and a real OpenAI-compatible server behind a proxy."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest

from policy.samplers.vllm_package import installed, server_command

from .endpoint_proxy import MODEL, Proxy, listening

ROOT = Path(__file__).parent.parent
NEEDED = ("fastapi", "uvicorn", "openai")
"""What `transformers serve` needs beside the lab (extra dev)."""


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A policy of two layers and random weights; 64 numbers are one block of a four-bit weight."""
    from transformers import Qwen3Config, Qwen3ForCausalLM

    from policy.load import load_tokenizer

    folder = tmp_path_factory.mktemp("small")
    tokenizer = load_tokenizer("policy/seedling")
    size = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = Qwen3Config(
        vocab_size=len(tokenizer), num_key_value_heads=1, head_dim=64, tie_word_embeddings=True, **size
    )
    Qwen3ForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`transformers serve` with the bundled seedling on a CPU, offline; vLLM's server where only that is installed."""
    lacking = [name for name in NEEDED if find_spec(name) is None]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    if not lacking:
        command = f"{Path(sys.executable).parent}/transformers serve {MODEL} --host 127.0.0.1 --port {port}"
        command += " --device cpu --dtype float32"
    elif installed() is not None:
        command = server_command(MODEL, "float32", None, 1024, port, on_cpu=True, trained=False)
        command = command.replace("python ", f"{sys.executable} ", 1)
    else:
        pytest.skip(
            f"no OpenAI-compatible server can be started: {', '.join(lacking)} are missing (extra dev), and vLLM"
        )
    log = tmp_path_factory.mktemp("server") / "log"
    settings = {**os.environ, "HF_HUB_OFFLINE": "1"}
    with log.open("w") as told:
        started = subprocess.Popen(
            command, shell=True, cwd=ROOT, stdout=told, stderr=told, env=settings, start_new_session=True
        )
    try:
        for _ in range(1500):
            if started.poll() is not None:
                pytest.fail(f"{command} ended: {log.read_text()[-2000:]}")
            try:
                httpx.get(f"http://127.0.0.1:{port}/health", timeout=5)
                break
            except httpx.TransportError:
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(started.pid, signal.SIGTERM)
        started.wait(60)


@pytest.fixture
def proxy(server: str) -> Iterator[Proxy]:
    with listening(Proxy(server)) as found:
        yield found


@pytest.fixture
def elsewhere(server: str) -> Iterator[Proxy]:
    """Another host, as far as a client knows."""
    with listening(Proxy(server)) as found:
        yield found
