"""What is in a task before anything is trained on it: `python -m envs.explore --task NAME` writes a page and JSON."""
