"""A training whose one reward fails: `python -m tests.rl.health.failing_reward`, and the words of rl.grpo."""

import sys

import rewards
from rl.config import GRPO
from rl.run import main

if __name__ == "__main__":
    broken, sound = {"blended": lambda rollout: 1 / 0}, rewards.load
    rewards.load = lambda name: broken.get(name) or sound(name)
    main(sys.argv[1:], GRPO)
