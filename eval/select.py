"""Which of n sampled answers to give? Every way of choosing, on the same questions, beside the greedy answer.

    python -m eval.select --samples samples.jsonl --greedy greedy.jsonl
    python -m eval.select --samples samples.jsonl --greedy greedy.jsonl --reward_model runs/reward_model

The files are those of eval.generate; their scores are looked for beside them where --scores and the second word of
--greedy do not name them. Ways are the files of eval/selectors/. Every number is a mean over all subsets of n samples.
Writes selection.md, selection.json and selection.svg into --output (default: the samples' folder), and learned.jsonl
with what the reward model said, so that the table can be made again without it. No model is loaded but that one.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from eval.learned import Logits, ask, kept, models
from eval.scoring import questions as examples_of
from eval.scoring import scores_beside
from eval.selection import Question, compare
from eval.selection_questions import one_policy, questions, same_policy
from eval.selection_report import Report, table, write
from policy.config_error import ConfigError, exit_with_sentence
from policy.scores import Scored, read
from policy.task_fields import TaskFields
from policy.weights import fingerprint


def parser() -> argparse.ArgumentParser:
    described = argparse.ArgumentParser(
        prog="python -m eval.select",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = described.add_argument
    add("--samples", required=True, type=Path, metavar="FILE", help="several completions a question")
    add("--scores", type=Path, metavar="FILE", help="of the samples (default: beside them)")
    add("--greedy", nargs="+", type=Path, metavar="FILE", help="greedy samples of the same policy, and their scores")
    add("--reward_model", metavar="P", help="runs/NAME or a folder; without it, what learned.jsonl knows is used")
    add("--n", type=int, metavar="N", help="the most samples to choose among (default: all there are)")
    add("--seed", type=int, default=0, help="of the subsets, where there are too many to take all (default 0)")
    add("--task_path", metavar="PATH", help="where the task's data lies, if not where the samples say")
    add("--output", type=Path, metavar="FOLDER", help="default: the folder of the samples")
    return described


def main(argv: Sequence[str]) -> None:
    given = parser().parse_args(argv)
    scores = given.scores or scores_beside(given.samples)
    sampled = read(given.samples, scores)
    if not sampled:
        raise ConfigError(f"{given.samples} holds no samples")
    one_policy(given.samples, sampled)
    fewest, poorest = min((len(one.scores), one.example) for one in sampled)
    if not fewest:
        raise ConfigError(f"{given.samples} has no completion of {poorest}: there is nothing to choose among")
    most = fewest if given.n is None else given.n
    if not 1 <= most <= fewest:
        raise ConfigError(f"--n is {most}; it must be between 1 and {fewest}, the completions of each question")
    greedy = _greedy(given.greedy, sampled) if given.greedy else None
    output = given.output or given.samples.parent
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"--output {output} cannot be a folder ({error.strerror}); name another") from error
    model, logits = _learned(output / "learned.jsonl", given.reward_model, sampled, given.task_path)
    asked, left_out = questions(sampled, greedy, logits)
    if not asked:
        raise ConfigError(f"none of the {len(sampled):,} questions can be graded, so there is nothing to compare")
    report = Report(
        samples=str(given.samples),
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


def _learned(
    path: Path, named: str | None, sampled: Sequence[Scored], task_path: str | None
) -> tuple[str | None, Logits]:
    """The fingerprint of the reward model and its logits; (None, {}) where there is none to ask and none was asked."""
    if named is None:
        for model in models(path):
            found = kept(path, model, sampled)
            if len(found) == len(sampled):
                print(f"the reward model {model} was asked before: {path}")
                return model, found
        return None, {}
    folder = Path(named) / "policy" if (Path(named) / "policy").is_dir() else Path(named)
    if not folder.is_dir():
        raise ConfigError(f"--reward_model is {named}, and no folder is there; python -m rl.reward_model makes one")
    model = fingerprint(str(folder))
    found = kept(path, model, sampled)
    if len(found) < len(sampled):
        facts = sampled[0].facts
        fields = TaskFields(task=facts["task"], task_path=task_path or facts["task_path"])
        examples = examples_of(fields, facts["split"], [one.example for one in sampled])
        found = ask(path, model, named, sampled, {one.id: one for one in examples}, found)
    return model, found


if __name__ == "__main__":
    with exit_with_sentence():
        main(sys.argv[1:])
