"""What a reward model's run would do, without doing it: config, arithmetic, the first pair as the model reads it."""

import math
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from policy.config import Resolved
from rl.reward_modelling.config import RewardRun
from rl.reward_modelling.data import Lessons

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


def show(resolved: Resolved[RewardRun], lessons: Lessons, tokenizer: "PreTrainedTokenizerBase") -> None:
    pairs, values = len(lessons.train), resolved.values()
    count = row_count([pair.example for pair in lessons.preferences.train], values["pairs_together"])
    batch = values["per_device_train_batch_size"] * values["gradient_accumulation_steps"]
    per_epoch = math.ceil(count / batch)
    steps = values["max_steps"] if values["max_steps"] > 0 else math.ceil(per_epoch * values["num_train_epochs"])
    tokens = sum(len(ids) for one in lessons.train for ids in one.values())
    longest = max(len(ids) for one in lessons.train for ids in one.values())
    print("\n--- config\n" + resolved.to_yaml())
    print(
        f"--- arithmetic\n{pairs:,} pairs in {count:,} rows of up to {values['pairs_together']}, {batch} rows a step, "
        f"{steps:,} steps; {tokens:,} tokens an epoch, were each text read alone, {tokens / 2 / pairs:.0f} a text on "
        f"average, {longest:,} at most"
    )
    first = lessons.train[0]
    print(f"\n--- the first pair, the right one whole\n{tokenizer.decode(first['chosen_ids'])}")
    print(f"\n--- and the wrong one's query\n{lessons.preferences.train[0].rejected_sql}")


def row_count(questions: Iterable[str], together: int) -> int:
    """The rows that batches are made of: pairs of one question, at most so many in each."""
    return sum(math.ceil(pairs / together) for pairs in Counter(questions).values())
