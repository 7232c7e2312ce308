"""Completions from a loaded policy: batched by length, greedy or sampled, the same prompt everywhere."""

import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from peft import PeftModel
from transformers import GenerationConfig, PreTrainedModel, PreTrainedTokenizerBase

from policy.chat import stop_tokens


@torch.no_grad()
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
    found: list[list[str]] = [[] for _ in prompts]
    was_training = model.training
    model.eval()
    stops = stop_tokens(tokenizer, model)
    warnings.filterwarnings("ignore", message="Position ids are not supported")  # see _batches
    device = next(model.parameters()).device
    sampling: dict[str, Any] = (
        {"do_sample": True, "temperature": temperature, "top_k": 0, "top_p": 1.0, "num_return_sequences": samples}
        if temperature > 0
        else {"do_sample": False, "temperature": None, "top_k": None, "top_p": None}
    )
    config = model.generation_config
    its_own = dict(config.__dict__)
    config.__dict__.update(GenerationConfig().__dict__)
    for chosen in _batches(tokenizer, prompts, batch_size, padded=not _has_virtual_tokens(model)):
        inputs = tokenizer(
            [prompts[at] for at in chosen],
            return_tensors="pt",
            padding=True,
            padding_side="left",
            add_special_tokens=False,
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
        texts = tokenizer.batch_decode(output[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
        for at, text in enumerate(texts):
            found[chosen[at // max(1, samples)]].append(text)
    config.__dict__.clear()
    config.__dict__.update(its_own)
    model.train(was_training)
    return found


def _has_virtual_tokens(model: PreTrainedModel | PeftModel) -> bool:
    return isinstance(model, PeftModel) and model.active_peft_config.is_prompt_learning


def _batches(
    tokenizer: PreTrainedTokenizerBase, prompts: Sequence[str], most: int, padded: bool
) -> Iterator[list[int]]:
    """Places of prompts of like length together, at most `most` at a time, the longest first, so that what is too much
    for the memory is known at once; of the same length if not `padded`.

    peft (0.21) puts virtual tokens before the padding and drops the position ids, so that a padded prompt would stand
    further from them than it was taught to.
    """
    lengths = [len(ids) for ids in tokenizer(list(prompts), add_special_tokens=False)["input_ids"]] if prompts else []
    batch: list[int] = []
    for at in sorted(range(len(prompts)), key=lambda place: -lengths[place]):
        if batch and (len(batch) == most or not (padded or lengths[at] == lengths[batch[0]])):
            yield batch
            batch = []
        batch.append(at)
    if batch:
        yield batch
