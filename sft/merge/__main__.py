"""From an adapter to checkpoints that RL, evaluation and vLLM start from.

    python -m sft.merge --policy runs/sft_lora_r16
    python -m sft.merge --policy runs/sft_qlora --variants bf16,int8,nf4,adapter --evaluate 200
    python -m sft.merge --policy runs/sft_lora_r16 --push_to_hub USER/NAME --private

An adapter is merged into its full-precision base in float32; the logits on real prompts must stay what they were, or
nothing is written. A policy that was trained in full has nothing to merge; its variants are written all the same.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from envs.presentation import Presentation
from envs.prompt import STYLES
from envs.sentence_parser import SentenceParser
from policy.config_error import ConfigError, exit_with_sentence
from sft.merge import hub
from sft.merge.obstacles import check_out, check_weights
from sft.merge.request import Request, load_questions
from sft.merge.trained_policy import TrainedPolicy, base_config, find
from sft.merge.variant_names import NAMES, OF_DTYPE

FEWEST = 30
"""Questions for --evaluate: fewer give no 95th percentile of a latency and no accuracy worth a row."""


def parser() -> SentenceParser:
    described = SentenceParser(
        prog="python -m sft.merge", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = described.add_argument
    add("--policy", required=True, metavar="FOLDER", help="runs/NAME, or a folder with an adapter or a model")
    add(
        "--out", type=Path, metavar="FOLDER", help="a new folder, one folder a variant in it (default runs/NAME/merged)"
    )
    add("--variants", metavar="A,B", help=f"of {', '.join(NAMES)} (default: the base's own precision)")
    add(
        "--evaluate", type=int, default=0, metavar="N", help=f"every variant answers N held-out questions (>= {FEWEST})"
    )
    add("--task", metavar="T", help="whose questions (default: those the run was trained on)")
    add("--task_path", metavar="P", help="where the task's data lies, for a task that needs it")
    add("--split", choices=("train", "validation", "test"), default="test", help="of the task (default test)")
    add("--prompt", choices=STYLES, help="how it is asked (default: as in the run)")
    add("--max_new_tokens", type=int, metavar="N", help="tokens an answer may have (default: as in the run, else 256)")
    add("--push_to_hub", metavar="USER/NAME", help="upload every export; several become USER/NAME-VARIANT")
    add("--private", action="store_true", help="with --push_to_hub: repositories that only you see")
    return described


def main(argv: Sequence[str]) -> None:
    request = requested(parser().parse_args(argv))
    questions = load_questions(request)
    if request.push_to_hub:
        hub.check(request.push_to_hub)
    from sft.merge.run import run

    run(request, questions)


def requested(given: argparse.Namespace) -> Request:
    """What was typed, completed from the run and checked. Raises ConfigError; loads no weights."""
    policy = find(given.policy)
    beside = policy.run / "merged" if policy.run else policy.folder.with_name(f"{policy.name}_merged")
    out: Path = given.out.expanduser() if given.out else beside
    check_out(out, policy)
    check_weights(policy, merges=(given.variants or "").strip() != "adapter")
    if given.evaluate and given.evaluate < FEWEST:
        raise ConfigError(f"--evaluate is {given.evaluate}; it must be at least {FEWEST}.")
    if given.private and not given.push_to_hub:
        raise ConfigError("--private belongs to --push_to_hub USER/NAME, which is missing.")
    config = policy.config
    style = given.prompt or config.get("prompt") or "strict"
    if style not in STYLES:
        raise ConfigError(
            f"prompt is {style!r} in the run's config.yaml; the styles are {', '.join(STYLES)}: --prompt."
        )
    tokens = given.max_new_tokens
    if tokens is None:
        tokens = config.get("max_new_tokens") or config.get("max_completion_length") or 256
    if not isinstance(tokens, int) or tokens < 1:
        raise ConfigError(f"--max_new_tokens is {tokens!r}; it must be a whole number, at least 1.")
    same_task = given.task in (None, config.get("task"))
    return Request(
        policy=policy,
        out=out,
        variants=variants(given.variants, policy),
        task=given.task or config.get("task"),
        task_path=given.task_path or (config.get("task_path") if same_task else None),
        split=given.split,
        style=style,
        presentation=Presentation.of(config),
        template=config.get("chat_template_kwargs"),
        max_new_tokens=tokens,
        evaluate=given.evaluate,
        push_to_hub=given.push_to_hub,
        private=given.private,
    )


def variants(text: str | None, policy: TrainedPolicy) -> tuple[str, ...]:
    """The variants asked for, in the order of NAMES; without any, the one in the base's own precision."""
    if text is None:
        config = base_config(policy)
        return (OF_DTYPE.get(str(config.get("dtype") or config.get("torch_dtype")), "fp32"),)
    asked = [word.strip() for word in text.split(",") if word.strip()]
    if unknown := [word for word in asked if word not in NAMES]:
        raise ConfigError(f"--variants has {', '.join(unknown)}; the variants are {', '.join(NAMES)}.")
    if not asked:
        raise ConfigError(f"--variants is empty; the variants are {', '.join(NAMES)}.")
    if "adapter" in asked and policy.adapter is None:
        raise ConfigError(f"--variants has adapter, and {policy.folder} is a whole model: there is no adapter in it.")
    return tuple(name for name in NAMES if name in asked)


if __name__ == "__main__":
    with exit_with_sentence():
        main(sys.argv[1:])
