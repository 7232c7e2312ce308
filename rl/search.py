"""Choose the keys of an RL training on validation: every trial in a process of its own, in stages of more and more.

    python -m rl.search --config configs/search_grpo.yaml
    python -m rl.search --config configs/search_grpo.yaml --dry_run
    python -m rl.search --config configs/search_grpo_seedling.yaml --storage runs/shared.journal

What is best is greedy strict execution accuracy on validation, never the reward that is trained on. Start it twice, or
on two machines with one storage, and they work at the same search. Killed at any moment, the same command goes on.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Literal

from policy.config_error import exit_with_sentence
from policy.plan_config import read_plan_config
from policy.searching import command
from policy.searching.fields import SearchFields
from policy.searching.plan import Command
from rl import config
from rl.dpo import config as dpo
from rl.rloo import RLOO

TRAINERS = {
    "grpo": Command("rl.grpo", config.read, config.resolve, answered="validation_size"),
    "rloo": Command(
        "rl.rloo", partial(config.read, algorithm=RLOO), partial(config.resolve, algorithm=RLOO), "validation_size"
    ),
    "dpo": Command("rl.dpo", dpo.read, dpo.resolve, answered="validation_size"),
}


@dataclass(frozen=True)
class RlSearch(SearchFields):
    """Search the keys of an RL config on validation: every trial a process of its own, in stages of more and more."""

    trainer: Annotated[Literal["grpo", "rloo", "dpo"], "whose config it is: python -m rl.TRAINER runs it"] = "grpo"


def main(argv: Sequence[str]) -> None:
    resolved = read_plan_config(
        RlSearch, argv, "rl.search", "a search whose key config names it, such as configs/search_grpo.yaml"
    )
    command.run(resolved, TRAINERS[resolved["trainer"]])


if __name__ == "__main__":
    with exit_with_sentence():
        main(sys.argv[1:])
