"""How much memory a training takes: told before it begins, from its config alone, and advice where it was too much."""
