"""Measures pass rates batch by batch into a file that can be gone on with. Imports no torch."""

from collections.abc import Callable, Iterator, Sequence

from envs.example import Example
from envs.rollout import Rollout
from envs.sql_env import SqlEnv
from rl.curriculum.pass_rates import PassRates, Rate, append

Tell = Callable[[int, int], None]
"""Hears how many questions are measured, and of how many."""


def measure(
    begun: PassRates,
    examples: Sequence[Example],
    limit: int | None,
    env: SqlEnv,
    ask: Callable[[Sequence[Example]], list[list[str]]],
    tell: Tell,
) -> None:
    """Append the rate of each of the first `limit` examples that the file does not hold. The examples must be in `env`.

    A batch is always asked whole, though only some of its questions are missing or wanted: what its policy answers
    depends on who else is in it, and must not depend on where the file was left or where the limit lies.
    """
    wanted = {example.id for example in examples[:limit]}
    done = wanted & begun.rates.keys()
    for batch in batches(examples, begun.head.batch):
        missing = [example for example in batch if example.id in wanted and example.id not in done]
        if not missing:
            continue
        answers = dict(zip((example.id for example in batch), ask(batch), strict=True))
        asked = [(example.id, text) for example in missing for text in answers[example.id]]
        played = iter(env.play_batch(asked))
        append(begun.path, [rated(example, [next(played) for _ in answers[example.id]]) for example in missing])
        done |= {example.id for example in missing}
        tell(len(done), len(wanted))


def batches(examples: Sequence[Example], size: int) -> Iterator[Sequence[Example]]:
    return (examples[at : at + size] for at in range(0, len(examples), size))


def rated(example: Example, rollouts: Sequence[Rollout]) -> Rate:
    """What some completions of one question say of it."""
    proven = [rollout.verdict.proven for rollout in rollouts]
    return Rate(
        example=example.id,
        samples=len(rollouts),
        right=proven.count(True),
        unscored=proven.count(None),
        distinct_sql=len({rollout.sql for rollout in rollouts if rollout.sql}),
        difficulty=example.difficulty,
        database=example.schema_id,
    )
