"""What a policy is taught: the train split as token ids with the loss on the answer, what is over-long left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from envs.example import Example
from envs.sampling import Sampled
from envs.sql_env import SqlEnv
from policy import processes
from policy.config import ConfigError, Resolved
from policy.presenting import fitted
from policy.questions import Questions, Splits, admit
from sft.config import SftRun
from sft.lesson import Given
from sft.lessons import about
from sft.mistakes import mistakes
from sft.mixture import ALONE, mixed
from sft.part import Part, part
from sft.settled_lessons import settled

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from policy.chat import Taught


@dataclass(frozen=True, slots=True)
class Lessons:
    """`train` and `validation` as ids, in the order of their examples; `answered` are validation questions that are
    answered as well. `too_long` counts what max_length left out of both, `marked` what a special token in
    its text did; `sampled` says what was left out on purpose.

    `part` is `train` with the kind and the text of each. `validation` asks for SQL, whatever is taught; `watched` are
    lessons of the other kinds, by kind. `mixed` is whether the config says what is taught.
    """

    questions: Questions
    train: "tuple[Taught, ...]"
    validation: "tuple[Taught, ...]"
    answered: tuple[Example, ...]
    too_long: int
    marked: int = 0
    sampled: Sampled | None = None
    part: Part | None = None
    watched: "Mapping[str, tuple[Taught, ...]]" = field(default_factory=dict[str, "tuple[Taught, ...]"])
    mixed: bool = False

    @property
    def tokens(self) -> int:
        """Tokens of one epoch, without padding."""
        return sum(len(one.ids) for one in self.train)

    def summary(self, max_length: int | None) -> str:
        """One paragraph for the console and the report, and a table of the lessons where there are several kinds."""
        text = self.questions.summary()
        if self.validation:
            text += f" Loss is measured on {len(self.validation):,} validation questions"
            text += f", of which {len(self.answered):,} are answered." if self.answered else "."
        if self.too_long:
            text += f" {self.too_long:,} were longer than max_length {max_length} and left out whole."
        if self.marked:
            text += f" {self.marked:,} hold a special token of the tokenizer in their own text and are left out."
        return f"{text}\n\n{self.part.table()}\n" if self.mixed and self.part else text


def prepare(
    resolved: Resolved[SftRun],
    env: SqlEnv,
    splits: Splits,
    validation: Sequence[Example],
    tokenizer: "PreTrainedTokenizerBase",
) -> Lessons:
    """Execute every gold, tokenise what is taught, leave out what is too long. Raises ConfigError when nothing is left,
    or when the chat template cannot be taught."""
    from policy.chat import marks_in, prompt_text, taught, tokens_of

    run, template, longest = resolved.own, resolved["chat_template_kwargs"], resolved["max_length"]
    admission = processes.from_first(env.admit)
    env.use(admission.kept)
    questions = admit(
        admission,
        splits,
        (),
        lambda example: len(tokens_of(tokenizer, prompt_text(tokenizer, example, run.prompt, template))),
        run.max_prompt_tokens,
        teaching=True,
    )

    def length(example: Example) -> int:
        return len(taught(tokenizer, example, run.prompt, template).ids)

    marked = {e.id for e in (*questions.train, *validation) if marks_in(tokenizer, e)}
    watched = [e for e in validation if e.id in admission.ran and e.id not in marked]
    watched = [fitted(e, length, longest) for e in watched]
    shares = run.lessons or ALONE
    asked = [fitted(e, length, longest) for e in questions.train if e.id not in marked]
    given = Given(run.prompt, resolved["seed"], env)
    known = settled(resolved, asked)
    mixtures = (
        mixed(asked, shares, replace(given, mistakes=mistakes(run.repair_samples or (), run)), known),
        mixed(watched, ALONE, given),
        mixed(watched, {kind: min(share, 1.0) for kind, share in shares.items() if kind not in ALONE}, given),
    )
    env.forget()  # what is answered from here on is judged as if no lesson had been made
    try:
        train, watch, beside = (part(each, tokenizer, template, longest) for each in mixtures)
    except ValueError as error:
        raise ConfigError(str(error)) from error
    if (
        asked
        and not resolved.stand_in
        and (barren := [kind for kind in shares if not train.made[kind] and kind not in known])
    ):
        raise ConfigError(
            f"lessons has {barren[0]} ({about(barren[0])}), and none of the {len(asked):,} training questions of task "
            f"{run.task} gives one: leave it out"
        )
    if not train.kept:
        raise ConfigError(
            f"none of the {train.made.total():,} training examples is left: the shortest has "
            f"{train.shortest} tokens and max_length is {longest}"
        )
    if validation and not watch.kept:
        raise ConfigError(
            f"none of the {len(validation):,} validation questions is left to measure a loss on: their golds do not "
            f"run, or they are longer than max_length {longest}. Write eval_strategy: no to train without"
        )
    gradable = {example.id for example in admission.kept}
    answered = [example for example in watched if example.id in gradable][: run.validation_answers]
    if run.validation_answers and not answered:
        raise ConfigError("no validation question has a gold that can grade an answer: write validation_answers: 0")
    return Lessons(
        questions,
        train.ids,
        watch.ids,
        tuple(answered),
        sum(each.too_long.total() for each in (train, watch, beside)),
        len(marked) + sum(each.marked.total() for each in (train, beside)),
        splits.sampled,
        train,
        {kind: beside.of(kind) for kind in beside.wanted if beside.of(kind)},
        run.lessons is not None,
    )


def rows(lessons: Sequence["Taught"]) -> list[dict[str, Any]]:
    """As TRL's trainer takes what is tokenised already: `input_ids`, and `labels` with -100 where there is no loss."""
    return [{"input_ids": one.ids, "labels": one.labels()} for one in lessons]
