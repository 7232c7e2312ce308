"""A file of samples and the scores beside it as one seed of a policy."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean

from envs.verdict import CONTRACT
from eval.head_to_head.policies import Answer, Cost, Run
from eval.head_to_head.training_cost import run_of, training_cost
from eval.head_to_head.waits import with_waits
from eval.latency.record import beside
from eval.score import scores_beside
from policy.config_error import ConfigError
from policy.run_cost import json_of
from policy.scores import Score, read

SAME = ("task", "split", "prompt", "comparison", "temperature", "weights")
"""What all lines of a file must agree on."""


def read_samples(file: Path) -> Run:
    """Raises ConfigError where scores are missing or of other samples, or a question has several answers or none."""
    scored = read(file, scores_beside(file))
    if not scored:
        raise ConfigError(f"{file} holds no samples")
    facts = scored[0].facts
    for one in scored:
        if len(one.scores) != 1:
            raise ConfigError(
                f"{file} has {len(one.scores)} answers to {one.example}, and a head-to-head compares one each: write "
                "greedy ones with python -m eval.generate, or choose among them with python -m eval.select"
            )
        if other := [key for key in SAME if one.facts.get(key) != facts.get(key)]:
            raise ConfigError(
                f"{file}: {other[0]} is {facts.get(other[0])!r}, and {one.facts.get(other[0])!r} for {one.example}: "
                "split the file"
            )
    temperature = facts.get("temperature")
    conditions = {key: facts.get(key) for key in ("task", "split", "prompt", "comparison")}
    conditions |= {"contract": CONTRACT, "decoding": "greedy" if temperature == 0 else f"temperature {temperature}"}
    policy = str(facts.get("policy") or "")
    run = run_of(policy)
    cost = training_cost(run) if run else Cost(began_from=policy)
    cost = replace(cost, answer_tokens=_mean([one.tokens[0] for one in scored]))
    cost = with_waits(cost, beside(file), str(facts.get("weights")))
    answers = {one.example: _answer(one.scores[0], one.completions[0], one.cut[0]) for one in scored}
    stand_in = run is not None and bool(json_of(run / "environment.json").get("stand_in"))
    longest = facts.get("max_new_tokens")
    return Run(str(file), answers, {}, conditions, facts.get("task_path"), stand_in, longest, cost)


def _mean(counts: Sequence[int | None]) -> float | None:
    """None unless all are known: a file of predictions made elsewhere tells none."""
    known = [count for count in counts if count is not None]
    return fmean(known) if len(known) == len(counts) else None


def _answer(score: Score, completion: str, truncated: bool) -> Answer:
    return Answer(
        sql=score.sql,
        correct=score.correct,
        status=score.status,
        gate=score.gate,
        message=score.message,
        reason=score.reason,
        columns=score.columns,
        rows=score.rows,
        sample=None,
        unscored="" if score.correct is not None else score.ungradable or score.message or "unscored",
        twins=score.twins,
        completion=completion,
        truncated=truncated,
    )
