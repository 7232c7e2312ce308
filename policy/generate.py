"""Completions from a loaded policy: batched by length, greedy or sampled, the same prompt everywhere."""

import warnings
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

import torch
from peft import PeftModel
from transformers import GenerationConfig, PreTrainedModel, PreTrainedTokenizerBase

from policy.chat import stop_tokens


def complete(
    model: PreTrainedModel | PeftModel,
    tokenizer: PreTrainedTokenizerBase,
    prompts: Sequence[str],
    max_new_tokens: int,
    batch_size: int = 64,
    samples: int = 1,
    temperature: float = 0.0,
) -> list[list[str]]:
    """`samples` completions for each prompt, in the order of the prompts. Temperature 0 is greedy (one sample).

    Nothing else decides: what a model's own generation config adds (Qwen2.5 punishes repetition, and with it every name
    in the schema) is left aside. The model's mode and that config are left as they were found.
    """
    ids = tokenizer(list(prompts), add_special_tokens=False)["input_ids"] if prompts else []
    written = continuations(model, tokenizer, ids, max_new_tokens, batch_size, samples, temperature)
    return [tokenizer.batch_decode(each, skip_special_tokens=True) for each in written]


@torch.no_grad()
def continuations(
    model: PreTrainedModel | PeftModel,
    tokenizer: PreTrainedTokenizerBase,
    prompts: Sequence[Sequence[int]],
    max_new_tokens: int,
    batch_size: int = 64,
    samples: int = 1,
    temperature: float = 0.0,
    share: tuple[int, int] = (0, 1),
) -> list[list[list[int]]]:
    """`complete` from ids to ids, each ended by its stop token where the policy stopped.

    `share` (i, n): of the batches only each n-th from the i-th on, the same batches whatever the share; the prompts of
    the others get no completion.
    """
    found: list[list[list[int]]] = [[] for _ in prompts]
    stops = stop_tokens(tokenizer, model)
    device = next(model.parameters()).device
    sampling: dict[str, Any] = (
        {"do_sample": True, "temperature": temperature, "top_k": 0, "top_p": 1.0, "num_return_sequences": samples}
        if temperature > 0
        else {"do_sample": False, "temperature": None, "top_k": None, "top_p": None}
    )
    batches = batched([len(ids) for ids in prompts], batch_size, padded=not has_virtual_tokens(model))
    with neutral(model):
        for chosen in islice(batches, share[0], None, share[1]):
            inputs = tokenizer.pad(
                {"input_ids": [list(prompts[at]) for at in chosen]}, return_tensors="pt", padding_side="left"
            ).to(device)
            output = model.generate(
                input_ids=inputs["input_ids"],
                attention_mask=inputs["attention_mask"],
                max_new_tokens=max_new_tokens,
                pad_token_id=tokenizer.pad_token_id,
                eos_token_id=stops,
                use_cache=True,
                **sampling,
            )
            for at, ids in enumerate(output[:, inputs["input_ids"].shape[1] :].tolist()):
                found[chosen[at // max(1, samples)]].append(until_stop(ids, stops))
    return found


def until_stop(ids: list[int], stops: Collection[int]) -> list[int]:
    """Up to the first token that ends an answer, with it."""
    end = next((at for at, token in enumerate(ids) if token in stops), len(ids))
    return ids[: end + 1]


@contextmanager
def neutral(model: PreTrainedModel | PeftModel) -> Iterator[None]:
    """The model answering, its own generation config left aside; both as they were found afterwards."""
    was_training, config = model.training, model.generation_config
    its_own = dict(config.__dict__)
    config.__dict__.update(GenerationConfig().__dict__)
    model.eval()
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Position ids are not supported")  # see batched
            yield
    finally:
        config.__dict__.clear()
        config.__dict__.update(its_own)
        model.train(was_training)


def has_virtual_tokens(model: PreTrainedModel | PeftModel) -> bool:
    return isinstance(model, PeftModel) and model.active_peft_config.is_prompt_learning


def batched(lengths: Sequence[int], most: int, padded: bool) -> Iterator[list[int]]:
    """Places of prompts of like length together, at most `most` at a time, the longest first, so that what is too much
    for the memory is known at once; of the same length if not `padded`.

    peft (0.21) puts virtual tokens before the padding and drops the position ids, so that a padded prompt would stand
    further from them than it was taught to.
    """
    batch: list[int] = []
    for at in sorted(range(len(lengths)), key=lambda place: -lengths[place]):
        if batch and (len(batch) == most or not (padded or lengths[at] == lengths[batch[0]])):
            yield batch
            batch = []
        batch.append(at)
    if batch:
        yield batch
