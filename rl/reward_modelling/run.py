"""What `rl.reward_model` does: pairs in, a model trained on them, held against pairs of databases it has never seen and
against executed samples of a policy. Killed at any moment, the same command with `--resume` goes on exactly.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policy.config import ConfigError, Resolved
from policy.notice import notice
from rl.reward_modelling.config import MODULE, RewardRun, resolve
from rl.reward_modelling.data import SHARED, Lessons, Material, can_be_read, keep, material, prepare
from rl.reward_modelling.fresh_samples import Fresh, fresh
from rl.stages import last_checkpoint, on_one_gpu, opened, trained

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from policy.run_folder import RunFolder
    from rl.reward_modelling.prior import Prior


def main(argv: Sequence[str]) -> None:
    """Raises ConfigError with a sentence where the run cannot begin."""
    resolved = resolve(argv)
    if resolved["device_memory"]:
        raise ConfigError(
            "device_memory is not told for reward models. Ask it of sft.train, rl.grpo, rl.rloo or rl.dpo"
        )
    if not (resolved["dry_run"] or resolved["use_cpu"]) and (told := on_one_gpu(MODULE, argv)):
        raise ConfigError(told)
    if told := notice(resolved):
        print(told, flush=True)
    found = material(resolved)
    samples = fresh(resolved.own, {pair.schema_id for pair in found.pairs})
    from policy.load import load_tokenizer

    tokenizer = load_tokenizer(resolved["model_name_or_path"], resolved["model_revision"])
    lessons = prepare(resolved, found.pairs, tokenizer)
    can_be_read(resolved, found.held_out, tokenizer)
    from rl.reward_modelling.summary import summary

    print(summary(resolved, found, lessons, samples), flush=True)
    if resolved["dry_run"]:
        from rl.reward_modelling.dry_run import show

        show(resolved, lessons, tokenizer)
        return
    _run(resolved, found, lessons, samples, tokenizer)


def _run(
    resolved: Resolved[RewardRun],
    found: Material,
    lessons: Lessons,
    samples: Fresh | None,
    tokenizer: "PreTrainedTokenizerBase",
) -> None:
    from policy.machine import describe_machine
    from policy.memory.exhausted import told_how_to_need_less
    from policy.run_folder import kept_writable
    from policy.tracking.run import tracked
    from rl.reward_modelling.report import report
    from rl.reward_modelling.whole_model import make_whole

    folder = opened(resolved)
    if folder is None:
        return
    with told_how_to_need_less(resolved), kept_writable(folder), tracked(resolved, folder) as trackers:
        folder.write_environment(describe_machine() | {"stand_in": resolved.stand_in, SHARED: found.shared})
        keep(folder, found)
        checkpoint = last_checkpoint(resolved, folder)
        prior = _prior(resolved, lessons, folder)
        facts = _trained(resolved, lessons, tokenizer, folder, checkpoint, trackers, prior)
        make_whole(resolved, folder, prior)
        report(resolved, found, lessons, samples, folder, facts)


def _prior(resolved: Resolved[RewardRun], lessons: Lessons, folder: "RunFolder") -> "Prior | None":
    """What the head is added to, where the config asks for it: of the very weights that the training starts from."""
    if not resolved.own.log_prob_prior:
        return None
    import torch

    from policy.load import policy_to_train
    from rl.reward_modelling.build import model_config_of
    from rl.reward_modelling.prior import prior_of

    device = "cuda" if torch.cuda.is_available() and not resolved["use_cpu"] else "cpu"
    start = policy_to_train(model_config_of(resolved), folder.path / "base")
    found = prior_of(resolved, start, lessons.preferences.train, lessons.preferences.validation, folder, device)
    print(f"the head begins from {found.weight:.3g} times the log-probability of the policy it began as", flush=True)
    return found


def _trained(
    resolved: Resolved[RewardRun],
    lessons: Lessons,
    tokenizer: "PreTrainedTokenizerBase",
    folder: "RunFolder",
    checkpoint: Path | None,
    trackers: Sequence[Any],
    prior: "Prior | None",
) -> dict[str, Any]:
    """What became of the training; where it is done already, as it is written there."""
    import json

    from rl.reward_modelling.build import build

    if folder.is_trained():
        facts: dict[str, Any] = json.loads(folder.trained.read_text(encoding="utf-8"))
        return facts
    trainer = build(resolved, lessons, tokenizer, folder, prior)
    for tracker in trackers:
        trainer.add_callback(tracker)
    return trained(trainer, folder, checkpoint, bool(lessons.validation), every=1)
