"""A reward model for text-to-SQL (Bradley and Terry, 1952), with TRL's trainer and execution-verified pairs.

    python -m rl.reward_model --config configs/reward_model.yaml
    python -m rl.reward_model --config configs/reward_model.yaml --dry_run
    python -m rl.reward_model --config configs/reward_model_seedling.yaml --pairs '[runs/pairs/seedling/pairs.jsonl]'
    python -m rl.reward_model --config configs/reward_model_seedling.yaml --resume

One scalar head on the policy's weights; it reads schema, question and query in the policy's own prompt. The report says
how often it prefers the right query on databases it has never seen, by corruption and by error, how far its confidence
can be believed, and, with samples and scores of a policy, whether it agrees with execution where it will be used.
"""

import sys

from policy.config import exit_with_sentence
from rl.reward_modelling.run import main

if __name__ == "__main__":
    with exit_with_sentence():
        main(sys.argv[1:])
