"""Health: plain-language diagnoses of a training run, made from the numbers that it logs. No torch, no trainer."""
