"""What a run would do, without doing it: config, arithmetic, and the first pair with its loss mask."""

import os
import sys
from math import ceil
from typing import TYPE_CHECKING

from policy.chat import Taught as Answer
from policy.config import Resolved
from policy.memory.asked import REHEARSING, lora
from policy.shown_mask import bracketed, painted
from rl.dpo.config import DpoRun
from rl.dpo.data import Taught

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


def show(resolved: Resolved[DpoRun], taught: Taught, tokenizer: "PreTrainedTokenizerBase") -> None:
    print("\n--- config\n" + resolved.to_yaml())
    print(f"--- arithmetic\n{arithmetic(resolved, taught)}")
    print(f"--- memory\n{REHEARSING}", flush=True)
    print(memory(resolved, taught))
    coloured = sys.stdout.isatty() or bool(os.environ.get("FORCE_COLOR"))
    pair, row = taught.preferences.train[0], taught.train[0]
    print(f"\n--- the first pair, {pair.example}: {pair.chosen_source} over {pair.source}, {pair.kind or pair.error}")
    for name in ("chosen", "rejected"):
        answer = Answer([*row["prompt_ids"], *row[f"{name}_ids"]], len(row["prompt_ids"]))
        how = "on green" if coloured else "between ⟦ ⟧"
        count = len(row[f"{name}_ids"])
        print(f"--- {name}: {len(answer.ids)} tokens, the loss is on the last {count} of them, {how}")
        print(painted(answer, tokenizer) if coloured else bracketed(answer, tokenizer))


def memory(resolved: Resolved[DpoRun], taught: Taught) -> str:
    """What the training is expected to hold at most. What it imports is imported first, so that this process holds what
    it would."""
    import rl.dpo.build  # noqa: F401
    from policy.memory.architecture import architecture
    from policy.memory.estimate import estimate
    from policy.memory.plan import device_of, of_pairs

    values = resolved.values()
    prompt = max(len(row["prompt_ids"]) for row in taught.train)
    answer = max(len(row[name]) for row in taught.train for name in ("chosen_ids", "rejected_ids"))
    config = architecture(values["model_name_or_path"], values["model_revision"])
    return estimate(config, of_pairs(values, prompt, answer, device_of(values["use_cpu"])), lora(values)).in_words()


def arithmetic(resolved: Resolved[DpoRun], taught: Taught) -> str:
    """Pairs, tokens and steps."""
    values, count = resolved.values(), len(taught.train)
    a_step = values["per_device_train_batch_size"] * values["gradient_accumulation_steps"]
    per_epoch = ceil(count / a_step)
    steps = values["max_steps"] if values["max_steps"] > 0 else ceil(per_epoch * values["num_train_epochs"])
    answers = [len(row[f"{name}_ids"]) for row in taught.train for name in ("chosen", "rejected")]
    read = sum(2 * len(row["prompt_ids"]) for row in taught.train) + sum(answers)
    twice = 1 if values["precompute_ref_log_probs"] else steps / per_epoch
    return (
        f"{count:,} pairs, {read:,} tokens an epoch, {sum(answers):,} of them in answers of {min(answers)} to "
        f"{max(answers)}\n{values['per_device_train_batch_size']} a device x {values['gradient_accumulation_steps']} = "
        f"{a_step} pairs a step; {per_epoch:,} steps an epoch, {steps:,} in all, which is {steps / per_epoch:.2f} "
        f"epochs\nreference: {twice * read:,.0f} tokens "
        + ("once before" if values["precompute_ref_log_probs"] else "while training")
    )
