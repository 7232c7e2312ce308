"""The stages that every training command of this floor goes through, whatever it trains on: its folder is opened, its
policy examined, trained, examined again. A resumed run reads what an earlier part of it has done already.
"""

import json
import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from envs.example import Example
from envs.sql_env import SqlEnv
from policy import processes
from policy.config import Resolved
from policy.device import visible_gpus
from policy.questions import Questions

if TYPE_CHECKING:
    from collections.abc import Callable

    from policy.held_out import Examination
    from policy.run_folder import RunFolder


def on_one_gpu(module: str, argv: Sequence[str], devices: Path = Path("/dev")) -> str:
    """What to type where a command that runs in one process would see several GPUs, which TRL refuses; "" elsewhere."""
    gpus = visible_gpus(devices)
    if "WORLD_SIZE" in os.environ or gpus < 2:
        return ""
    return (
        f"{gpus} GPUs are visible, and {module} runs in one process, on one of them. Start it so:\n"
        f"  CUDA_VISIBLE_DEVICES=0 python -m {module} {shlex.join(argv)}"
    )


def opened(resolved: Resolved[Any]) -> "RunFolder | None":
    """The run's folder, new or to be resumed; None, said aloud, where its run is finished. Raises ConfigError as
    `open_run` does."""
    from policy.run_folder import open_run

    place, config, resume = Path(resolved["output_dir"]), resolved.to_yaml(), resolved["resume"]
    folder = processes.from_first(lambda: open_run(place, config, resume))
    if processes.from_first((folder.path / "summary.json").is_file):
        print(f"the run in {folder.path} is finished: its report is in {folder.path / 'report.md'}")
        return None
    processes.from_first(lambda: processes.same_count(folder.path / "environment.json"))
    return folder


def described(
    resolved: Resolved[Any], folder: "RunFolder", questions: Questions, env: SqlEnv, more: dict[str, Any]
) -> None:
    """Write what the run is made of: machine, questions, sandbox, and `more`."""
    from policy.machine import describe_machine

    if processes.is_first():
        folder.write_environment(
            describe_machine()
            | {"stand_in": resolved.stand_in, "questions": questions.summary(), "sandbox": env.confinement}
            | {"processes": processes.count()}
            | more
        )
        questions.write_quarantine(folder.path / "quarantine.jsonl")


def last_checkpoint(resolved: Resolved[Any], folder: "RunFolder") -> Path | None:
    """Where the training goes on, before anything reads the logs that are cut back to it."""
    from policy.checkpoints import go_on

    def found() -> Path | None:
        return None if folder.is_trained() else go_on(folder)

    return processes.from_first(found) if resolved["resume"] else None


def trained(trainer: Any, folder: "RunFolder", checkpoint: Path | None, evaluates: bool, every: int) -> dict[str, Any]:
    """Train, and save the policy; where that is done already, load it. What became of it, for the report.

    What it cost stands in a file of its own: `trained.json` holds no times, as a resumed run writes it to the byte.
    `evaluates`: once before the first step too. A run that is told to stop saves at a step that `every` divides, and
    leaves with SystemExit.
    """
    from policy.measures import Measures
    from policy.preemption import SaveWhenTold
    from policy.run_folder import write_whole
    from rl.health.watch import why_stopped

    if processes.from_first(folder.is_trained):
        trainer._load_from_checkpoint(str(folder.policy))
        return processes.from_first(lambda: json.loads(folder.trained.read_text(encoding="utf-8")))
    if evaluates and checkpoint is None:
        trainer.evaluate()
    saving, measures = SaveWhenTold(every), Measures()
    trainer.add_callback(saving)
    trainer.add_callback(measures)
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
        found = measures.found(trainer.accelerator.unwrap_model(trainer.model), state)
        write_whole(folder.cost, json.dumps(found, indent=2) + "\n")
        write_whole(folder.trained, json.dumps(facts, indent=2) + "\n")
    return facts


def examined_as(
    name: str,
    resolved: Resolved[Any],
    held_out: Sequence[Example],
    env: SqlEnv,
    folder: "RunFolder",
    answered: "Callable[[], Examination]",
) -> "Examination":
    """The held-out questions answered by the policy as it is now, which `answered` does; what a resumed run has
    answered already it reads."""
    from policy.held_out import examined

    file = folder.evaluations / f"{name}.jsonl"
    if resolved["resume"] and (found := processes.from_first(lambda: examined(file, held_out, env))):
        return found
    print(f"answering {len(held_out):,} held-out questions greedily, {name} training ...", flush=True)
    found = answered()
    if processes.is_first():
        found.save(file, {"stand_in": resolved.stand_in, "decoding": "greedy"})
    return found
