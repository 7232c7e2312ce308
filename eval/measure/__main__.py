"""Every number of an evaluation, in one table over scored samples; no model, no GPU, no database.

    python -m eval.measure --samples runs/NAME/eval/samples.jsonl
    python -m eval.measure --samples runs/theirs/*/samples.jsonl --by difficulty,complexity,error --output numbers
    python -m eval.measure --samples samples.jsonl --metrics correct,bird,soft_f1 --by database

Samples are those of eval.generate or eval.predictions, scored by eval.score; what eval.efficiency and eval.latency
timed is read where it lies beside them. A column a file, a row a measure: value, 95% interval, how many questions.
Every question counts whatever the answer; what a row cannot score is listed with the reason. Metrics that need no
database are the files of eval/metrics/, one each. Writes measure.md and measure.json, with the same numbers, into
--output.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from envs.sentence_parser import SentenceParser
from eval import metrics
from eval.measure import several, texts, verdicts
from eval.measure.errors import errors
from eval.measure.files import examples, files, questions
from eval.measure.question import Measure
from eval.measure.report import Report, as_json, markdown
from eval.measure.slices import BY, slices
from eval.measure.table import row, values
from policy.config_error import ConfigError, did_you_mean, exit_with_sentence
from policy.run_folder import write_whole

DIVISIONS = (*BY, "error")
HEADLINE = "correct"
"""What is broken down where --metrics names nothing else."""


def parser() -> SentenceParser:
    described = SentenceParser(
        prog="python -m eval.measure",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = described.add_argument
    add("--samples", required=True, nargs="+", type=Path, metavar="FILE", help="what a policy wrote, one file a column")
    add("--scores", nargs="+", type=Path, metavar="FILE", help="of each file of samples (default: beside it)")
    add("--by", default="", metavar="A,B", help=f"break down by some of {', '.join(DIVISIONS)}")
    add("--metrics", default="", metavar="A,B", help="these rows only, in the breakdowns too (default: all rows)")
    add("--task_path", metavar="PATH", help="where the task's data lies, if not where the samples say")
    add("--workers", type=int, default=2, metavar="N", help="processes that read SQL (default 2)")
    add("--output", type=Path, metavar="FOLDER", help="write measure.md and measure.json there too")
    return described


def main(argv: Sequence[str]) -> None:
    given = parser().parse_args(argv)
    if given.workers < 1:
        raise ConfigError(f"--workers is {given.workers}; it must be at least 1")
    by = _chosen(given.by, DIVISIONS, "--by")
    found = files(given.samples, given.scores)
    facts = next(iter(found.values())).facts
    most = max(len(one.scores) for file in found.values() for one in file.scored)
    every = [*verdicts.measures(str(facts["comparison"])), *several.measures(most), *texts.measures()]
    chosen = _chosen(given.metrics, [one.name for one in every], "--metrics")
    kept = [one for one in every if one.name in chosen or not chosen]
    asked = examples(found, given.task_path)
    pairs = [(one.example, score.sql) for file in found.values() for one in file.scored for score in one.scores]
    names = [one.name for one in kept if one.name in metrics.NAMES]
    told = texts.said(pairs, asked, names, given.workers)
    answered = {name: questions(file, asked, told) for name, file in found.items()}
    report = Report(
        policies={
            name: {"samples": str(file.samples)} | {key: file.facts.get(key) for key in ("policy", "weights", "task")}
            for name, file in found.items()
        },
        questions=len(asked),
        **_numbers(kept, chosen, by, answered),
        errors=errors(answered) if "error" in by else None,
        waits={name: file.waits for name, file in found.items() if file.waits},
    )
    if given.output:
        _write(given.output, report)
    print(markdown(report))


def _numbers(kept: Sequence[Measure], chosen: Sequence[str], by: Sequence[str], answered: dict) -> dict:
    """Each measure of each question once, then its rows: of all questions, and of each slice."""
    found = {one.name: [values(one, some) for some in answered.values()] for one in kept}
    asked = {one.example.id: one.example for some in answered.values() for one in some}
    divided = [one for one in kept if one.name in (chosen or (HEADLINE,))]
    return {
        "rows": [row(one, found[one.name]) for one in kept],
        "by": {
            division: {
                name: [row(one, found[one.name], ids) for one in divided]
                for name, ids in slices(division, asked.values()).items()
            }
            for division in by
            if division != "error"
        },
    }


def _chosen(text: str, choices: Sequence[str], flag: str) -> list[str]:
    """The names in a list with commas. Raises ConfigError for one that is none."""
    found = [name for part in text.split(",") if (name := part.strip())]
    for name in found:
        if name not in choices:
            hint = did_you_mean(name, choices)
            raise ConfigError(f"{flag} names {name!r}; the choices are {', '.join(choices)}.{hint}")
    return found


def _write(folder: Path, report: Report) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / "measure.md", markdown(report))
        write_whole(folder / "measure.json", json.dumps(as_json(report), indent=1) + "\n")
    except OSError as error:
        raise ConfigError(f"--output {folder} cannot be written ({error.strerror}); name another folder") from error


if __name__ == "__main__":
    with exit_with_sentence():
        main(sys.argv[1:])
