"""Choose the keys of a fine-tuning on validation: every trial in a process of its own, in stages of more and more data.

    python -m sft.search --config configs/search_sft_lora.yaml
    python -m sft.search --config configs/search_sft_lora.yaml --dry_run
    python -m sft.search --config configs/sft_lora_r16.yaml --rates 1e-4 3e-4 1e-3
    python -m sft.search --config configs/sft_lora_r16.yaml --rates 1e-4 3e-4 --max_steps 200 --train_size 4096

Start it twice (CUDA_VISIBLE_DEVICES=1 gives the second a GPU of its own), or on two machines with one storage, and they
work at the same search. A trial begins from the model on disk, so none learns on top of another. The test split is
never read. Killed at any moment, the same command goes on.
With `--rates` the config is that of a training, and one key is tried: its learning rate. Other keys of that config can
then be given and hold for every trial.
"""

import sys
from collections.abc import Sequence

from policy.config_error import exit_with_sentence
from policy.plan_config import read_plan_config
from policy.searching import command
from policy.searching.fields import SearchFields
from policy.searching.plan import Command
from policy.searching.rates import asked_for_rates, of_rates
from sft import config

TRAIN = Command(
    config.MODULE,
    config.read,
    config.resolve,
    answered="validation_answers",
    losses=True,
    saves={"save_steps": 0.25, "save_total_limit": 1},
)

INSTEAD = "a search whose key config names it (configs/search_sft_lora.yaml), or learning rates too (--rates 1e-4 1e-3)"


def main(argv: Sequence[str]) -> None:
    if asked_for_rates(argv):
        command.go(of_rates(argv, TRAIN))
        return
    command.run(read_plan_config(SearchFields, argv, "sft.search", INSTEAD), TRAIN)


if __name__ == "__main__":
    with exit_with_sentence():
        main(sys.argv[1:])
