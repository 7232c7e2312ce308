"""Let a policy answer the questions of a task, through transformers, vLLM, a vLLM server or any OpenAI-compatible
endpoint; nothing is judged here.

    python -m eval.generate --policy runs/grpo_seedling --task worlds
    python -m eval.generate --policy policy/seedling --task worlds --samples 8 --temperature 1.0 --backend vllm
    python -m eval.generate --policy runs/NAME --task spider --task_path data/spider --output runs/NAME/dev.jsonl
    python -m eval.generate --policy Qwen/Qwen2.5-0.5B-Instruct --task worlds --shots 3 --output shots/samples.jsonl
    python -m eval.generate --backend endpoint --server_url https://api.openai.com/v1 --policy gpt-4o-mini \\
        --task worlds --output gpt-4o-mini/samples.jsonl

Golds are executed first, and questions whose gold cannot grade an answer are left out. One line a question is
appended to --output as it is answered; the same command goes on where it was left. Greedy unless --temperature says
otherwise. How a run asked (prompt, chat template, longest completion) is taken from its folder where nobody says.

An endpoint is sent the messages that a local policy gets, one request a completion, each with a seed of its own; the
key comes from an environment variable. Its rows stand in the order of the questions; FILE.arrived holds what came
before its turn, until the last row is written. Exit code 75: it has to be asked another time.
"""

import argparse
import json
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import NoReturn, get_args

from envs import schema_styles, tasks
from envs.example import Example
from envs.presentation import CHOICES, NOTES
from envs.prompt import STYLES
from envs.sentence_parser import SentenceParser
from envs.tasks import Split
from policy.config_error import ConfigError, exit_with_sentence
from policy.endpoint import options
from policy.named_policy import named
from policy.quantised import Kind, quantised_of
from policy.questions import environment
from policy.samplers import BACKENDS
from policy.task_fields import TaskFields, task_can_be_asked

ROWS = 64
"""Prompts at a time, or completions of transformers."""
ENDPOINT = "endpoint"
SHOWN = 20
"""Questions left out that are named on the console; `python -m rewards.validate` lists all."""

Answering = Callable[[Sequence[Example]], int]
"""Answers examples into a file; the exit code."""


