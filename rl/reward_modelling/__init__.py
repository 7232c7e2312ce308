"""A reward model from preferences: what it is trained on, how, and what it is worth beside executing the query."""
