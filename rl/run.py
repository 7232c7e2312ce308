"""What every RL command does: questions in, golds executed, a policy trained on them, measured before and after.

Held-out questions are answered greedily before and after; every rollout of the run is kept. Killed at any moment, the
same command with `--resume` goes on from the last whole checkpoint.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from envs.example import Example
from envs.sandbox import unconfined
from envs.sql_env import SqlEnv
from policy import processes
from policy.config import ConfigError, Resolved
from policy.device import how_to_launch
from policy.node_sandbox import node_sandbox
from policy.notice import notice
from policy.questions import Questions, admit, environment, load_splits, load_validation
from rl.batch import batch_of
from rl.config import Algorithm, GrpoRun, check_train_set, read, resolve
from rl.curriculum.selection import Selection, open_rates, same_rates, select
from rl.curriculum.settled import by_rollouts
from rl.learned_checks import same_reward_model, weights_of
from rl.stages import described, examined_as, last_checkpoint, opened, trained

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from policy.held_out import Examination


def main(argv: Sequence[str], algorithm: Algorithm) -> None:
    """Raises ConfigError with a sentence where the run cannot begin, and where its folder can no longer be written."""
    if told := card(argv, algorithm):
        print(told)
        return
    resolved = resolve(argv, algorithm)
    run = resolved.own
    if not (run.dry_run or resolved["use_cpu"]) and (told := how_to_launch(algorithm.module, argv)):
        raise ConfigError(told)
    if (told := notice(resolved)) and processes.is_first():
        print(told, flush=True)
    rates = open_rates(resolved)
    splits = load_splits(run, resolved["seed"])
    check_train_set(resolved, len(splits.train))
    watching = resolved["eval_strategy"] != "no"
    validation = load_validation(run, splits.held_out, run.validation_size) if watching else []
    examples = (*splits.train, *splits.held_out, *validation, *splits.rest)
    with (
        processes.joined(resolved["use_cpu"], resolved["ddp_timeout"], resolved["ddp_backend"]),
        node_sandbox(run) as sandbox,
        environment(run, examples, sandbox) as env,
    ):
        tokenizer = _tokenizer(resolved)
        from policy.chat import prompt_text, tokens_of

        def tokens(example: Example) -> int:
            return len(tokens_of(tokenizer, prompt_text(tokenizer, example, run.prompt, template, run.max_turns)))

        template = resolved["chat_template_kwargs"]
        admission = processes.from_first(env.admit)
        env.use(admission.kept)
        questions = admit(admission, splits, validation, tokens, run.max_prompt_tokens)
        selection = select(rates, questions.train, run.keep_pass_rate) if rates else None
        if selection:
            questions = replace(questions, train=selection.kept)
            print(selection.summary(), flush=True)
        print(questions.summary(), flush=True)
        if splits.sampled:
            print(splits.sampled.markdown(), flush=True)
        if told := unconfined(env.confinement):
            print(told, flush=True)
        check_train_set(resolved, len(questions.train))
        if run.dry_run:
            from rl.dry_run import show

            show(resolved, questions, env, tokenizer)
            return
        _run(resolved, algorithm, questions, selection, env, tokenizer)


def card(argv: Sequence[str], algorithm: Algorithm) -> str:
    """Whether the config fits a GPU of `device_memory` GiB, where a dry run asks; "" elsewhere."""
    asked = read(argv, algorithm)
    if not asked.own.device_memory:
        return ""
    from policy.memory.asked import on_a_card
    from rl.dry_run import plan

    return on_a_card(asked.values(), plan)


def _tokenizer(resolved: Resolved[GrpoRun]) -> "PreTrainedTokenizerBase":
    from policy.load import load_tokenizer

    return load_tokenizer(resolved["model_name_or_path"], resolved["model_revision"])


def _run(
    resolved: Resolved[GrpoRun],
    algorithm: Algorithm,
    questions: Questions,
    selection: Selection | None,
    env: SqlEnv,
    tokenizer: "PreTrainedTokenizerBase",
) -> None:
    from policy.memory.exhausted import told_how_to_need_less
    from policy.report import compare
    from policy.run_folder import kept_writable
    from policy.tracking.run import tracked
    from rl.build import answers, build
    from rl.overoptimisation import report as overoptimisation

    folder = opened(resolved)
    if folder is None:
        return
    processes.from_first(lambda: same_rates(folder, selection))
    judge = resolved.own.reward_model_path
    processes.from_first(lambda: same_reward_model(folder.path / "environment.json", judge))
    with told_how_to_need_less(resolved), kept_writable(folder), tracked(resolved, folder) as trackers:
        more = {"pass_rates": selection.facts()} if selection else {}
        more |= {"reward_model": weights_of(judge)} if judge else {}
        described(resolved, folder, questions, env, more)
        if selection and processes.is_first():
            selection.write(folder.path / "left_out.jsonl")
        checkpoint = last_checkpoint(resolved, folder)
        trainer = build(resolved, algorithm, questions, env, tokenizer, folder)
        for tracker in trackers:
            trainer.add_callback(tracker)
        if epochs := resolved.own.drop_settled:
            asked, wait = [example.id for example in questions.train], trainer.accelerator.wait_for_everyone
            trainer.choice = by_rollouts(folder.rollouts, asked, resolved["seed"], epochs, wait)

        def examined(name: str) -> "Examination":
            held_out = questions.held_out
            return examined_as(name, resolved, held_out, env, folder, lambda: answers(resolved, held_out, env, trainer))

        before = examined("before")
        every = batch_of(resolved.values()).steps_between_saves
        facts = trained(trainer, folder, checkpoint, trainer.answer is not None, every)
        after = examined("after")
        if processes.is_first():
            notes = [selection.summary()] if selection else []
            notes += [facts["stopped"]] if "stopped" in facts else []
            notes += overoptimisation(folder) if judge else []
            compare(resolved, questions, before, after, folder, notes, facts)
