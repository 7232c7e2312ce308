"""What does it save to read many answers to one prompt with it once?

    python -m benchmarks.branches [--model policy/seedling] [--questions 60] [--answers 8]

The log-probability of the golds of a database as answers to each of its questions (`policy/log_prob.py`), of worlds'
test split: answers read alone, as everybody does, and together, by turns, five times each. Prints the CPU seconds of
both, their ratio, and the largest difference between the log-probabilities.
"""

import argparse
from time import process_time

from envs import tasks
from envs.example import Example
from policy.branches import TOGETHER
from policy.log_prob import LogProb

TIMES = 5


def asked(questions: int, answers: int) -> list[tuple[Example, str]]:
    """Each question with its own gold and others of its database."""
    golds: dict[str, list[Example]] = {}
    for example in tasks.load("worlds", "test", None):
        golds.setdefault(example.schema_id, []).append(example)
    several = [some for some in golds.values() if len({one.gold_sql for one in some}) >= answers]
    chosen = [(some[0], list(dict.fromkeys(one.gold_sql for one in some))[:answers]) for some in several[:questions]]
    return [(example, sql) for example, some in chosen for sql in some]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="policy/seedling")
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--answers", type=int, default=8)
    given = parser.parse_args()
    texts = asked(given.questions, given.answers)
    ways = {
        name: LogProb(given.model, "strict", None, together=n) for name, n in (("alone", 1), ("together", TOGETHER))
    }
    said = {name: way.logits(texts) for name, way in ways.items()}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(TIMES):
        for name, way in ways.items():
            began = process_time()
            way.logits(texts)
            seconds[name].append(process_time() - began)
    least = {name: min(found) for name, found in seconds.items()}
    for name, found in seconds.items():
        print(f"{name:9}{', '.join(f'{one:.2f}' for one in sorted(found))} CPU seconds")
    apart = max(abs((a or 0) - (b or 0)) for a, b in zip(*said.values(), strict=True))
    times = least["alone"] / least["together"]
    print(f"{len(texts):,} answers: together {times:.1f} times as fast, at most {apart:.1e} nats apart")


if __name__ == "__main__":
    main()
