"""Every pair is told apart by a wide margin, and the policy is still pushed: from here on it moves for nothing."""

from statistics import fmean

from rl.health.diagnosis import Diagnosis
from rl.health.history import History

EXPLAINS = ("gradient_zero",)
STEPS = 5
ACCURACY = 0.99
MARGIN = 5.0
"""In units of beta times nats, where the loss of a pair is 0.007: less than a batch's noise."""


def margins_explode(history: History) -> Diagnosis | None:
    accuracies, margins = history.last("rewards/accuracies", STEPS), history.last("rewards/margins", STEPS)
    if not accuracies or not margins or fmean(accuracies) < ACCURACY or fmean(margins) < MARGIN:
        return None
    return Diagnosis(
        name="margins_explode",
        step=history.step,
        told=f"{fmean(accuracies):.1%} of the pairs are ordered rightly by {fmean(margins):.1f} in the mean: there is "
        "nothing left to learn from them, and what still changes is what no pair asks about.",
        threshold=f"rewards/accuracies over {ACCURACY:g} and rewards/margins over {MARGIN:g} over {STEPS} steps",
        evidence={"rewards/accuracies": fmean(accuracies), "rewards/margins": fmean(margins)},
        advice="fewer num_train_epochs; a third of this learning_rate; loss_type: [ipo] or label_smoothing with "
        "robust, which want a margin of their own size; nearer pairs (the policy's own samples), for easy ones are "
        "told apart by length or style; eval_rewards/accuracies says whether other databases' pairs are too",
    )
