"""A search for hyperparameters on validation, whatever command trains: `sft.search` and `rl.search` say which."""
