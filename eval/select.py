"""Which of n sampled answers to give? Every way of choosing, on the same questions, beside the greedy answer.

    python -m eval.select --samples samples.jsonl --greedy greedy.jsonl
    python -m eval.select --samples samples.jsonl --greedy greedy.jsonl --reward_model runs/reward_model
    python -m eval.select --samples one.jsonl other.jsonl third.jsonl

The files are those of eval.generate; their scores are looked for beside them where --scores and the second word of
--greedy do not name them. Ways are the files of eval/selectors/. Every number is a mean over all subsets of n samples.
Writes selection.md, selection.json and selection.svg into --output (default: the samples' folder), and learned.jsonl
with what the reward model said, so that the table can be made again without it. No model is loaded but that one.

Several files of samples, of several policies, prompts or schema styles on the same questions, are a pool: each gives an
equal share of the n samples, and the pool is compared with each member alone at the same n. What is left over where n
cannot be divided comes one each from members drawn anew for each subset. Name the policy that you trust most first.
--fitted_on names samples of the same members on another split, from which weights of votes are taken. Writes pool.md,
pool.json and pool.svg.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from envs.sentence_parser import SentenceParser
from eval.learned import opinions
from eval.pool.command import pool
from eval.scoring import scores_beside
from eval.selection import Question, compare
from eval.selection_questions import one_policy, questions, same_policy
from eval.selection_report import Report, table, write
from policy.config_error import ConfigError, exit_with_sentence
from policy.scores import Scored, read


def parser() -> SentenceParser:
    described = SentenceParser(
        prog="python -m eval.select",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = described.add_argument
    add("--samples", required=True, nargs="+", type=Path, metavar="FILE", help="several completions a question")
    add("--scores", nargs="+", type=Path, metavar="FILE", help="of the samples, one each (default: beside them)")
    add("--fitted_on", nargs="+", type=Path, metavar="FILE", help="of a pool: each member's samples of another split")
    add("--greedy", nargs="+", type=Path, metavar="FILE", help="greedy samples of the same policy, and their scores")
    add("--reward_model", metavar="P", help="runs/NAME or a folder; without it, what learned.jsonl knows is used")
    add("--n", type=int, metavar="N", help="the most samples to choose among (default: all there are)")
    add("--seed", type=int, default=0, help="of the subsets, where there are too many to take all (default 0)")
    add("--task_path", metavar="PATH", help="where the task's data lies, if not where the samples say")
    add("--output", type=Path, metavar="FOLDER", help="default: the folder of the (first) samples")
    return described


def main(argv: Sequence[str]) -> None:
    given = parser().parse_args(argv)
    if len(given.samples) > 1:
        return pool(given)
    if given.fitted_on:
        raise ConfigError("--fitted_on weighs the members of a pool, and --samples names one file")
    samples = given.samples[0]
    if given.scores and len(given.scores) > 1:
        raise ConfigError(f"--scores names {len(given.scores)} files and --samples one")
    sampled = read(samples, given.scores[0] if given.scores else scores_beside(samples))
    if not sampled:
        raise ConfigError(f"{samples} holds no samples")
    one_policy(samples, sampled)
    fewest, poorest = min((len(one.scores), one.example) for one in sampled)
    if not fewest:
        raise ConfigError(f"{samples} has no completion of {poorest}: there is nothing to choose among")
    most = fewest if given.n is None else given.n
    if not 1 <= most <= fewest:
        raise ConfigError(f"--n is {most}; it must be between 1 and {fewest}, the completions of each question")
    greedy = _greedy(given.greedy, sampled) if given.greedy else None
    output = given.output or samples.parent
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"--output {output} cannot be a folder ({error.strerror}); name another") from error
    model, (logits,) = opinions(output / "learned.jsonl", given.reward_model, [sampled], given.task_path)
    asked, left_out = questions(sampled, greedy, logits)
    if not asked:
        raise ConfigError(f"none of the {len(sampled):,} questions can be graded, so there is nothing to compare")
    report = Report(
        samples=str(samples),
        greedy=str(given.greedy[0]) if given.greedy else None,
        reward_model=model,
        facts={key: sampled[0].facts.get(key) for key in ("policy", "weights", "task", "split", "temperature")},
        comparison=sampled[0].facts["comparison"],
        left_out=left_out,
        questions=len(asked),
        samples_each=fewest,
        seed=given.seed,
        chosen=compare(_cut(asked, fewest), most, bool(logits), given.seed),
    )
    try:
        write(output, report)
    except OSError as error:
        raise ConfigError(f"{output} cannot be written ({error.strerror}); the table is\n{table(report)}") from error
    print(table(report))
    print(f"\n{output}/selection.md, selection.json and selection.svg hold this")


def _cut(asked: Sequence[Question], most: int) -> list[Question]:
    """As many answers for each question."""
    return [Question(one.example, one.answers[:most], one.greedy) for one in asked]


def _greedy(files: Sequence[Path], sampled: Sequence[Scored]) -> dict[str, Scored]:
    if len(files) > 2:
        raise ConfigError(f"--greedy takes samples and their scores, and {len(files)} files are given")
    found = read(files[0], files[1] if len(files) == 2 else scores_beside(files[0]))
    same_policy(files[0], found, sampled)
    return {one.example: one for one in found}


if __name__ == "__main__":
    with exit_with_sentence():
        main(sys.argv[1:])
