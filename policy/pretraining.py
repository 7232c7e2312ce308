"""What a pretraining config says, and the learning rate that follows from it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pretraining:
    """Sizes in tokens, rates per step; `early_share` is the part spent on one-table schemas.

    The run ends after `steps`, or after `minutes` of wall time where that is sooner. None is no limit.
    """

    output_dir: str
    seed: int
    vocabulary: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    head_dim: int
    steps: int
    tokens_per_batch: int
    longest: int
    learning_rate: float
    embedding_learning_rate: float
    warmup_steps: int
    decay_share: float
    early_share: float
    improvised_share: float
    mutated_words: float
    suffixed_names: float
    other_conventions: float
    question_weight: float
    save_every: int
    compiled: bool
    minutes: float | None
    real_share: float
    disguised: float
    start_from: str | None = None


def rate(step: int, progress: float, run: Pretraining) -> float:
    """The learning rate's factor: a short rise, a plateau, a linear fall to zero as `progress` goes to 1."""
    return min(1.0, (step + 1) / run.warmup_steps, max(0.0, 1.0 - progress) / run.decay_share)
