"""Train the seedling on generated and, where they are given, real questions, on a CPU or a GPU.

    python -m policy.pretrain --config configs/pretrain_seedling.yaml
    python -m policy.pretrain --config configs/pretrain_seedling_real.yaml --data FOLDER   # policy/real_questions.py

A stock Qwen3 of a few million parameters. Hidden matrices are updated by Muon (Jordan et al., 2024, as in torch.optim),
embeddings and norms by AdamW; the rate is constant and then falls to zero. The loss weighs the answer 1,
the question `question_weight`: predicting it from the schema teaches copying too. Where cores are shared with other
work, one process a core (`torchrun --nproc_per_node 2 -m policy.pretrain`) waits less than one process over all.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (torch's stubs leave the types of many arguments out)

import argparse
import json
import os
import time
from collections import deque
from itertools import islice
from pathlib import Path
from typing import cast

import torch
import yaml
from torch import distributed
from transformers import PreTrainedModel, PreTrainedTokenizerBase, Qwen3Config, Qwen3ForCausalLM

from envs.sentence_parser import SentenceParser
from envs.worlds.improvised import improvised
from policy.corpus import Lessons, batches, chats
from policy.load import load_policy, load_tokenizer
from policy.pretraining import Pretraining, rate
from policy.pretraining_loss import Body, collate, losses
from policy.real_lessons import taught
from policy.real_questions import Found
from policy.seedling_tokenizer import train_tokenizer

APART = 1_000_003
"""Between the seeds of processes that train together."""


def begin(run: Pretraining) -> tuple[PreTrainedTokenizerBase, Qwen3ForCausalLM]:
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
            eos_token_id=cast(int, tokenizer.eos_token_id),
            pad_token_id=cast(int, tokenizer.pad_token_id),
            bos_token_id=None,
        )
    )
    return tokenizer, model


def optimisers_for(model: PreTrainedModel, run: Pretraining) -> list[tuple[torch.optim.Optimizer, float]]:
    """Each with its highest learning rate."""
    hidden = [p for name, p in model.named_parameters() if p.ndim == 2 and "embed" not in name]
    rest = [p for name, p in model.named_parameters() if p.ndim != 2 or "embed" in name]
    muon = torch.optim.Muon(hidden, lr=run.learning_rate, adjust_lr_fn="match_rms_adamw")
    adam = torch.optim.AdamW(rest, lr=run.embedding_learning_rate, betas=(0.9, 0.98), weight_decay=0.0)
    return [(muon, run.learning_rate), (adam, run.embedding_learning_rate)]


def train(run: Pretraining, data: str | None) -> None:
    rank, processes = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    if processes > 1:
        distributed.init_process_group("gloo")
    device = "cuda" if torch.cuda.is_available() else "cpu"
    folder = Path(run.output_dir)
    lessons = Lessons(
        *(run.improvised_share, run.mutated_words, run.suffixed_names),
        *(run.other_conventions, run.real_share, run.disguised),
    )
    real = real_for(run, data)
    if run.start_from:
        tokenizer, model = load_tokenizer(run.start_from), load_policy(run.start_from)
        if not isinstance(model, Qwen3ForCausalLM):
            raise ValueError(
                f"start_from {run.start_from} is a {type(model).__name__}; pretraining goes on from Qwen3 only"
            )
    else:
        tokenizer, model = begin(run)
    if rank == 0:
        tokenizer.save_pretrained(folder)
    model = model.to(torch.device(device))  # pyright: ignore[reportArgumentType]
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters on {device}", flush=True)
    optimisers = optimisers_for(model, run)
    body: Body = torch.compile(model.model, dynamic=True) if run.compiled else model.model
    early_steps = int(run.steps * run.early_share)
    pad = cast(int, tokenizer.pad_token_id)
    seed, tokens = run.seed + APART * rank, run.tokens_per_batch // processes
    streams = {
        True: batches(tokenizer, lessons, seed, True, tokens, run.longest),
        False: batches(tokenizer, lessons, seed + 7, False, tokens, run.longest, real),
    }
    started, seen, recent = time.monotonic(), 0, deque[float](maxlen=20)
    log = (folder / "pretraining.jsonl").open("w", encoding="utf-8") if rank == 0 else None
    for step in range(run.steps):
        timed = (time.monotonic() - started) / (60 * run.minutes) if run.minutes else 0.0
        progress = agreed(max(step / run.steps, timed), processes)
        last = step + 1 == run.steps or progress >= 1.0
        items = next(streams[step < early_steps])
        ids, weights = (t.to(device) for t in collate(items, pad, run.question_weight))
        each, weight = losses(model, body, ids, weights)
        ((each * weight).sum() / weight.sum()).backward()
        if processes > 1:
            for parameter in model.parameters():
                assert parameter.grad is not None
                distributed.all_reduce(parameter.grad)
                parameter.grad /= processes
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimiser, peak in optimisers:
            for group in optimiser.param_groups:
                group["lr"] = peak * rate(step, progress, run)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        seen += len(items) * processes
        recent.append(float(each.detach()[weight == 1.0].mean()))
        if log and (step % 20 == 19 or last):
            seconds, loss = round(time.monotonic() - started, 1), round(sum(recent) / len(recent), 4)
            told = {"step": step + 1, "examples": seen, "seconds": seconds, "answer_loss": loss}
            print(json.dumps(told), flush=True)
            print(json.dumps(told), file=log, flush=True)
        if log and ((step + 1) % run.save_every == 0 or last):
            save(model, folder)
        if last:
            break
    if processes > 1:
        distributed.destroy_process_group()


def agreed(progress: float, processes: int) -> float:
    """The first process's progress: all must take the same step."""
    if processes == 1:
        return progress
    told = torch.tensor(progress, dtype=torch.float64)
    distributed.broadcast(told, 0)
    return float(told)


def real_for(run: Pretraining, data: str | None) -> dict[str, Found] | None:
    """The real questions of a run that wants some; without a folder it goes on with generated ones, and says so."""
    if run.real_share == 0.0:
        return None
    if data is None:
        print(
            "No folder of real questions was given (--data, or TEXT2SQL_DATA): "
            "this run reads generated lessons only, and its policy will know real schemas less well.",
            flush=True,
        )
        return None
    found = taught(data)
    print(f"real questions: {', '.join(f'{len(s.asked):,} of {name}' for name, s in found.items())}", flush=True)
    return found


def save(model: PreTrainedModel, folder: Path) -> None:
    """The model in `folder`, its file put there in one move: who reads it meanwhile reads the one before."""
    model.save_pretrained(folder / "unfinished")
    for file in sorted((folder / "unfinished").iterdir()):
        file.replace(folder / file.name)
    (folder / "unfinished").rmdir()


def main() -> None:
    parser = SentenceParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--data", default=os.environ.get("TEXT2SQL_DATA"), help="a folder of real questions")
    options = parser.parse_args()
    train(Pretraining(**yaml.safe_load(options.config.read_text(encoding="utf-8"))), options.data)


if __name__ == "__main__":
    main()
