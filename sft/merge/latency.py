"""How long an answer takes: one question at a time as a person waits for it, and many at once."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from peft import PeftModel
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from policy.generate import complete

FEWEST = 30
MOST = 50
WARM_UP = 3
BATCH = 32


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds a question at batch 1 (`mean`, 50th and 95th percentile) over `questions`, and questions a second in
    batches of `BATCH`. Prompt and greedy answer as each policy writes it; tokenising counts, executing SQL does not."""

    mean: float
    p50: float
    p95: float
    questions: int
    batched_per_second: float


def measure(
    model: PreTrainedModel | PeftModel,
    tokenizer: PreTrainedTokenizerBase,
    prompts: Sequence[str],
    max_new_tokens: int,
) -> Latency:
    """Answer the first `MOST` prompts twice, after a warm-up of `WARM_UP` that is not counted. Raises ValueError below
    `FEWEST` prompts: a 95th percentile of fewer says nothing."""
    asked = prompts[:MOST]
    if len(asked) < FEWEST:
        raise ValueError(f"latency needs at least {FEWEST} prompts, and there are {len(asked)}")
    for prompt in asked[:WARM_UP]:
        complete(model, tokenizer, [prompt], max_new_tokens, batch_size=1)
    taken: list[float] = []
    for prompt in asked:
        started = time.perf_counter()
        complete(model, tokenizer, [prompt], max_new_tokens, batch_size=1)
        taken.append(time.perf_counter() - started)
    started = time.perf_counter()
    complete(model, tokenizer, asked, max_new_tokens, batch_size=BATCH)
    together = time.perf_counter() - started
    p50, p95 = np.percentile(taken, (50, 95))
    return Latency(float(np.mean(taken)), float(p50), float(p95), len(asked), len(asked) / together)
