"""Completions from a vLLM server that somebody started, over its OpenAI-compatible HTTP, token ids in and out.

An adapter goes over by path under a fresh name each version, and the old name is unloaded. Full weights are written to
a folder that a worker extension reads (`sync_from_path`). Server and trainer therefore see the same disk: on one
machine /dev/shm is used, else the folder that TMPDIR names.
"""

import json
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from peft import PeftModel
from torch import nn

from policy.config_error import ConfigError
from policy.samplers import Sampled, Sampling
from policy.samplers.adapter_versions import AdapterVersions

AT_ONCE = 64
"""Prompts under way at a time."""


class ServerSampler:
    """`command` is what starts such a server, for the sentence that says there is none."""

    def __init__(self, url: str, command: str, wait: float = 0.0, patience: float = 600.0) -> None:
        self.url, self._command, self._patience = url.rstrip("/"), command, patience
        self._await(wait)
        card = self._get("/v1/models")["data"][0]
        self.base, self.root, self.longest = card["id"], card.get("root") or card["id"], card.get("max_model_len")
        self._model = self.base
        near = urlparse(self.url).hostname in ("127.0.0.1", "localhost", "::1")
        self._versions = AdapterVersions(in_memory=near)

    def sync(self, policy: nn.Module, version: int) -> None:
        if isinstance(policy, PeftModel):
            name, folder = self._versions.write(policy, version)
            self.load_adapter(name, str(folder))
            return
        folder = self._versions.root / f"weights-{version}"
        policy.save_pretrained(folder, safe_serialization=True)
        self._post("/collective_rpc", {"method": "sync_from_path", "args": [str(folder)]})
        self._post("/reset_prefix_cache", {})
        shutil.rmtree(folder)

    def load_adapter(self, name: str, folder: str) -> None:
        """Serve the adapter that lies there from now on. Raises ConfigError where the server cannot."""
        self._post("/v1/load_lora_adapter", {"lora_name": name, "lora_path": folder})
        self._unload()
        self._model = name

    def generate(self, prompt_ids: Sequence[Sequence[int]], n: int, sampling: Sampling) -> list[list[Sampled]]:
        """One request a prompt, so that each has its own seed."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            asked = [sampling.for_vllm(place, n) for place in range(len(prompt_ids))]
            return list(pool.map(self._one, prompt_ids, asked))

    def _one(self, prompt: Sequence[int], wanted: dict[str, Any]) -> list[Sampled]:
        told = {"model": self._model, "prompt": list(prompt), "return_token_ids": True, **wanted}
        choices = self._post("/v1/completions", told)["choices"]
        choices.sort(key=lambda choice: choice["index"])
        return [Sampled(choice["token_ids"], choice["logprobs"]["token_logprobs"]) for choice in choices]

    def draws_what_it_says(self) -> bool:
        """Whether its log-probabilities are of what was drawn from, as a trainer's must be compared with: of a choice
        among one token it is 0."""
        (sampled,) = self._one([0, 1], Sampling(1, top_k=1).for_vllm(0, 1))
        return abs(sampled.logprobs[0]) < 1e-6

    def takes_weights(self) -> bool:
        """Whether a trainer may have put other weights in the place of those on disk: its development endpoints are
        open."""
        try:
            self._get("/server_info")
        except urllib.error.HTTPError:
            return False
        return True

    def close(self) -> None:
        self._unload()
        self._versions.close()

    def _unload(self) -> None:
        if self._model != self.base:
            self._post("/v1/unload_lora_adapter", {"lora_name": self._model})
            self._model = self.base

    def _await(self, seconds: float) -> None:
        """Until the server answers. Raises ConfigError when it has not by then."""
        ends, told = time.monotonic() + seconds, False
        while True:
            try:
                with urllib.request.urlopen(f"{self.url}/health", timeout=5):
                    return
            except OSError as error:
                if seconds and not told:
                    print(f"waiting {seconds:.0f} s for a vLLM server at {self.url}: {self._command}", flush=True)
                told = True
                if time.monotonic() > ends:
                    raise ConfigError(
                        f"no vLLM server answers at {self.url} ({error}). Start one from the lab: {self._command}"
                    ) from error
            time.sleep(1)

    def _get(self, path: str) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}{path}", timeout=self._patience) as answer:
            return json.load(answer)

    def _post(self, path: str, told: dict[str, Any]) -> dict[str, Any]:
        """The answer, {} where it is not JSON. Raises ConfigError with what the server said."""
        request = urllib.request.Request(
            f"{self.url}{path}", json.dumps(told).encode(), {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=self._patience) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            said = error.read().decode("utf-8", "replace")[:500]
            hint = f" It must be started so: {self._command}" if error.code in (404, 405) else ""
            raise ConfigError(f"the vLLM server at {self.url} refused {path}: {error.code} {said}.{hint}") from error
        except OSError as error:
            raise ConfigError(
                f"the vLLM server at {self.url} is gone ({error}). Start it again: {self._command}"
            ) from error
        try:
            return json.loads(text)
        except ValueError:
            return {}


def same_place(one: str, other: str) -> bool:
    """Whether two names of a model mean one folder, or are one name on the hub."""
    return one == other or Path(one).resolve() == Path(other).resolve()
