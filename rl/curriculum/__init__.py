"""Which questions are worth training on: pass rates measured once, and what a run has settled on the way.

A group whose completions are all right or all wrong has no advantage to learn from, and TRL (1.16) has no dynamic
sampling. `python -m rl.curriculum` measures, `pass_rates` in a config drops what is never or always solved (as Arctic's
model-based filter does, arXiv:2505.20315), `drop_settled` goes on with it during the run.
"""
