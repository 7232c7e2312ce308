"""Completions from vLLM in this process: the adapter goes over by path, full weights by a reload.

An adapter's way is the same on a CPU and on a GPU. Full weights are reloaded, and a tied head packed anew, on a CPU; on
a GPU training leaves that to TRL's own sync, and this sampler serves a policy that does not change.
"""

from collections.abc import Iterable, Sequence

import torch
from peft import PeftModel
from torch import nn

from policy.samplers import Sampled, Sampling
from policy.samplers.adapter_versions import AdapterVersions
from policy.samplers.packed_head import repack_head
from policy.samplers.vllm_engine import Engine, open_engine


class VllmSampler:
    """`llm` is vLLM's own engine. It begins with the weights that `engine.model` has on disk, no adapter."""

    def __init__(self, engine: Engine) -> None:
        self.llm = open_engine(engine)
        self._adapters = AdapterVersions() if engine.lora_rank is not None else None
        self._adapter = None
        self._taken = 0

    def sync(self, policy: nn.Module, version: int) -> None:
        if isinstance(policy, PeftModel):
            self.sync_adapter(policy, version)
        else:
            self.sync_weights(policy.named_parameters())

    def sync_adapter(self, policy: PeftModel, version: int) -> None:
        """Under a fresh name and id. The base is not touched."""
        from vllm.lora.request import LoRARequest

        assert self._adapters is not None, "the engine was opened without room for an adapter"
        name, folder = self._adapters.write(policy, version)
        self._taken += 1
        self._adapter = LoRARequest(name, self._taken, str(folder))

    def load_adapter(self, folder: str) -> None:
        """An adapter that lies on disk already."""
        from vllm.lora.request import LoRARequest

        self._taken += 1
        self._adapter = LoRARequest(f"adapter-{self._taken}", self._taken, folder)

    def sync_weights(self, weights: Iterable[tuple[str, torch.Tensor]]) -> None:
        """All weights under the names that transformers gives them, a tied head left out."""
        copies = ((name, weight.detach().clone()) for name, weight in weights)
        self.llm.collective_rpc("reload_weights", kwargs={"weights_iterator": copies})
        self.llm.apply_model(repack_head)
        self.llm.reset_prefix_cache()

    def generate(self, prompt_ids: Sequence[Sequence[int]], n: int, sampling: Sampling) -> list[list[Sampled]]:
        from vllm import SamplingParams

        wanted = [SamplingParams(**sampling.for_vllm(place, n), detokenize=False) for place in range(len(prompt_ids))]
        prompts = [{"prompt_token_ids": list(ids)} for ids in prompt_ids]
        answers = self.llm.generate(prompts, wanted, use_tqdm=False, lora_request=self._adapter)
        return [
            [
                Sampled(
                    list(one.token_ids),
                    [at[token].logprob for at, token in zip(one.logprobs, one.token_ids, strict=True)],
                )
                for one in answer.outputs
            ]
            for answer in answers
        ]

    def close(self) -> None:
        if self._adapters is not None:
            self._adapters.close()
        self.llm.llm_engine.engine_core.shutdown()
