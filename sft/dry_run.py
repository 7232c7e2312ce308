"""What a run would do, without doing it: config, arithmetic, memory, and the first examples with their loss mask."""

import os
import sys
from math import ceil
from typing import TYPE_CHECKING

from policy.config import Resolved
from policy.memory.asked import REHEARSING, lora
from policy.shown_mask import bracketed, painted
from sft.config import SftRun, method
from sft.data import Lessons
from sft.lessons import about

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from policy.chat import Taught

SHOWN = 2


def show(resolved: Resolved[SftRun], lessons: Lessons, tokenizer: "PreTrainedTokenizerBase") -> None:
    print("\n--- config\n" + resolved.to_yaml())
    print(f"--- arithmetic\n{arithmetic(resolved, lessons)}")
    print(f"--- {method(resolved)}\n{REHEARSING}", flush=True)
    print(size(resolved, lessons, tokenizer))
    coloured = sys.stdout.isatty() or bool(os.environ.get("FORCE_COLOR"))
    for kind, one in shown(lessons):
        count = len(one.ids) - one.answer_at
        how = "on green" if coloured else "between ⟦ ⟧"
        named = f"{kind} ({about(kind)}): " if lessons.mixed else ""
        print(f"\n--- {named}{len(one.ids)} tokens, the loss is on the last {count} of them, {how}")
        print(painted(one, tokenizer) if coloured else bracketed(one, tokenizer))


def shown(lessons: Lessons) -> "list[tuple[str, Taught]]":
    """The first examples, or the first of each kind where several are taught."""
    if not lessons.mixed or lessons.part is None:
        return [("", one) for one in lessons.train[:SHOWN]]
    return [(kind, one) for kind in lessons.part.wanted for one in lessons.part.of(kind)[:1]]


def arithmetic(resolved: Resolved[SftRun], lessons: Lessons) -> str:
    """Examples, tokens and steps. Packed rows are counted as if they were filled to the brim."""
    values, count = resolved.values(), len(lessons.train)
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    a_step = values["per_device_train_batch_size"] * processes * values["gradient_accumulation_steps"]
    rows = ceil(lessons.tokens / values["max_length"]) if values["packing"] else count
    per_epoch = ceil(rows / a_step)
    steps = values["max_steps"] if values["max_steps"] > 0 else ceil(per_epoch * values["num_train_epochs"])
    lengths = sorted(len(one.ids) for one in lessons.train)
    graded = sum(len(one.ids) - one.answer_at for one in lessons.train)
    return (
        f"{count:,} examples of {lengths[0]} to {lengths[-1]} tokens, {lengths[len(lengths) // 2]} in the middle; "
        f"{lessons.tokens:,} tokens an epoch, {graded:,} of them ({graded / lessons.tokens:.1%}) with a loss\n"
        f"{values['per_device_train_batch_size']} a device x {processes} process(es) x "
        f"{values['gradient_accumulation_steps']} = {a_step} {'rows' if values['packing'] else 'examples'} a step; "
        f"{per_epoch:,} steps an epoch, {steps:,} in all, which is {steps / per_epoch:.2f} epochs"
    )


def size(resolved: Resolved[SftRun], lessons: Lessons, tokenizer: "PreTrainedTokenizerBase") -> str:
    """Parameters, and the memory that the training is expected to take at most: one step is rehearsed without memory
    on the longest lessons. What training imports is imported first, so that this process holds what it would."""
    import sft.build  # noqa: F401
    from policy.memory.architecture import architecture
    from policy.memory.estimate import estimate
    from policy.memory.plan import device_of, of_lessons

    values = resolved.values()
    longest = max(len(one.ids) for one in lessons.train)
    prompt = max(one.answer_at for one in lessons.train)
    if values["prompt_tuning"] == "text" and not values["num_virtual_tokens"]:
        values["num_virtual_tokens"] = len(tokenizer(values["prompt_tuning_text"])["input_ids"])
    config = architecture(values["model_name_or_path"], values["model_revision"])
    plan = of_lessons(values, longest, prompt, device_of(values["use_cpu"]))
    return estimate(config, plan, lora(values)).in_words()
