"""Train the seedling from random weights on generated text-to-SQL, on a CPU or a GPU.

    python -m policy.pretrain --config configs/pretrain_seedling.yaml

A stock Qwen3 of a few million parameters. Hidden matrices are updated by Muon (Jordan et al., 2024, as in torch.optim),
embeddings and norms by AdamW; the rate is constant and then falls to zero. The loss weighs the answer 1,
the question `question_weight`: predicting it from the schema teaches copying too.
"""

import argparse
import json
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import torch
import yaml
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase, Qwen3Config, Qwen3ForCausalLM

from envs.worlds.improvised import improvised
from policy.corpus import Item, Lessons, batches, chats, padded
from policy.load import load_policy, load_tokenizer
from policy.seedling_tokenizer import train_tokenizer


@dataclass(frozen=True, slots=True)
class Pretraining:
    """Sizes in tokens, rates per step, minutes of wall time; `early_share` is the part spent on one-table schemas."""

    output_dir: str
    seed: int
    vocabulary: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    head_dim: int
    steps: int
    tokens_per_batch: int
    longest: int
    learning_rate: float
    embedding_learning_rate: float
    warmup_steps: int
    decay_share: float
    early_share: float
    improvised_share: float
    mutated_words: float
    suffixed_names: float
    other_conventions: float
    question_weight: float
    save_every: int
    start_from: str | None = None


def collate(items: list[Item], pad: int, question_weight: float) -> tuple[Tensor, Tensor, Tensor]:
    """(ids, mask, weights), each of shape (batch, length), padded on the right."""
    length = padded(max(len(item.ids) for item in items))
    ids = torch.full((len(items), length), pad)
    mask, weights = torch.zeros(len(items), length), torch.zeros(len(items), length)
    for at, item in enumerate(items):
        size = len(item.ids)
        ids[at, :size] = torch.tensor(item.ids)
        mask[at, :size] = 1
        weights[at, item.question_at : item.answer_at] = question_weight
        weights[at, item.answer_at : size] = 1.0
    return ids, mask, weights


def rate(step: int, run: Pretraining) -> float:
    """The learning rate's factor at a step: a short rise, a plateau, a linear fall to zero."""
    falling = run.steps * run.decay_share
    return min(1.0, (step + 1) / run.warmup_steps, (run.steps - step) / falling)


def begin(run: Pretraining) -> tuple[PreTrainedTokenizerBase, PreTrainedModel]:
    """A tokenizer trained on a sample of the lessons, and a model of random weights."""
    sample = [part for source in (improvised, None) for chat in islice(chats(run.seed, source), 4000) for part in chat]
    tokenizer = train_tokenizer(sample, run.vocabulary)
    torch.manual_seed(run.seed)
    model = Qwen3ForCausalLM(
        Qwen3Config(
            vocab_size=run.vocabulary,
            hidden_size=run.hidden_size,
            intermediate_size=run.intermediate_size,
            num_hidden_layers=run.num_hidden_layers,
            num_attention_heads=run.num_attention_heads,
            num_key_value_heads=run.num_key_value_heads,
            head_dim=run.head_dim,
            max_position_embeddings=4096,
            tie_word_embeddings=True,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
            bos_token_id=None,
        )
    )
    return tokenizer, model


def train(run: Pretraining) -> None:
    device = "cuda" if torch.cuda.is_available() else "cpu"
    folder = Path(run.output_dir)
    lessons = Lessons(run.improvised_share, run.mutated_words, run.suffixed_names, run.other_conventions)
    if run.start_from:
        tokenizer, model = load_tokenizer(run.start_from), load_policy(run.start_from)
    else:
        tokenizer, model = begin(run)
    tokenizer.save_pretrained(folder)
    model.to(device)
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters on {device}", flush=True)
    hidden = [p for name, p in model.named_parameters() if p.ndim == 2 and "embed" not in name]
    rest = [p for name, p in model.named_parameters() if p.ndim != 2 or "embed" in name]
    optimisers = [
        (torch.optim.Muon(hidden, lr=run.learning_rate, adjust_lr_fn="match_rms_adamw"), run.learning_rate),
        (
            torch.optim.AdamW(rest, lr=run.embedding_learning_rate, betas=(0.9, 0.98), weight_decay=0.0),
            run.embedding_learning_rate,
        ),
    ]
    early_steps = int(run.steps * run.early_share)
    streams = {
        True: batches(tokenizer, lessons, run.seed, True, run.tokens_per_batch, run.longest),
        False: batches(tokenizer, lessons, run.seed + 7, False, run.tokens_per_batch, run.longest),
    }
    started, seen, recent = time.monotonic(), 0, list[float]()
    log = (folder / "pretraining.jsonl").open("w", encoding="utf-8")
    for step in range(run.steps):
        items = next(streams[step < early_steps])
        ids, mask, weights = (t.to(device) for t in collate(items, tokenizer.pad_token_id, run.question_weight))
        with torch.autocast(device, dtype=torch.bfloat16):
            logits = model(input_ids=ids, attention_mask=mask).logits[:, :-1].float()
        losses = torch.nn.functional.cross_entropy(logits.transpose(1, 2), ids[:, 1:], reduction="none")
        loss = (losses * weights[:, 1:]).sum() / weights[:, 1:].sum()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimiser, peak in optimisers:
            for group in optimiser.param_groups:
                group["lr"] = peak * rate(step, run)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        seen += len(items)
        graded = weights[:, 1:] == 1.0
        recent.append(float(losses.detach()[graded].mean()))
        if step % 20 == 19 or step + 1 == run.steps:
            told = {
                "step": step + 1,
                "examples": seen,
                "seconds": round(time.monotonic() - started, 1),
                "answer_loss": round(sum(recent) / len(recent), 4),
            }
            recent.clear()
            log.write(json.dumps(told) + "\n")
            log.flush()
            print(told, flush=True)
        if (step + 1) % run.save_every == 0 or step + 1 == run.steps:
            model.save_pretrained(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, required=True)
    train(Pretraining(**yaml.safe_load(parser.parse_args().config.read_text(encoding="utf-8"))))


if __name__ == "__main__":
    main()
