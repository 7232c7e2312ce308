"""Let a policy answer the questions of a task, through transformers, vLLM, or a vLLM server; nothing is judged here.

    python -m eval.generate --policy runs/grpo_seedling --task worlds
    python -m eval.generate --policy policy/seedling --task worlds --samples 8 --temperature 1.0 --backend vllm
    python -m eval.generate --policy runs/NAME --task spider --task_path data/spider --output runs/NAME/dev.jsonl

Golds are executed first, and questions whose gold cannot grade an answer are left out. One line a question is
appended to --output as it is answered; the same command goes on where it was left. Greedy unless --temperature says
otherwise. How a run asked (prompt, chat template, longest completion) is taken from its folder where nobody says.
"""

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any, NoReturn, get_args

from envs import tasks
from envs.example import Example
from envs.progress import progress
from envs.prompt import STYLES
from envs.tasks import Split
from eval.policy_named import Named, named
from policy.config_error import ConfigError, exit_with_sentence
from policy.questions import environment
from policy.samplers import BACKENDS, Sampled, Sampling, seed_of
from policy.samples import Completion, Head, append, finished
from policy.task_fields import TaskFields, task_can_be_asked
from policy.weights import fingerprint

ROWS = 64
"""Prompts at a time, or completions of transformers."""
SHOWN = 20
"""Questions left out that are named on the console; `python -m rewards.validate` lists all."""


