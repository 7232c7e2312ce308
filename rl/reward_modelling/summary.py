"""What a run trains on and is held against, in a paragraph."""

from collections import Counter
from collections.abc import Sequence

from policy.config import Resolved
from rl.pairs.pair import Pair
from rl.reward_modelling.config import RewardRun
from rl.reward_modelling.data import Lessons, Material
from rl.reward_modelling.fresh_samples import Fresh


def summary(resolved: Resolved[RewardRun], found: Material, lessons: Lessons, samples: Fresh | None) -> str:
    """For the console and the report."""
    train, watched = lessons.preferences.train, lessons.preferences.validation
    text = f"Training on {_of(train)}: {_counted(train)}."
    if watched:
        text += f" Watched by {_of(watched)}."
    text += f" Held out: {_of(found.held_out)}, none of which is trained on."
    if found.shared:
        text += f" {found.shared:,} more held-out pairs are about databases that are, and left out."
    if lessons.preferences.too_long:
        text += f" {lessons.preferences.too_long:,} pairs are longer than max_length {resolved['max_length']} and left"
        text += " out whole."
    if lessons.marked:
        text += f" {lessons.marked:,} hold a special token of the tokenizer in their own text and are left out."
    if samples:
        count = sum(len(one.right) for one in samples.questions)
        text += f" Held against {count:,} executed samples of {samples.policy} for {len(samples.questions):,} questions"
        text += f" ({samples.shared:,} about databases that are trained on are left out)." if samples.shared else "."
    return text


def _of(pairs: Sequence[Pair]) -> str:
    questions, databases = len({pair.example for pair in pairs}), len({pair.schema_id for pair in pairs})
    return f"{len(pairs):,} pairs of {questions:,} questions over {databases:,} databases"


def _counted(pairs: Sequence[Pair]) -> str:
    sources = Counter(f"{pair.chosen_source} over {pair.source}" for pair in pairs)
    return ", ".join(f"{name} {count:,}" for name, count in sources.most_common())
