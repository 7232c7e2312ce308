"""Make preferences: for each question a right answer and a wrong one, both executed, and a report of what they are.

    python -m rl.pairs samples --samples S.jsonl --scores S.scores.jsonl --output pairs.jsonl
    python -m rl.pairs corruption --task worlds --each 4 --output pairs.jsonl
    python -m rl.pairs endpoint --task worlds --answers answers.jsonl --output pairs.jsonl
    python -m rl.pairs file --task spider --task_path data/spider --answers theirs.jsonl --each all --output pairs.jsonl

samples: what a policy wrote and python -m eval.score judged. corruption: golds with one typed mistake. endpoint: what
python -m rl.pairs.endpoint brought. file: anybody's SQL, as `sql`, or as lists `chosen` and `rejected`, beside
`example`, or `db_id` and `question`; what such a file calls right or wrong is executed all the same.
"""

import sys
from collections.abc import Sequence

from policy.config_error import exit_with_sentence
from rl.pairs.command import asked


def main(argv: Sequence[str]) -> None:
    found = asked(argv, __doc__ or "")
    from rl.pairs.make import make

    print(make(found))


if __name__ == "__main__":
    with exit_with_sentence():
        main(sys.argv[1:])
