"""Learn to answer: supervised fine-tuning. It meets the other commands through files only."""
