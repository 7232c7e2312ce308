"""One fine-tuning from an empty folder to a report: answer, train, save, answer again, compare."""

import json
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from peft import PeftModel
from transformers import PreTrainedTokenizerBase

from envs.example import Example
from envs.sql_env import SqlEnv
from policy import processes
from policy.chat import stop_tokens
from policy.checkpoints import go_on
from policy.config import Resolved
from policy.held_out import Examination, examined
from policy.machine import describe_machine
from policy.measures import Measures
from policy.memory.exhausted import told_how_to_need_less
from policy.preemption import SaveWhenTold
from policy.report import compare
from policy.run_folder import RunFolder, kept_writable, open_run, write_whole
from policy.tracking.run import tracked
from sft.build import answers, build
from sft.config import SftRun, method
from sft.data import Lessons
from sft.dry_run import arithmetic
from sft.lesson_report import keep, losses, losses_in_words
from sft.repair_round import in_words, repair_round
from sft.trainer import AnsweringSFTTrainer


def run(resolved: Resolved[SftRun], lessons: Lessons, env: SqlEnv, tokenizer: PreTrainedTokenizerBase) -> None:
    """Open or resume the run's folder and leave a finished run in it."""
    place, config, resume = Path(resolved["output_dir"]), resolved.to_yaml(), resolved.own.resume
    folder = processes.from_first(lambda: open_run(place, config, resume))
    if processes.from_first((folder.path / "summary.json").is_file):
        print(f"the run in {folder.path} is finished: its report is in {folder.path / 'report.md'}")
        return
    processes.from_first(lambda: processes.same_count(folder.path / "environment.json"))
    processes.from_first(lambda: keep(lessons, folder))
    if processes.is_first():
        folder.write_environment(
            describe_machine()
            | {"stand_in": resolved.stand_in, "questions": lessons.questions.summary(), "sandbox": env.confinement}
            | {"processes": processes.count()}
        )
        lessons.questions.write_quarantine(folder.path / "quarantine.jsonl")
    if processes.count() > 1:
        print(arithmetic(resolved, lessons), flush=True)
    measures, held_out, measured = Measures(), lessons.questions.held_out, resolved.own.measure_repair
    with told_how_to_need_less(resolved), kept_writable(folder), tracked(resolved, folder) as trackers:
        trainer = build(resolved, lessons, env, tokenizer, folder, measures)
        for tracker in trackers:
            trainer.add_callback(tracker)
        model = trainer.accelerator.unwrap_model(trainer.model)
        with model.disable_adapter() if isinstance(model, PeftModel) else nullcontext():
            before = _examine("before", resolved, held_out, env, trainer, folder)
            repaired = {"before": repair_round(resolved, before, env, trainer).row()} if measured else {}
        facts = _trained(resolved, lessons, trainer, measures, folder)
        after = _examine("after", resolved, held_out, env, trainer, folder)
        notes = [*losses_in_words(facts.get("eval_losses", {}), lessons), *_cost_in_words(facts["measures"])]
        if measured:
            repaired["after"] = repair_round(resolved, after, env, trainer).row()
            facts["repair_round"] = repaired
            notes += in_words(repaired)
        if lessons.sampled:
            notes.append(f"\n{lessons.sampled.markdown()}\n")
        if processes.is_first():
            compare(resolved, lessons.questions, before, after, folder, notes, facts)


def _trained(
    resolved: Resolved[SftRun],
    lessons: Lessons,
    trainer: AnsweringSFTTrainer,
    measures: Measures,
    folder: RunFolder,
) -> dict[str, Any]:
    """Train, save the policy and say what it cost; where that is done already, load it and say what it cost then."""
    if processes.from_first(folder.is_trained):
        trainer._load_from_checkpoint(str(folder.policy))
        facts: dict[str, Any] = json.loads(folder.trained.read_text(encoding="utf-8"))
        return facts
    checkpoint = processes.from_first(lambda: go_on(folder)) if resolved.own.resume else None
    saving = SaveWhenTold()
    trainer.add_callback(saving)
    with saving.listening():
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    state, tokenizer = trainer.state, trainer.processing_class
    if state.global_step == 0:
        raise RuntimeError("the trainer took no step: nothing was learned, so there is nothing to report")
    if saving.stopped and saving.heard and state.global_step < state.max_steps:
        print(f"saved at step {state.global_step} of {state.max_steps}; --resume goes on from there", flush=True)
        raise SystemExit(128 + saving.heard)
    model = trainer.accelerator.unwrap_model(trainer.model)
    if getattr(model, "generation_config", None):
        model.generation_config.eos_token_id = stop_tokens(tokenizer, model)
    trainer.save_model(str(folder.policy))
    if processes.is_first():
        tokenizer.save_pretrained(folder.policy)
    facts = {
        "method": method(resolved),
        "steps": state.global_step,
        "best_step": state.best_global_step,
        "best_metric": state.best_metric,
        "measures": measures.found(model, state, len(lessons.train), lessons.tokens),
    }
    if found := losses(state.log_history, lessons):
        facts["eval_losses"] = found
    if processes.is_first():
        write_whole(folder.trained, json.dumps(facts, indent=2) + "\n")
    return facts


def _examine(
    name: str,
    resolved: Resolved[SftRun],
    questions: Sequence[Example],
    env: SqlEnv,
    trainer: AnsweringSFTTrainer,
    folder: RunFolder,
) -> Examination:
    """Answer the held-out questions, and keep the answers; those that a resumed run kept before are read."""
    file = folder.evaluations / f"{name}.jsonl"
    if resolved.own.resume and (found := processes.from_first(lambda: examined(file, questions, env))):
        return found
    print(f"answering {len(questions):,} held-out questions greedily, {name} training ...", flush=True)
    found = answers(resolved, questions, env, trainer)
    if processes.is_first():
        found.save(file, {"stand_in": resolved.stand_in, "decoding": "greedy"})
    return found


def _cost_in_words(cost: dict[str, Any]) -> list[str]:
    """What the training cost, for the report."""
    memory = f"{cost['peak_rss_mib']:,.0f} MiB of memory at most"
    if "peak_vram_mib" in cost:
        memory = f"{cost['peak_vram_mib']:,.0f} MiB of GPU memory at most"
    share = 100 * cost["trainable_parameters"] / cost["parameters"]
    text = f"{cost['trainable_parameters']:,} of {cost['parameters']:,} parameters trained ({share:.3g}%), {memory}"
    if cost["samples_per_second"] is not None:
        text += (
            f", {cost['samples_per_second']:.1f} samples/s and {cost['tokens_per_second']:,.0f} tokens/s in training"
        )
    return [f"{text}."]
