"""One table of several fine-tuning runs, made from their folders alone.

python -m sft.table runs/sft_seedling_*
python -m sft.table runs/sft_seedling_* --json methods.json
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from policy import yaml_file
from policy.config_error import ConfigError, exit_with_sentence
from sft.sft_fields import SftFields

HEAD = (
    "| run | method | learning rate | steps | trained | peak memory, MiB | train samples/s | perplexity "
    "| before | after | change | gained / lost |"
)


@dataclass(frozen=True, slots=True)
class Row:
    """One finished run. Shares are between 0 and 1, memory in MiB, `perplexity` that of the last evaluation."""

    run: str
    method: str
    learning_rate: float
    steps: int
    trainable_parameters: int
    parameters: int
    memory: float
    memory_kind: str
    samples_per_second: float | None
    perplexity: float | None
    before: dict[str, float]
    after: dict[str, float]
    difference: dict[str, float]
    questions: str
    stand_in: bool
    commit: str

    def markdown(self) -> str:
        before, after = (_interval(one) for one in (self.before, self.after))
        change = self.difference
        return (
            f"| {self.run}{' (stand-in)' if self.stand_in else ''} | {self.method} | {self.learning_rate:g} "
            f"| {self.steps:,} | {self.trainable_parameters:,} ({self.trainable_parameters / self.parameters:.2%}) "
            f"| {self.memory:,.0f} {self.memory_kind} "
            f"| {'' if self.samples_per_second is None else f'{self.samples_per_second:.1f}'} "
            f"| {'' if self.perplexity is None else f'{self.perplexity:.3f}'} | {before} | {after} "
            f"| {100 * change['mean']:+.1f} [{100 * change['low']:+.1f}, {100 * change['high']:+.1f}] "
            f"| {change['gained']} / {change['lost']} |"
        )


def row(folder: Path) -> Row:
    """What a run's folder says. Raises ConfigError when it is no finished run of `sft.train`."""
    files = {name: folder / name for name in ("summary.json", "environment.json", "config.yaml")}
    absent = [name for name, file in files.items() if not file.is_file()]
    if absent:
        raise ConfigError(f"{folder} holds no {' and no '.join(absent)}: it is not a finished run of sft.train.")
    try:
        summary: dict[str, Any] = json.loads(files["summary.json"].read_text(encoding="utf-8"))
        environment: dict[str, Any] = json.loads(files["environment.json"].read_text(encoding="utf-8"))
        config: dict[str, Any] = yaml_file.parse(files["config.yaml"].read_text(encoding="utf-8"))
    except (ValueError, yaml.YAMLError) as error:
        raise ConfigError(f"{folder} holds a file that cannot be read: {error}.") from error
    if "measures" not in summary:
        raise ConfigError(f"{folder} is a finished run, but not of sft.train: its summary.json has no measures.")
    cost = summary["measures"]
    vram = cost.get("peak_vram_mib")
    commit = environment.get("commit", "")[:7] + ("+" if environment.get("uncommitted_changes") else "")
    return Row(
        run=folder.name,
        method=summary["method"],
        learning_rate=config.get("learning_rate", SftFields.learning_rate),
        steps=summary["steps"],
        trainable_parameters=cost["trainable_parameters"],
        parameters=cost["parameters"],
        memory=cost["peak_rss_mib"] if vram is None else vram,
        memory_kind="RSS" if vram is None else "VRAM",
        samples_per_second=cost["samples_per_second"],
        perplexity=at(folder / "metrics.jsonl", "eval_perplexity", summary.get("best_step")),
        before=summary["before"],
        after=summary["after"],
        difference=summary["difference"],
        questions=f"{summary['questions']:,} questions of {summary['task']} ({summary['split']}, {summary['prompt']})",
        stand_in=summary["stand_in"],
        commit=commit,
    )


def at(metrics: Path, name: str, step: int | None) -> float | None:
    """A metric of `metrics.jsonl` at a step, or its last value where no step is given; None where it is not there."""
    found: float | None = None
    if metrics.is_file():
        for line in map(json.loads, metrics.read_text(encoding="utf-8").splitlines()):
            if step is None or line["step"] == step:
                found = line.get(name, found)
    return found


def table(rows: Sequence[Row]) -> str:
    """Markdown, the rows in the order they came; below it what all have in common, or that they do not."""
    lines = [HEAD, "|" + "---|" * (HEAD.count("|") - 1), *(one.markdown() for one in rows)]
    counts, commits = sorted({one.questions for one in rows}), sorted({one.commit for one in rows})
    lines.append(
        f"\nStrict execution accuracy in percent, greedy, 95% intervals (change: paired), "
        f"{' or '.join(counts)}, held out; commit {', '.join(commits) or 'unknown'}."
    )
    if len(counts) > 1:
        lines.append("The runs did not answer the same questions: their accuracies are not comparable.")
    return "\n".join(lines)


def _interval(one: dict[str, float]) -> str:
    return f"{100 * one['mean']:.1f} [{100 * one['low']:.1f}, {100 * one['high']:.1f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, nargs="+", help="folders of finished runs")
    parser.add_argument("--json", type=Path, help="write the rows there as well")
    arguments = parser.parse_args()
    with exit_with_sentence():
        rows = [row(folder) for folder in arguments.runs]
        print(table(rows))
        if arguments.json:
            arguments.json.write_text(json.dumps([asdict(one) for one in rows], indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
