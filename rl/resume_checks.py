"""What would make a resumed run silently another one, as sentences."""

from collections.abc import Mapping
from typing import Any

from rl.batch import batch_of

Values = Mapping[str, Any]

NOT_RESUMED = {
    "save_only_model": "a checkpoint without its optimizer cannot be resumed",
    "ignore_data_skip": "a resumed run would ask again what it has asked already",
    "enable_jit_checkpoint": "it saves in the middle of a generation; a run that is told to stop saves first anyway",
    "sync_ref_model": "no checkpoint holds the reference that moved, so a resumed run would be held to its first one",
}
"""Keys of TRL's and transformers' with which a resumed run would silently be another, each with the reason."""


def checkpoints_hold_the_run(values: Values) -> str | None:
    for key, why in NOT_RESUMED.items():
        if values.get(key):
            return f"{key} is true: {why}. Leave it out."
    if values["save_strategy"] == "best":
        return (
            "save_strategy is best: the best policy alone is no place to go on from, and a run that is told to stop "
            "could not save. Write save_strategy: steps with load_best_model_at_end: true, which keeps the best."
        )
    return None


def epochs_end_between_generations(values: Values, examples: int) -> str | None:
    """Call it once the examples are loaded. The last step of an epoch takes what is left of it (transformers 5.17), so
    that from then on whole steps may fall inside a generation, and so would the checkpoints."""
    batch = batch_of(values)
    passes = examples // batch.prompts * batch.cycle
    steps = batch.steps(examples, values["num_train_epochs"], values["max_steps"])
    one_epoch = steps <= batch.steps(examples)
    if one_epoch or passes % batch.accumulation == 0 or batch.accumulation % batch.cycle == 0:
        return None
    return (
        f"an epoch of {examples} examples has {passes} passes, which gradient_accumulation_steps "
        f"({batch.accumulation}) does not divide, so checkpoints after the first epoch would fall inside a generation "
        f"of {batch.cycle} passes and could not be resumed exactly. Write gradient_accumulation_steps: {batch.cycle}."
    )
