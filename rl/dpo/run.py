"""What `rl.dpo` does: pairs in, a policy taught by them, measured before and after on questions, and on held-out pairs.

Killed at any moment, the same command with `--resume` goes on from the last whole checkpoint.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from envs.example import Example
from envs.sandbox import unconfined
from envs.sql_env import SqlEnv
from policy.config import ConfigError, Resolved
from policy.notice import notice
from policy.questions import Questions, admit, environment, load_splits, load_validation
from rl.dpo.config import MODULE, DpoRun, read, resolve
from rl.dpo.data import KEPT, Taught, asked_in, given_pairs, made_pairs, not_measured_on, prepare
from rl.pairs.pair import Pair, write
from rl.stages import described, examined_as, last_checkpoint, on_one_gpu, opened, trained

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from policy.held_out import Examination


def main(argv: Sequence[str]) -> None:
    """Raises ConfigError with a sentence where the run cannot begin, and where its folder can no longer be written."""
    if told := card(argv):
        print(told)
        return
    resolved = resolve(argv)
    run = resolved.own
    if not (run.dry_run or resolved["use_cpu"]) and (told := on_one_gpu(MODULE, argv)):
        raise ConfigError(told)
    if told := notice(resolved):
        print(told, flush=True)
    pairs = given_pairs(resolved)
    splits = load_splits(run, resolved["seed"])
    validation = load_validation(run, splits.held_out, run.validation_size) if resolved["eval_strategy"] != "no" else []
    if run.pairs is not None:
        splits = replace(splits, train=[], rest=[])
    if pairs is not None:
        not_measured_on(pairs, (*splits.held_out, *validation))
    tokenizer = _tokenizer(resolved)
    from policy.chat import prompt_text, tokens_of

    def tokens(example: Example) -> int:
        return len(tokens_of(tokenizer, prompt_text(tokenizer, example, run.prompt, run.chat_template_kwargs)))

    with environment(run, (*splits.train, *splits.held_out, *validation, *splits.rest)) as env:
        admission = env.admit()
        env.use(admission.kept)
        questions = admit(admission, splits, validation, tokens, run.max_prompt_tokens)
        pairs = made_pairs(resolved, questions.train, env) if pairs is None else pairs
        taught = prepare(resolved, pairs, tokenizer)
        questions = replace(questions, train=asked_in(taught.preferences.train))
        print(f"{taught.summary(resolved['max_length'])}\n{questions.summary()}", flush=True)
        if told := unconfined(env.confinement):
            print(told, flush=True)
        if run.dry_run:
            from rl.dpo.dry_run import show

            show(resolved, taught, tokenizer)
            return
        _run(resolved, pairs, taught, questions, env, tokenizer)


def card(argv: Sequence[str]) -> str:
    """Whether the config fits a GPU of `device_memory` GiB, where a dry run asks; "" elsewhere."""
    asked = read(argv)
    if not asked.own.device_memory:
        return ""
    from policy.memory.asked import on_a_card
    from policy.memory.plan import of_longest_pairs

    return on_a_card(asked.values(), of_longest_pairs)


def _tokenizer(resolved: Resolved[DpoRun]) -> "PreTrainedTokenizerBase":
    """After what TRL alone can tell of the config, before any gold is executed."""
    from policy.load import load_tokenizer
    from rl.dpo.build import arguments

    arguments(resolved, Path(resolved["output_dir"]))
    return load_tokenizer(resolved["model_name_or_path"], resolved["model_revision"])


def _run(
    resolved: Resolved[DpoRun],
    pairs: Sequence[Pair],
    taught: Taught,
    questions: Questions,
    env: SqlEnv,
    tokenizer: "PreTrainedTokenizerBase",
) -> None:
    from policy.memory.exhausted import told_how_to_need_less
    from policy.report import compare
    from policy.run_folder import kept_writable
    from policy.tracking.run import tracked
    from rl.dpo.build import answers, build

    folder = opened(resolved)
    if folder is None:
        return
    with told_how_to_need_less(resolved), kept_writable(folder), tracked(resolved, folder) as trackers:
        if not (folder.path / KEPT).is_file():
            write(folder.path / KEPT, pairs)
        summary = taught.summary(resolved["max_length"])
        described(resolved, folder, questions, env, {"pairs": summary})
        checkpoint = last_checkpoint(resolved, folder)
        trainer = build(resolved, taught, questions, env, tokenizer, folder)
        for tracker in trackers:
            trainer.add_callback(tracker)

        def examined(name: str) -> "Examination":
            held_out = questions.held_out
            return examined_as(name, resolved, held_out, env, folder, lambda: answers(resolved, held_out, env, trainer))

        before = examined("before")
        facts = trained(trainer, folder, checkpoint, resolved["eval_strategy"] != "no", every=1)
        after = examined("after")
        ordered = trainer.ordered()
        notes = [_in_words(ordered, len(taught.validation))] if ordered else []
        notes += [facts["stopped"]] if "stopped" in facts else []
        facts = facts | {"pairs": {"train": len(taught.train), "validation": len(taught.validation)} | ordered}
        compare(resolved, questions, before, after, folder, [*notes, summary], facts)


def _in_words(ordered: Mapping[str, float], pairs: int) -> str:
    """The held-out pairs, for the report."""
    return (
        f"Of {pairs:,} held-out pairs, about databases that were not trained on, {ordered['rewards/accuracies']:.1%} "
        f"are ordered rightly, by a margin of {ordered['rewards/margins']:.2f} in the mean (chosen "
        f"{ordered['rewards/chosen']:+.2f}, rejected {ordered['rewards/rejected']:+.2f}, in units of beta)."
    )
