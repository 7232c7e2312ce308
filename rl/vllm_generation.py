"""vLLM as the sampler of TRL's trainers, where TRL's own sync does not do: adapters everywhere, full weights on a CPU.

TRL (1.16) sends vLLM the weights tensor by tensor, an adapter merged into its base. That lets a half-precision base
drift, spoils a quantised one, and cannot be done on a CPU at all, whose vLLM has packed its weights away. Here

                        LoRA                       full weights, CPU              full weights, CUDA
    colocate            adapter by path            reload, tied head repacked     TRL's own
    server              adapter by path            by path, worker extension      TRL's own (NCCL)

TRL has no place to give such a class to a trainer, so it stands in for TRL's name of it while the trainer is built.
`tests/rl/test_vllm.py` fails loudly when TRL moves what is relied on here.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
import trl.trainer.grpo_trainer
import trl.trainer.rloo_trainer
from accelerate.utils import broadcast_object_list, gather_object
from peft import PeftModel
from transformers import PreTrainedModel
from trl.generation.vllm_generation import VLLMGeneration

from policy.availability import is_local
from policy.chat import stop_tokens
from policy.config import Resolved
from policy.config_error import ConfigError
from policy.samplers import Sampled, Sampling
from policy.samplers.server_sampler import ServerSampler, same_place
from policy.samplers.vllm_engine import LONGEST_ON_CPU, Engine
from policy.samplers.vllm_package import doubt, installed, server_command
from policy.samplers.vllm_sampler import VllmSampler
from rl.stale_sampler import StaleSampler, watched

TRAINERS = (trl.trainer.grpo_trainer, trl.trainer.rloo_trainer)
"""The modules that look the class up by its name."""


def sampling_as_asked(resolved: Resolved[Any], trainer: type) -> Callable[..., Any]:
    """What builds a trainer of that class: the class itself, or, under `use_vllm`, one that samples through
    `LabVLLMGeneration` and stops when its weights are stale."""
    if not resolved["use_vllm"]:
        return trainer

    def build(*args: Any, **kwargs: Any) -> Any:
        if told := doubt(installed() or ""):
            print(told, flush=True)
        with _in_place(resolved):
            built = trainer(*args, **kwargs)
        if limit := watched(resolved.values()):
            built.add_callback(StaleSampler(built, limit))
        else:
            print("nobody watches whether vLLM has the trainer's weights: their log-probabilities are not compared, or "
                  "differ on purpose (top_p and its kin)", flush=True)  # fmt: skip
        return built

    return build


@contextmanager
def _in_place(resolved: Resolved[Any]) -> Iterator[None]:
    ours = type("LabVLLMGeneration", (LabVLLMGeneration,), {"asked": resolved})
    theirs = [module.VLLMGeneration for module in TRAINERS]
    try:
        for module in TRAINERS:
            module.VLLMGeneration = ours
        yield
    finally:
        for module, own in zip(TRAINERS, theirs, strict=True):
            module.VLLMGeneration = own


class LabVLLMGeneration(VLLMGeneration):
    """`asked` is the run's config. Where not `ours`, TRL's own way is taken; otherwise `sampler` samples, on a server
    for the main process alone. Versions count the syncs."""

    asked: Resolved[Any]
    ours: bool = False
    sampler: VllmSampler | ServerSampler | None = None
    version: int = 0

    def _init_vllm(self) -> None:
        self.adapted = isinstance(self.model, PeftModel)
        if not self.adapted and self.accelerator.device.type != "cpu":
            super()._init_vllm()
            return
        self.ours = True
        self.enable_sleep_mode = self._llm_weights_sleeping = False
        self.stops = tuple(stop_tokens(self.processing_class, self.model))
        if self.mode == "colocate":
            self.sampler = VllmSampler(self._engine())
            self.llm = self.sampler.llm
        elif self.accelerator.is_main_process:
            self.sampler = self.vllm_client = self._server()
        self.accelerator.wait_for_everyone()

    def _engine(self) -> Engine:
        base = self._base()
        return Engine(
            model=base.name_or_path,
            dtype=self._dtype(),
            longest=self._longest(),
            sequences=self.max_num_seqs or 64,
            lora_rank=self.asked["lora_r"] if self.adapted else None,
            revision=None if is_local(base.name_or_path) else self.asked["model_revision"],
            seed=self.asked["seed"] + self.accelerator.process_index,
            gpu_memory=self.gpu_memory_utilization,
            implementation=self.model_impl,
            trust_remote_code=self.trust_remote_code,
            launched=self.accelerator.num_processes > 1,
        )

    def _server(self) -> "_Server":
        rank = self.asked["lora_r"] if self.adapted else None
        url = self.server_base_url or f"http://{self.server_host.replace('0.0.0.0', '127.0.0.1')}:{self.server_port}"
        model = self._base().name_or_path
        on_cpu = self.accelerator.device.type == "cpu"
        command = server_command(model, self._dtype(), rank, self._longest(), self.server_port, on_cpu)
        server = _Server(url, command, wait=self.server_timeout)
        if not same_place(server.root, model):
            raise ConfigError(f"the vLLM server at {url} serves {server.root}, not {model}. Start another: {command}")
        return server

    def _base(self) -> PreTrainedModel:
        return self.model.get_base_model() if self.adapted else self.model

    def _dtype(self) -> str:
        """The base's own, or on a GPU that of autocast, which is what the trainer multiplies in."""
        if self.accelerator.device.type != "cpu":
            for key in ("bf16", "fp16"):
                if self.asked[key]:
                    return {"bf16": "bfloat16", "fp16": "float16"}[key]
        return str(next(self._base().parameters()).dtype).removeprefix("torch.")

    def _longest(self) -> int | None:
        """Tokens of prompt and completion, where the config bounds both."""
        if self.max_model_length is not None:
            return self.max_model_length
        own = self._base().config.get_text_config().max_position_embeddings
        run = self.asked.own
        if run.max_prompt_tokens is not None:
            return min(own, run.max_prompt_tokens + self.max_completion_length)
        return min(own, LONGEST_ON_CPU) if self.accelerator.device.type == "cpu" else None

    def sync_weights(self) -> None:
        if not self.ours:
            super().sync_weights()
            return
        self.version += 1
        with self._dist.gather_params([weight for weight in self.model.parameters() if weight.requires_grad]):
            if self.sampler is not None:
                self.sampler.sync(self.model, self.version)
        self.accelerator.wait_for_everyone()

    def generate(self, prompts: list[list[int]], images: Any, num_generations: int, profiler: Any = None) -> tuple:
        if not self.ours:
            return super().generate(prompts, images, num_generations, profiler)
        if images is not None and any(images):
            raise ConfigError("vLLM is asked here with text alone. Write use_vllm: false for prompts with images.")
        if self.mode == "colocate":
            found = [one for (one,) in self.sampler.generate(prompts, 1, self._sampling())]
        else:
            found = self._from_server(prompts, num_generations)
        ids = [one.ids for one in found]
        return prompts, ids, [[[logprob] for logprob in one.logprobs] for one in found], [[[i] for i in s] for s in ids]

    def _from_server(self, prompts: list[list[int]], n: int) -> list[Sampled]:
        """The main process asks for everybody: a group's prompts stand side by side, and it is asked for once."""
        everybody, sampling = gather_object(prompts), self._sampling()
        groups = [self.sampler.generate(everybody[::n], n, sampling) if self.accelerator.is_main_process else None]
        broadcast_object_list(groups, from_process=0)
        found = [Sampled(*one) for group in groups[0] for one in group]
        start = self.accelerator.process_index * len(prompts)
        return found[start : start + len(prompts)]

    def _sampling(self) -> Sampling:
        """With a seed from torch's stream, which checkpoints hold: vLLM's own would be another after a resume."""
        return Sampling(
            max_tokens=self.max_completion_length,
            temperature=self.temperature,
            stops=self.stops,
            seed=int(torch.randint(1 << 62, ()).item()),
            top_p=self.top_p,
            top_k=self.top_k,
            min_p=self.min_p or 0.0,
            repetition_penalty=self.repetition_penalty,
            more=self.generation_kwargs,
        )


class _Server(ServerSampler):
    """With what TRL asks its own client for."""

    def get_server_info(self) -> dict[str, Any]:
        mode = "processed_logprobs" if self.draws_what_it_says() else "raw_logprobs"
        return {"model_config": {"logprobs_mode": mode}}
