"""Held-out accuracy has fallen below where it began, by more than chance."""

from rl.health.diagnosis import Diagnosis
from rl.health.history import HELD_OUT, History

LOW, HIGH = f"{HELD_OUT}_low", f"{HELD_OUT}_high"


def accuracy_collapse(history: History) -> Diagnosis | None:
    """Stops: the 95% interval of the newest evaluation lies wholly below that of the first. Both are of the same
    questions, so two intervals apart is more than enough."""
    if len(history.evaluations) < 2:
        return None
    first, now = history.evaluations[0].values, history.evaluations[-1].values
    if LOW not in first or HIGH not in now or now[HIGH] >= first[LOW]:
        return None
    return Diagnosis(
        name="accuracy_collapse",
        step=history.step,
        told=f"held-out execution accuracy fell from {first[HELD_OUT]:.1%} to {now[HELD_OUT]:.1%}.",
        threshold="the whole 95% interval below that of the first evaluation",
        evidence={f"{HELD_OUT} at first": first[HELD_OUT], f"{LOW} at first": first[LOW]}
        | {f"{HELD_OUT} now": now[HELD_OUT], f"{HIGH} now": now[HIGH]},
        advice="go back to an earlier checkpoint; learning_rate a third of this; beta: 0.02; see which reward rose "
        "while accuracy fell",
        stop=True,
    )