def parser() -> SentenceParser:
    described = SentenceParser(
        prog="python -m eval.generate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_policy(described)
    add = described.add_argument
    add("--limit", type=int, metavar="N", help="only the first so many questions, shuffled alike every time")
    add("--samples", type=int, default=1, metavar="K", help="completions a question (default 1)")
    add("--temperature", type=float, default=0.0, metavar="T", help="0 is greedy (default)")
    held = described.add_argument_group("how transformers hold the weights, by the names of a config")
    held.add_argument("--load_in_4bit", action="store_true", help="in four bits, as QLoRA holds them (bitsandbytes)")
    held.add_argument("--load_in_8bit", action="store_true", help="in eight bits")
    held.add_argument("--bnb_4bit_quant_type", choices=get_args(Kind), default="nf4", help="default nf4")
    held.add_argument("--use_bnb_nested_quant", action="store_true", help="quantise the constants of quantisation too")
    add("--single_turn", action="store_true", help="ask once what was trained over several turns")
    add("--batch_size", type=int, metavar="N", help="prompts at a time (default: 64, of transformers 64 completions)")
    add("--seed", type=int, default=0, help="of the sampling (default 0)")
    add("--output", type=Path, metavar="FILE", help="default: samples.jsonl beside the policy of a run")
    options.add_options(described.add_argument_group("for --backend endpoint"), at_once="--concurrency")
    return described


def add_policy(to: SentenceParser) -> None:
    """Which policy, which questions, asked how, through what."""
    add = to.add_argument
    add(
        "--policy",
        required=True,
        metavar="P",
        help="runs/NAME, a folder with a model or an adapter, a name on the hub; or a model's name at an endpoint",
    )
    add("--task", required=True, metavar="T", help=f"one of {', '.join(tasks.NAMES)}")
    add("--task_path", metavar="PATH", help="where the task's data lies, for a task that needs it")
    add("--split", choices=get_args(Split), default="test", help="of the task (default test)")
    add("--max_new_tokens", type=int, metavar="N", help="of a completion (default: as in the run, else 256)")
    add("--prompt", choices=STYLES, help="how it is asked (default: as in the run, else strict)")
    add("--schema_style", choices=schema_styles.NAMES, help="of the prompt (default: as in the run, else ddl)")
    add("--schema_tokens", type=int, metavar="N", help="show what of a schema fits (default: as in the run, else all)")
    add("--schema_notes", choices=NOTES, help="what the schema says of columns (default: as in the run, else none)")
    add("--shots", type=int, metavar="N", help="solved questions of the train split (default: as in the run, else 0)")
    add("--shot_choice", choices=CHOICES, help="which (default: as in the run, else similar)")
    add("--shot_path", metavar="PATH", help="where the task with the train split lies (default: as in the run)")
    add("--chat_template_kwargs", type=json.loads, metavar="JSON", help="as in a config (default: as in the run)")
    add("--backend", choices=(*BACKENDS, ENDPOINT), default="transformers", help="what samples (default transformers)")
    add("--server_url", metavar="URL", help="for --backend server and endpoint (default http://127.0.0.1:8000, /v1)")
    add("--dtype", choices=("auto", "float32", "bfloat16", "float16"), default="auto", help="auto: float32 on a CPU")


def main(argv: Sequence[str]) -> int:
    asked = parser().parse_args(argv)
    for key, least in {"limit": 1, "samples": 1, "batch_size": 1, "max_new_tokens": 1, "temperature": 0}.items():
        if getattr(asked, key) is not None and not getattr(asked, key) >= least:
            raise ConfigError(f"--{key} is {getattr(asked, key)}; it must be at least {least}")
    if asked.samples > 1 and asked.temperature == 0:
        raise ConfigError(f"--samples {asked.samples} at temperature 0 would all be alike; give --temperature 1.0")
    quantised = quantised_of(asked)
    if told := quantised.wrong():
        raise ConfigError(told)
    if quantised.told and asked.backend != "transformers":
        raise ConfigError(f"weights are held in {quantised.told} by --backend transformers alone, not {asked.backend}")
    fields = TaskFields(task=asked.task, task_path=asked.task_path)
    if told := task_can_be_asked(fields):
        raise ConfigError(told)
    output, answer = (_at_an_endpoint if asked.backend == ENDPOINT else _here)(asked)
    try:
        examples = tasks.load(asked.task, asked.split, asked.task_path)
    except (ValueError, OSError) as error:
        raise ConfigError(f"task {asked.task} cannot be loaded: {error}") from error
    Random(0).shuffle(examples)
    with environment(fields, examples[: asked.limit]) as env:
        admission = env.admit()
    kept = admission.kept
    print(f"{len(kept):,} of {len(kept) + len(admission.quarantined):,} golds can grade an answer", flush=True)
    for example, reason in admission.quarantined[:SHOWN]:
        print(f"left out: {example}, {reason}", flush=True)
    if not kept:
        raise ConfigError(f"no gold of the {asked.split} split of task {asked.task} can grade an answer")
    signal.signal(signal.SIGTERM, _stop)
    try:
        return answer(kept)
    except KeyboardInterrupt:
        print(f"stopped; what was answered is in {output}, and the same command goes on with it", file=sys.stderr)
        raise SystemExit(130) from None


def _here(asked: argparse.Namespace) -> tuple[Path, Answering]:
    """Where the samples go, and what answers examples into it."""
    if asked.batch_size is None:  # what transformers holds of all completions at once is copied at every token
        asked.batch_size = max(1, ROWS // asked.samples) if asked.backend == "transformers" else ROWS
    asked.server_url = asked.server_url or "http://127.0.0.1:8000"
    policy = named(asked.policy)
    if (turns := policy.run.get("max_turns", 1)) > 1 and not asked.single_turn:
        raise ConfigError(
            f"{asked.policy} was trained to answer over {turns} turns, and samples are of one. Write --single_turn to "
            "ask it so all the same; its run's own examinations, in eval/, were of several."
        )
    output = asked.output or Path(policy.model).parent / "eval/samples.jsonl"
    if asked.output is None and not policy.run:
        raise ConfigError(f"--output is missing: {asked.policy} is in no run's folder that samples could lie in")
    from policy.samplers.unchanging import refuse

    refuse(asked.backend, policy)

    def answer(examples: Sequence[Example]) -> int:
        from eval import local_answers

        local_answers.answer(asked, policy, examples, output)
        return 0

    return output, answer


def _at_an_endpoint(asked: argparse.Namespace) -> tuple[Path, Answering]:
    """As `_here`."""
    from eval import endpoint_answers

    if asked.output is None:
        raise ConfigError("--output is missing: a model behind an endpoint is in no run's folder; name a .jsonl")
    head = endpoint_answers.prepare(asked)
    return asked.output, lambda examples: endpoint_answers.answer(asked, head, examples)


def _stop(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    with exit_with_sentence():
        raise SystemExit(main(sys.argv[1:]))
