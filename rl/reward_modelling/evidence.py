"""What the trained model says of held-out pairs and of a policy's samples, and what simpler judges say of the same."""

import gc
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from policy.config import Resolved
from policy.learned_reward import LearnedReward
from policy.log_prob import LogProb
from policy.run_folder import RunFolder, write_whole
from rl.pairs.pair import Pair
from rl.reward_modelling.agreement import Agreement, Question, agreement
from rl.reward_modelling.config import RewardRun
from rl.reward_modelling.fresh_samples import Fresh
from rl.reward_modelling.judged import Asked, Judged, judge

Logits = Callable[[Sequence[Asked]], list[float | None]]


@dataclass(frozen=True, slots=True)
class Evidence:
    """`judged` held-out pairs and as many `unread` as are too long for the model; `by_log_prob` the same pairs by the
    log-probability of the policy it began as. `right` and `wrong` are the model's logits of samples; `agreed` and
    `log_prob_agreed` how both rank samples. None or empty where it was not asked for."""

    judged: tuple[Judged, ...]
    unread: int
    by_log_prob: tuple[Judged, ...]
    right: tuple[float, ...]
    wrong: tuple[float, ...]
    agreed: Agreement | None
    log_prob_agreed: Agreement | None


def gather(
    resolved: Resolved[RewardRun], folder: RunFolder, held_out: Sequence[Pair], samples: Fresh | None
) -> Evidence:
    """Ask the model as it lies in the run's folder, the very one that is used later. Logits are kept in `eval/`."""
    import torch

    gc.collect()  # what the training left
    torch.cuda.empty_cache()
    device = "cuda" if torch.cuda.is_available() and not resolved["use_cpu"] else "cpu"
    model = LearnedReward(str(folder.path), device, batch=resolved["answer_batch_size"]).logits
    judged, unread = judge(held_out, model)
    _keep_pairs(folder, judged)
    questions = _questions(samples, model) if samples else []
    if samples:
        _keep_samples(folder, samples, questions)
    other: Logits | None = None
    if resolved["log_prob_baseline"]:
        base = folder.path / "base"
        start = str(base) if base.is_dir() else resolved["model_name_or_path"]
        template, revision = resolved["chat_template_kwargs"], resolved["model_revision"]
        other = LogProb(start, resolved["prompt"], template, device, resolved["answer_batch_size"], revision).logits
    finite = [(q.said[np.isfinite(q.said)], q.right[np.isfinite(q.said)]) for q in questions]
    return Evidence(
        tuple(judged),
        unread,
        tuple(judge([one.pair for one in judged], other)[0]) if other else (),
        tuple(float(z) for said, right in finite for z in said[right]),
        tuple(float(z) for said, right in finite for z in said[~right]),
        agreement(questions) if questions else None,
        agreement(_questions(samples, other)) if samples and other else None,
    )


def _questions(samples: Fresh, logits: Logits) -> list[Question]:
    """A sample without a query, or that cannot be read, comes last."""
    asked = [(one.example, sql) for one in samples.questions for sql in one.sql]
    said = iter(logits(asked))
    return [
        Question(
            np.array([-np.inf if (z := next(said)) is None else z for _ in one.sql], dtype=np.float64),
            np.array(one.right, dtype=bool),
        )
        for one in samples.questions
    ]


def _keep_pairs(folder: RunFolder, judged: Sequence[Judged]) -> None:
    lines = (
        {"example": j.pair.example, "source": j.pair.source, "kind": j.pair.kind, "error": j.pair.error}
        | {"chosen_sql": j.pair.chosen_sql, "rejected_sql": j.pair.rejected_sql}
        | {"chosen": round(j.chosen, 6), "rejected": round(j.rejected, 6)}
        for j in judged
    )
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    write_whole(folder.evaluations / "held_out.jsonl", text)


def _keep_samples(folder: RunFolder, samples: Fresh, questions: Sequence[Question]) -> None:
    lines = (
        {"example": one.example.id, "right": list(one.right)}
        | {"logits": [round(float(z), 6) if np.isfinite(z) else None for z in question.said]}
        for one, question in zip(samples.questions, questions, strict=True)
    )
    text = "".join(json.dumps(line) + "\n" for line in lines)
    write_whole(folder.evaluations / "samples.jsonl", text)
