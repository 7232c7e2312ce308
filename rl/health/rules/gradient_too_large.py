"""The gradient is many times what it was, or than is ever usual."""

from statistics import median

from rl.health.diagnosis import Diagnosis
from rl.health.history import History

STEPS = 5
LIMIT = 10.0
TIMES = 10.0
FLOOR = 2.0
"""1e-3 to 1 is usual (axolotl, docs/training_stability.qmd); in healthy runs of the seedling single steps lie at
0.05 to 0.5, with two questions a step at 0 to 1.4. Medians, for single steps leap."""


def gradient_too_large(history: History) -> Diagnosis | None:
    """Before clipping, which `max_grad_norm` does. DPO's loss is of whole answers and a reward model's of one number a
    text, not of tokens, so that of their gradients only growth says something."""
    now, first = history.last("grad_norm", STEPS), history.first("grad_norm", STEPS)
    if not now:
        return None
    grown = median(now) > TIMES * median(first) and median(now) > FLOOR
    of_answers = bool(history.last("logps/chosen", STEPS) or history.last("min_reward", STEPS))
    if not grown and (of_answers or median(now) <= LIMIT):
        return None
    return Diagnosis(
        name="gradient_too_large",
        step=history.step,
        told="the gradient is far larger than is usual.",
        threshold=f"median of {STEPS} steps over {LIMIT:g}, or over {FLOOR:g} and {TIMES:g} times that of the "
        f"first {STEPS}",
        evidence={"grad_norm": median(now), "grad_norm at first": median(first)},
        advice="max_grad_norm: 0.2; halve learning_rate; larger batches (gradient_accumulation_steps); clip rewards "
        "that are not in [0, 1]",
    )
