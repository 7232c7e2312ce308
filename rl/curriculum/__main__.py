"""Measure once which training questions a policy always, sometimes and never solves.

    python -m rl.curriculum --config configs/grpo_seedling.yaml
    python -m rl.curriculum --config configs/grpo_seedling.yaml --samples 8 --limit 480 --output runs/rates.jsonl

Each question is answered --samples times with the policy, prompt, temperature and longest completion of a GRPO config,
and judged in the sandbox. One line a question goes to --output (default: the config's own pass_rates, else
pass_rates.jsonl in its folder) as it is finished; run it again and it goes on where it was. Other keys of the config
can be given. To train on what is neither always nor never solved, write `pass_rates: FILE` into the config.
"""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import NoReturn

from envs.progress import progress
from envs.sandbox import unconfined
from envs.sentence_parser import SentenceParser
from policy.config import ConfigError, Resolved, exit_with_sentence
from policy.notice import notice
from policy.questions import environment, load_splits
from rl.config import GrpoRun, resolve
from rl.curriculum.conditions import head_of
from rl.curriculum.measure import Tell, measure
from rl.curriculum.pass_rates import begin, read
from rl.curriculum.selection import why_left_out
from rl.curriculum.table import told

UNUSED = {"top_p": 1.0, "top_k": 0, "min_p": None, "repetition_penalty": 1.0, "generation_kwargs": None}
"""Keys of sampling that training follows and measuring does not, and what they are when nobody set them."""


def main(argv: Sequence[str]) -> None:
    parser = SentenceParser(
        prog="python -m rl.curriculum",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--config", required=True, help="a GRPO config")
    parser.add_argument("--samples", type=int, default=8, help="completions a question (default 8)")
    parser.add_argument("--output", type=Path, help="the file of pass rates")
    parser.add_argument("--limit", type=int, help="only the first so many questions, in the order of the run")
    asked, more = parser.parse_known_args(argv)
    if asked.samples < 2:
        raise ConfigError(f"--samples is {asked.samples}; it must be at least 2, or every rate would be 0 or 1")
    if asked.limit is not None and asked.limit < 1:
        raise ConfigError(f"--limit is {asked.limit}; it must be at least 1, or left out for all questions")
    resolved = resolve(["--config", asked.config, *more])
    if shown := notice(resolved):
        print(shown, flush=True)
    if unused := [key for key, usual in UNUSED.items() if resolved[key] != usual]:
        print(f"{', '.join(unused)} will shape the samples of the training and are not used here", flush=True)
    path = asked.output or Path(resolved.own.pass_rates or Path(resolved["output_dir"]) / "pass_rates.jsonl")
    _measure(resolved, path.expanduser(), asked.samples, asked.limit)


def _measure(resolved: Resolved[GrpoRun], path: Path, samples: int, limit: int | None) -> None:
    run = resolved.own
    train = load_splits(run, resolved["seed"]).train
    with environment(run, train) as env:
        from policy.load import load_tokenizer

        tokenizer = load_tokenizer(resolved["model_name_or_path"], resolved["model_revision"])
        begun = begin(path, head_of(resolved, samples))
        from policy.chat import prompt_text, tokens_of

        def fits(example) -> bool:
            prompt = prompt_text(tokenizer, example, run.prompt, resolved["chat_template_kwargs"], run.max_turns)
            return run.max_prompt_tokens is None or len(tokens_of(tokenizer, prompt)) <= run.max_prompt_tokens

        kept = {example.id for example in env.admit().kept}
        examples = [example for example in train if example.id in kept and fits(example)]
        if shown := unconfined(env.confinement):
            print(shown, flush=True)
        print(
            f"{len(examples):,} of {len(train):,} training questions can be asked; {len(begun.rates):,} are in {path}",
            flush=True,
        )
        from rl.curriculum.sampling import asker

        signal.signal(signal.SIGTERM, _stop)
        try:
            measure(begun, examples, limit, env, asker(resolved, tokenizer, env, samples), _telling())
        except KeyboardInterrupt:
            print(f"stopped; what is measured is in {path}, and the same command goes on with it", file=sys.stderr)
            raise SystemExit(130) from None
    wanted = {example.id for example in examples[:limit]}
    low, high = run.keep_pass_rate
    rates = [rate for rate in read(path).rates.values() if rate.example in wanted]
    print(told(rates, lambda rate: not why_left_out(rate, (low, high))))
    print(f"\nthe rates are in {path}; `pass_rates: {path}` in a config trains on what would be kept")


def _stop(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _telling() -> Tell:
    """Says how far it is, now and then, with the time left."""
    say, started, first = progress(), monotonic(), 0

    def tell(done: int, wanted: int) -> None:
        nonlocal first
        first = first or done
        if done > first:
            left = (monotonic() - started) / (done - first) * (wanted - done)
            say(f"measured {done:,} of {wanted:,} questions, {left / 60:.0f} min left")

    return tell


if __name__ == "__main__":
    with exit_with_sentence():
        main(sys.argv[1:])
