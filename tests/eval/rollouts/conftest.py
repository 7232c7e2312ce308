"""A run's folder with rollouts that a real sandbox judged, and its page."""

import json
import shutil
import statistics
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest

import rewards
from envs import tasks
from envs.example import Database, Example
from envs.execution import Limits
from envs.rollout import Rollout
from envs.sql_env import SqlEnv
from eval.rollouts.__main__ import main
from policy.rollouts import Rollouts, row

WEIGHTS = {"blended": 0.01, "executes": 1.0, "rouge_l": -0.2}
"""Bad ones: whatever runs is paid, and most of all what does not look like the gold."""
SINGERS = Database(
    "sqlite", script="CREATE TABLE singer (name TEXT, age INTEGER); INSERT INTO singer VALUES ('Ada', 31)"
)
ASKED = Example("own", "?", SINGERS, "singer(name TEXT, age INTEGER)", "singers", "SELECT 1", "sqlite")
OWN = [
    replace(ASKED, id="empty", question="Who is over 99?", gold_sql="SELECT name FROM singer WHERE age > 99"),
    replace(ASKED, id="count", question="How many singers are there?", gold_sql="SELECT count(*) FROM singer"),
    replace(ASKED, id="broken", question="A gold that does not run", gold_sql="SELECT nope FROM singer"),
]
HOSTILE = (
    "</script><script>document.title='taken'</script>",
    "```sql\nSELECT '<img src=x onerror=document.title=1>' AS \"</style><b>\" -- {{script}} <!--\n```",
    "SELECT '\ud800 \u2028 \0' || 9007199254740993, 1.0",
)
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
BRIEF = Limits(steps=600)
"""What the endless query is stopped after: a hundredth of what it otherwise would be, and enough for any other."""


def answers(gold: str, random: Random, talk: int) -> list[str]:
    """Eight completions as a policy might write them: right in other words, near, and junk, after `talk` words."""
    near = [
        gold.replace("SELECT ", "SELECT DISTINCT ", 1),
        gold.replace(">", ">="),
        f"{gold} LIMIT {random.randrange(1, 9)}",
        gold.lower(),
    ]
    junk = ["I do not know.", "SELECT 1", "SELECT name FROM singer WHERE age > 200", "SELECT FROM", ENDLESS, *HOSTILE]
    said = [gold, gold, *random.sample(near, 3), *random.sample(junk, 3)]
    if (luck := random.random()) < 0.2:
        said = [gold] * 7 + [gold if luck < 0.1 else f"WITH found AS ({gold}) SELECT * FROM found"]
    if not talk:
        return said
    words = ("".join(random.choices("etaoinshrdlu", k=5)) for _ in range(8 * talk))
    return [" ".join(islice(words, talk)) + f"\n```sql\n{one}\n```" for one in said]


def batch(step: int, played: list[Rollout], random: Random) -> list[dict[str, Any]]:
    """Rows of one step, as the trainer writes them, with advantages standardised within groups of eight."""
    rows: list[dict[str, Any]] = []
    for start in range(0, len(played), 8):
        group = played[start : start + 8]
        scores = [{name: rewards.load(name)(one) for name in WEIGHTS} for one in group]
        sums = [None if None in s.values() else sum(WEIGHTS[n] * v for n, v in s.items()) for s in scores]
        known = [one for one in sums if one is not None]
        mean, spread = (statistics.fmean(known), statistics.pstdev(known)) if known else (0.0, 0.0)
        for one, score, reward in zip(group, scores, sums, strict=True):
            advantage = None if reward is None else (reward - mean) / (spread + 1e-4)
            told = {"schema": 2, "step": step, "epoch": step / 50, "process": 0}
            length = {"tokens": len(one.completion) // 3 + 1, "truncated": random.random() < 0.05}
            rows.append(told | row(one, score) | length | {"advantage": advantage})
    return rows


def metrics(steps: int) -> Iterator[dict[str, Any]]:
    for step in range(1, steps + 1):
        up = step / steps
        values = {
            "reward": 0.3 + 0.5 * up,
            "rewards/execution_match/mean": 0.2 + 0.6 * up,
            "sql/tied": 0.1,
            "completions/clipped_ratio": 0.05,
            "kl": float("nan") if step == 3 else 0.01 * up,
        }
        yield {"step": step, "seconds": step} | values
        if step % 5 == 0:
            held = {"": 0.3 + 0.3 * up, "_low": 0.25 + 0.3 * up, "_high": 0.35 + 0.3 * up}
            yield {"step": step, "seconds": step} | {f"eval_execution_accuracy{end}": one for end, one in held.items()}
    told = {"name": "groups_tied", "told": "7 of 8 groups are tied.", "advice": "Raise the temperature."}
    yield {"step": 4, "seconds": 4, "health": told | {"threshold": 0.8, "evidence": {"frac_reward_zero_std": 0.875}}}


MakeRun = Callable[..., Path]


@pytest.fixture(scope="session")
def make_run(tmp_path_factory: pytest.TempPathFactory) -> MakeRun:
    def make(steps: int = 6, questions: int = 8, pool: int = 10, talk: int = 0, seed: int = 1) -> Path:
        folder, random = tmp_path_factory.mktemp("runs") / "grpo_tried", Random(seed)
        (folder / "rollouts").mkdir(parents=True)
        examples = [*OWN, *tasks.load("worlds", "train")[:pool]]
        with SqlEnv(examples, workers=1, limits=BRIEF) as env:
            golds = env.play_batch([(one.id, one.gold_sql) for one in examples])
            writer = Rollouts(folder / "rollouts")
            for step in range(steps):
                asked = [*OWN, *random.sample(examples[3:], questions - 3)]
                turns = [(one.id, text) for one in asked for text in answers(one.gold_sql, random, talk)]
                new = set(writer.unasked([one.id for one in asked]))
                writer.append_questions(step, [gold for gold in golds if gold.example.id in new])
                writer.append(batch(step, env.play_batch(turns), random))
        weights = "".join(f"  {name}: {weight}\n" for name, weight in WEIGHTS.items())
        (folder / "config.yaml").write_text(
            f"task: worlds\nmodel_name_or_path: policy/seedling\nmax_steps: {steps}\nrewards:\n{weights}"
        )
        (folder / "environment.json").write_text('{"stand_in": true}')
        (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in metrics(steps)))
        return folder

    return make


@pytest.fixture(scope="session")
def tried(make_run: MakeRun) -> Path:
    """A short run, not finished."""
    return make_run()


@pytest.fixture(scope="session")
def page(tried: Path) -> Path:
    """The page of the short run."""
    main([str(tried)])
    return tried / "rollouts.html"


@pytest.fixture
def copied(tried: Path, tmp_path: Path) -> Path:
    """The short run again, to be damaged."""
    return shutil.copytree(tried, tmp_path / "grpo_tried")


def summed(row: dict[str, Any]) -> float | None:
    scores = [row["rewards"][name] for name, weight in WEIGHTS.items() if weight]
    return None if None in scores else 0.01 * scores[0] + scores[1] - 0.2 * scores[2]


@pytest.fixture(scope="session")
def total() -> Callable[[dict[str, Any]], float | None]:
    """What training saw of a row: the weighted sum, None where it is unscored."""
    return summed
