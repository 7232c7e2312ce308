"""GRPO on a text-to-SQL task (Shao et al., 2024, arXiv:2402.03300), with TRL's trainer and rewards from executed SQL.

    python -m rl.grpo --config configs/grpo_lr1e6.yaml
    python -m rl.grpo --config configs/grpo_lr1e6.yaml --dry_run
    python -m rl.grpo --config configs/grpo_seedling.yaml --learning_rate 3e-5 --seed 2
    python -m rl.grpo --config configs/grpo_seedling.yaml --resume

The loss is TRL's `dapo` unless the config says otherwise, which is not the paper's; `loss_type`, `scale_rewards`,
`importance_sampling_level` and `multi_objective_aggregation` name its family.
"""

import sys

from policy.config import exit_with_sentence
from rl.config import GRPO
from rl.run import main

if __name__ == "__main__":
    with exit_with_sentence():
        main(sys.argv[1:], GRPO)
