"""The repair round of `serve`, on held-out questions: does a policy that is shown its error write a query that runs?"""

from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from envs.prompt import messages
from envs.sql_env import SqlEnv
from policy.chat import tokens_of
from policy.config import Resolved
from policy.generate import continuations
from policy.held_out import Examination
from sft.config import SftRun
from sft.lesson import asked_again
from sft.lessons.repair import told_of
from sft.trainer import AnsweringSFTTrainer


@dataclass(frozen=True, slots=True)
class Round:
    """Of `asked` questions whose query did not run, after one more answer `ran` do and `right` are right."""

    asked: int
    ran: int
    right: int

    def row(self) -> dict[str, int]:
        return asdict(self)


def repair_round(resolved: Resolved[SftRun], examined: Examination, env: SqlEnv, trainer: AnsweringSFTTrainer) -> Round:
    """The policy as it is now answers again, greedily, where its answer in `examined` did not run. An answer that came
    to no end is not asked again, as `serve` does not either."""
    run, tokenizer = resolved.own, trainer.processing_class
    asked: list[tuple[str, list[int]]] = []
    for rollout in examined.rollouts:
        told = None if rollout.execution.ok else told_of(rollout)
        if told is None or len(tokens_of(tokenizer, rollout.completion)) >= run.max_new_tokens:
            continue
        chat, turns = messages(rollout.example, run.prompt), [(rollout.completion.strip(), told)]
        name, template = rollout.example.id, run.chat_template_kwargs
        with suppress(ValueError):  # the chat template knows no second answer, or no answer such as this
            asked.append((name, asked_again(tokenizer, chat, turns, name, template)))
    with trainer.accelerator.autocast():
        model = trainer.accelerator.unwrap_model(trainer.model)
        prompts = [ids for _, ids in asked]
        written = continuations(model, tokenizer, prompts, run.max_new_tokens, run.answer_batch_size)
    texts = [tokenizer.decode(each[0], skip_special_tokens=True) for each in written]
    played = env.play_batch([(name, text) for (name, _), text in zip(asked, texts, strict=True)])
    return Round(len(asked), sum(one.execution.ok for one in played), sum(bool(one.verdict.correct) for one in played))


def in_words(found: dict[str, Any]) -> list[str]:
    """As lines of the report, from the rows of the round before and after training."""
    rows = [
        f"| {name} training | {one['asked']:,} | {one['ran']:,} ({one['ran'] / max(1, one['asked']):.1%}) | "
        f"{one['right']:,} ({one['right'] / max(1, one['asked']):.1%}) |"
        for name, one in found.items()
    ]
    head = "| repair round, held-out questions | did not run | ran when told the error | right when told the error |"
    return ["", head, "|---|---:|---:|---:|", *rows, ""]
