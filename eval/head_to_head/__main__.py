"""Is one policy better than another on the same questions? One page, Markdown and JSON with the same numbers.

    python -m eval.head_to_head runs/sft runs/grpo
    python -m eval.head_to_head SFT=runs/sft_1,runs/sft_2 GRPO=runs/grpo_1,runs/grpo_2 --tables

Each argument is one policy, NAME=PATH or PATH; commas join its seeds. A PATH is the folder of a finished run, or a file
of eval.generate with the scores of eval.score beside it. All must have answered the same questions in the same way.
Nothing is executed unless --tables asks for it, no model is loaded, and no random number is drawn.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from envs.sentence_parser import SentenceParser
from eval.head_to_head.asked import about, asked, examples_of, of_golds, task_of
from eval.head_to_head.comparison import compare
from eval.head_to_head.named import policies
from eval.head_to_head.outcome import by_judge, by_query
from eval.head_to_head.policies import Policy
from eval.head_to_head.report import write
from eval.head_to_head.same_questions import matched
from eval.head_to_head.tables import with_tables
from eval.head_to_head.verdict import verdict
from policy.config_error import ConfigError, exit_with_sentence

NOT_KNOWN = (
    "How answers are wrong is told in the judge's words and not by comparing queries, and databases and categories may "
    "be missing: {}."
)


def parser() -> SentenceParser:
    described = SentenceParser(
        prog="python -m eval.head_to_head",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = described.add_argument
    add("policies", nargs="+", metavar="NAME=PATH,PATH", help="a policy and its seeds, at least two policies")
    add("--output", type=Path, metavar="FOLDER", help="default: a folder named by the policies, beside the first run")
    add("--tables", action="store_true", help="execute the flipped queries and their golds, and show what they return")
    add("--task_path", metavar="PATH", help="where the task's data lies, if not where the runs say")
    return described


def main(argv: Sequence[str]) -> None:
    given = parser().parse_args(argv)
    named = policies(given.policies)
    found = matched(named)
    fields, split = task_of(named, given.task_path), named[0].runs[0].conditions["split"]
    ids = [*found.questions, *found.unscored]
    examples, why_not = examples_of(fields, split, ids)
    if given.tables and why_not:
        raise ConfigError(f"--tables needs the task's databases: {why_not}")
    what = asked(named, examples, ids)
    known, why_not = of_golds(examples, what, why_not)
    notes = [NOT_KNOWN.format(why_not)] if why_not else []
    compared = compare(named, found, what, notes, by_query(known) if known else by_judge, about(fields))
    if given.tables:
        compared = with_tables(compared, examples, fields)
    page = write(given.output or _beside(named), compared)
    print(f"{verdict(compared)}\n\n{page} (and head_to_head.md, head_to_head.json)")


def _beside(named: Sequence[Policy]) -> Path:
    """`runs/SFT_vs_GRPO` for `runs/sft_1` and others."""
    names = "_vs_".join(re.sub(r"[^\w.-]+", "_", one.name).strip("._") or "policy" for one in named)
    return Path(named[0].runs[0].path).absolute().parent / names[:100]


if __name__ == "__main__":
    with exit_with_sentence():
        main(sys.argv[1:])
