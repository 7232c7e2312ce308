"""Learn to answer: supervised fine-tuning, and the checkpoints that reinforcement learning starts from."""