def parser() -> argparse.ArgumentParser:
    described = argparse.ArgumentParser(
        prog="python -m eval.generate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = described.add_argument
    add(
        "--policy", required=True, metavar="P", help="runs/NAME, a folder with a model or an adapter, a name on the hub"
    )
    add("--task", required=True, metavar="T", help=f"one of {', '.join(tasks.NAMES)}")
    add("--task_path", metavar="PATH", help="where the task's data lies, for a task that needs it")
    add("--split", choices=get_args(Split), default="test", help="of the task (default test)")
    add("--limit", type=int, metavar="N", help="only the first so many questions, shuffled alike every time")
    add("--samples", type=int, default=1, metavar="K", help="completions a question (default 1)")
    add("--temperature", type=float, default=0.0, metavar="T", help="0 is greedy (default)")
    add("--max_new_tokens", type=int, metavar="N", help="of a completion (default: as in the run, else 256)")
    add("--single_turn", action="store_true", help="ask once what was trained over several turns")
    add("--prompt", choices=STYLES, help="how it is asked (default: as in the run, else strict)")
    add("--chat_template_kwargs", type=json.loads, metavar="JSON", help="as in a config (default: as in the run)")
    add("--backend", choices=BACKENDS, default="transformers", help="what samples (default transformers)")
    add("--server_url", default="http://127.0.0.1:8000", metavar="URL", help="for --backend server")
    add("--dtype", choices=("auto", "float32", "bfloat16", "float16"), default="auto", help="auto: float32 on a CPU")
    add("--batch_size", type=int, metavar="N", help="prompts at a time (default: 64, of transformers 64 completions)")
    add("--seed", type=int, default=0, help="of the sampling (default 0)")
    add("--output", type=Path, metavar="FILE", help="default: samples.jsonl beside the policy of a run")
    return described


def main(argv: Sequence[str]) -> None:
    asked = parser().parse_args(argv)
    for key, least in {"limit": 1, "samples": 1, "batch_size": 1, "max_new_tokens": 1, "temperature": 0}.items():
        if getattr(asked, key) is not None and not getattr(asked, key) >= least:
            raise ConfigError(f"--{key} is {getattr(asked, key)}; it must be at least {least}")
    if asked.batch_size is None:  # what transformers holds of all completions at once is copied at every token
        asked.batch_size = max(1, ROWS // asked.samples) if asked.backend == "transformers" else ROWS
    if asked.samples > 1 and asked.temperature == 0:
        raise ConfigError(f"--samples {asked.samples} at temperature 0 would all be alike; give --temperature 1.0")
    fields = TaskFields(task=asked.task, task_path=asked.task_path)
    if told := task_can_be_asked(fields):
        raise ConfigError(told)
    policy = named(asked.policy)
    if (turns := policy.run.get("max_turns", 1)) > 1 and not asked.single_turn:
        raise ConfigError(
            f"{asked.policy} was trained to answer over {turns} turns, and samples are of one. Write --single_turn to "
            "ask it so all the same; its run's own examinations, in eval/, were of several."
        )
    output = asked.output or Path(policy.model).parent / "eval/samples.jsonl"
    if asked.output is None and not policy.run:
        raise ConfigError(f"--output is missing: {asked.policy} is in no run's folder that samples could lie in")
    from eval.backend import refuse

    refuse(asked.backend, policy)
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
        _generate(asked, policy, kept, output)
    except KeyboardInterrupt:
        print(f"stopped; what was answered is in {output}, and the same command goes on with it", file=sys.stderr)
        raise SystemExit(130) from None


def _generate(asked: argparse.Namespace, policy: Named, examples: Sequence[Example], output: Path) -> None:
    from eval.backend import context_of, dtype_of, open_sampler, stops_of, tokenizer_of, versions
    from policy.chat import prompt_text, tokens_of

    style, template = asked.prompt or policy.run.get("prompt", "strict"), asked.chat_template_kwargs
    template = policy.run.get("chat_template_kwargs") if template is None else template
    most = asked.max_new_tokens or policy.run.get("max_completion_length") or 256
    tokenizer = tokenizer_of(policy)
    prompts = {one.id: tokens_of(tokenizer, prompt_text(tokenizer, one, style, template)) for one in examples}
    room = context_of(policy) - most
    fitting = [one for one in examples if len(prompts[one.id]) <= room]
    if len(fitting) < len(examples):
        print(f"{len(examples) - len(fitting):,} prompts are longer than {room:,} tokens and left out", flush=True)
    if not fitting:
        raise ConfigError(f"no prompt leaves room for --max_new_tokens {most} in the model's {room + most:,} tokens")
    head = Head(
        policy=policy.model,
        weights=fingerprint(policy.model),
        task=asked.task,
        task_path=asked.task_path,
        split=asked.split,
        prompt=style,
        chat_template_kwargs=template,
        backend=asked.backend,
        dtype=dtype_of(asked.dtype),
        samples=asked.samples,
        temperature=asked.temperature,
        max_new_tokens=most,
        batch_size=asked.batch_size,
        seed=asked.seed,
    )
    done = finished(output, head)
    if left := sum(one.id not in done for one in fitting):
        output.parent.mkdir(parents=True, exist_ok=True)
        longest = max(len(prompts[one.id]) for one in fitting) + most
        arguments = (policy, tokenizer, head.dtype, longest, asked.batch_size, asked.server_url)
        sampler, stops, say, told = (
            open_sampler(asked.backend, *arguments),
            stops_of(policy, tokenizer),
            progress(),
            versions(),
        )
        for at in range(0, len(fitting), asked.batch_size):
            batch = fitting[at : at + asked.batch_size]
            if all(one.id in done for one in batch):
                continue
            # Asked whole though only some of it is missing: what is drawn must not depend on where it was left.
            sampling = Sampling(most, asked.temperature, stops, seed_of((one.id for one in batch), asked.seed))
            found = sampler.generate([prompts[one.id] for one in batch], asked.samples, sampling)
            answered = [
                (one.id, [_completion(s, stops, tokenizer) for s in some])
                for one, some in zip(batch, found, strict=True)
            ]
            append(output, head, told, [pair for pair in answered if pair[0] not in done])
            done |= {one.id for one in batch}
            say(f"answered {len(done):,} of {len(fitting):,} questions")
        sampler.close()
    print(f"{left:,} questions answered now, {len(fitting) - left:,} before: {output}", flush=True)


def _completion(sampled: Sampled, stops: tuple[int, ...], tokenizer: Any) -> Completion:
    return Completion(
        text=tokenizer.decode(sampled.ids, skip_special_tokens=True),
        tokens=len(sampled.ids),
        truncated=not sampled.ids or sampled.ids[-1] not in stops,
        logprob_sum=round(sum(sampled.logprobs), 6),
    )


def _stop(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    with exit_with_sentence():
        main(sys.argv[1:])
