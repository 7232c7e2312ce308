"""Predictions that somebody made elsewhere, as files of this lab's samples. `python -m eval.predictions` says how."""
