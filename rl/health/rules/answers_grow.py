"""Greedy answers to validation questions grow longer: length was what told chosen from rejected, or the policy forgets
how to stop.
"""

from rl.health.diagnosis import Diagnosis
from rl.health.history import HELD_OUT, History

LENGTH = "eval_completions/mean_length"
TIMES = 1.5
TOKENS = 10.0
"""Both. The same questions are answered at every evaluation, so their lengths hardly move by chance."""


def answers_grow(history: History) -> Diagnosis | None:
    told = [one.values for one in history.evaluations if LENGTH in one.values]
    if len(told) < 2:
        return None
    first, now = told[0], told[-1]
    if now[LENGTH] < TIMES * first[LENGTH] or now[LENGTH] < first[LENGTH] + TOKENS:
        return None
    return Diagnosis(
        name="answers_grow",
        step=history.step,
        told=f"greedy answers grew from {first[LENGTH]:.0f} to {now[LENGTH]:.0f} tokens, execution accuracy going from "
        f"{first[HELD_OUT]:.1%} to {now[HELD_OUT]:.1%}.",
        threshold=f"{TIMES:g} times the first evaluation's, and {TOKENS:g} tokens more",
        evidence={f"{LENGTH} at first": first[LENGTH], f"{LENGTH} now": now[LENGTH]}
        | {f"{HELD_OUT} at first": first[HELD_OUT], f"{HELD_OUT} now": now[HELD_OUT]},
        advice="read eval/step-*.jsonl: if answers do not end, a third of this learning_rate or loss_type: "
        "[sigmoid, sft]; if they are padded, pairs whose chosen is not the longer (the report says), ld_alpha: 0.5 or "
        "loss_type: [sigmoid_norm], which do not pay for length",
    )
