"""A real OpenAI-compatible server of the seedling, started once, and proxies in front of it."""

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

from envs import tasks
from policy.samplers.vllm_package import installed, server_command
from rl.pairs.endpoint import collect

from .proxy import MODEL, Proxy, listening

ROOT = Path(__file__).parents[4]
KEY = "sk-planted-0123456789"
NEEDED = ("fastapi", "uvicorn", "openai")
"""What `transformers serve` needs beside the lab (extra dev)."""


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
        for _ in range(300):
            if started.poll() is not None:
                pytest.fail(f"{command} ended: {log.read_text()[-2000:]}")
            try:
                httpx.get(f"http://127.0.0.1:{port}/health", timeout=5)
                break
            except httpx.TransportError:
                time.sleep(1)
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


@pytest.fixture(scope="session")
def examples():
    return tasks.load("worlds", "train")[:8]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collect, "FIRST_BACK_OFF", 0.05)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
