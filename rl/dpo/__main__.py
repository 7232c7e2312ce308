"""DPO on a text-to-SQL task (Rafailov et al., 2023, arXiv:2305.18290), with TRL's trainer and execution-verified pairs.

    python -m rl.dpo --config configs/dpo.yaml
    python -m rl.dpo --config configs/dpo.yaml --dry_run
    python -m rl.dpo --config configs/dpo_seedling.yaml --pairs '[runs/pairs/seedling/pairs.jsonl]' --beta 0.3
    python -m rl.dpo --config configs/dpo_seedling.yaml --resume

`loss_type`, `loss_weights`, `f_divergence_type`, `ld_alpha` and `label_smoothing` name the rest of its family.
"""

import sys

from policy.config import exit_with_sentence
from rl.dpo.run import main

if __name__ == "__main__":
    with exit_with_sentence():
        main(sys.argv[1:])
