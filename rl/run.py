"""What every RL command does: questions in, golds executed, a policy trained on them, measured before and after.

Held-out questions are answered greedily before and after; every rollout of the run is kept. Killed at any moment, the
same command with `--resume` goes on from the last whole checkpoint.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from envs.example import Example
from envs.sandbox import unconfined
from envs.sql_env import SqlEnv
from policy import processes
from policy.config import ConfigError, Resolved
from policy.device import how_to_launch
from policy.node_sandbox import node_sandbox
from policy.notice import notice
from policy.questions import Questions, admit, environment, load_splits, load_validation
from rl.config import Algorithm, GrpoRun, check_train_set, resolve
from rl.curriculum.selection import Selection, open_rates, same_rates, select
from rl.curriculum.settled import by_rollouts

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from policy.held_out import Examination
    from policy.run_folder import RunFolder
    from rl.trainer import LabOverrides


def main(argv: Sequence[str], algorithm: Algorithm) -> None:
    """Raises ConfigError with a sentence where the run cannot begin, and where its folder can no longer be written."""
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
    from policy.machine import describe_machine
    from policy.report import compare
    from policy.run_folder import kept_writable, open_run
    from policy.tracking.run import tracked
    from rl.build import build

    place, config, resume = Path(resolved["output_dir"]), resolved.to_yaml(), resolved.own.resume
    folder = processes.from_first(lambda: open_run(place, config, resume))
    if processes.from_first((folder.path / "summary.json").is_file):
        print(f"the run in {folder.path} is finished: its report is in {folder.path / 'report.md'}")
        return
    processes.from_first(lambda: processes.same_count(folder.path / "environment.json"))
    processes.from_first(lambda: same_rates(folder, selection))
    with kept_writable(folder), tracked(resolved, folder) as trackers:
        if processes.is_first():
            folder.write_environment(
                describe_machine()
                | {"stand_in": resolved.stand_in, "questions": questions.summary(), "sandbox": env.confinement}
                | {"processes": processes.count()}
                | ({"pass_rates": selection.facts()} if selection else {})
            )
        if processes.is_first():
            questions.write_quarantine(folder.path / "quarantine.jsonl")
            if selection:
                selection.write(folder.path / "left_out.jsonl")
        checkpoint = processes.from_first(lambda: _last_checkpoint(folder)) if resume else None
        trainer = build(resolved, algorithm, questions, env, tokenizer, folder)
        for tracker in trackers:
            trainer.add_callback(tracker)
        if epochs := resolved.own.drop_settled:
            asked, wait = [example.id for example in questions.train], trainer.accelerator.wait_for_everyone
            trainer.choice = by_rollouts(folder.rollouts, asked, resolved["seed"], epochs, wait)
        before = _examine("before", resolved, questions, env, trainer, folder)
        facts = _trained(resolved, trainer, folder, checkpoint)
        after = _examine("after", resolved, questions, env, trainer, folder)
        if processes.is_first():
            notes = [selection.summary()] if selection else []
            notes += [facts["stopped"]] if "stopped" in facts else []
            compare(resolved, questions, before, after, folder, notes, facts)


def _last_checkpoint(folder: "RunFolder") -> Path | None:
    """Where the training goes on, before anything reads the logs that are cut back to it."""
    from policy.checkpoints import go_on

    return None if folder.is_trained() else go_on(folder)


def _trained(
    resolved: Resolved[GrpoRun], trainer: "LabOverrides", folder: "RunFolder", checkpoint: Path | None
) -> dict[str, Any]:
    """Train, and save the policy; where that is done already, load it. What became of it, for the report."""
    from policy.preemption import SaveWhenTold
    from policy.run_folder import write_whole
    from rl.batch import batch_of
    from rl.health.watch import why_stopped

    if processes.from_first(folder.is_trained):
        trainer._load_from_checkpoint(str(folder.policy))
        return processes.from_first(lambda: json.loads(folder.trained.read_text(encoding="utf-8")))
    if trainer.answer is not None and checkpoint is None:
        trainer.evaluate()
    saving = SaveWhenTold(batch_of(resolved.values()).steps_between_saves)
    trainer.add_callback(saving)
    ended = why_stopped(folder)
    with saving.listening():
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    state = trainer.state
    if state.global_step == 0:
        raise RuntimeError("the trainer took no step: nothing was learned, so there is nothing to report")
    heard = next(filter(None, processes.gather(saving.heard)), None)
    if saving.stopped and heard and state.global_step < state.max_steps:
        print(f"saved at step {state.global_step} of {state.max_steps}; --resume goes on from there", flush=True)
        raise SystemExit(128 + heard)
    trainer.save_model(str(folder.policy))
    facts = {"steps": state.global_step, "best_step": state.best_global_step, "best_metric": state.best_metric}
    facts |= {"stopped": reason} if (reason := ended if trainer.over else why_stopped(folder)) else {}
    if processes.is_first():
        trainer.processing_class.save_pretrained(folder.policy)
        write_whole(folder.trained, json.dumps(facts, indent=2) + "\n")
    return facts


def _examine(
    name: str,
    resolved: Resolved[GrpoRun],
    questions: Questions,
    env: SqlEnv,
    trainer: "LabOverrides",
    folder: "RunFolder",
) -> "Examination":
    """The held-out questions answered by the policy as it is now; what a resumed run has answered already it reads."""
    from policy.held_out import examined
    from rl.build import answers

    file = folder.evaluations / f"{name}.jsonl"
    if resolved.own.resume and (found := processes.from_first(lambda: examined(file, questions.held_out, env))):
        return found
    print(f"answering {len(questions.held_out):,} held-out questions greedily, {name} training ...", flush=True)
    found = answers(resolved, questions.held_out, env, trainer)
    if processes.is_first():
        found.save(file, {"stand_in": resolved.stand_in, "decoding": "greedy"})
    return found
