"""RLOO on a text-to-SQL task (Ahmadian et al., 2024, arXiv:2402.14740): REINFORCE, its baseline the rest of the group.

    python -m rl.rloo --config configs/rloo_seedling.yaml

All but the trainer is that of `rl.grpo`.
"""

import sys

from policy.config import exit_with_sentence
from rl.config import Algorithm
from rl.rloo_fields import RlooFields
from rl.run import main

RLOO = Algorithm("rl.rloo", RlooFields, arguments="RLOOConfig", trainer="LabRLOOTrainer")

if __name__ == "__main__":
    with exit_with_sentence():
        main(sys.argv[1:], RLOO)
