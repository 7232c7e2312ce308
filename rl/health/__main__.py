"""What is wrong with a run, finished or running: every diagnosis, made again from its `metrics.jsonl`.

python -m rl.health runs/NAME
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from envs.sentence_parser import SentenceParser
from policy import yaml_file
from policy.config import exit_with_sentence
from policy.config_error import ConfigError
from policy.run_folder import RunFolder
from rl.health.diagnosis import Diagnosis, framed
from rl.health.physician import Physician, lines


def main(argv: Sequence[str]) -> None:
    parser = SentenceParser(prog="python -m rl.health", description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, help="the run's folder, runs/NAME")
    folder = RunFolder(parser.parse_args(argv).run)
    if not folder.metrics.is_file():
        raise ConfigError(f"there is no {folder.metrics}. Name the folder of a run that has begun to train, runs/NAME.")
    found = list(diagnoses(folder))
    for one in found:
        print(framed([one]))
    last = max((line["step"] for line in lines(folder.metrics)), default=0)
    count = "nothing is" if not found else f"{len(found)} {'diagnosis' if len(found) == 1 else 'diagnoses'}:"
    names = " wrong" if not found else " " + ", ".join(f"{one.name} (step {one.step})" for one in found)
    print(f"{folder.path}, {last} steps: {count}{names}.")


def diagnoses(folder: RunFolder) -> Iterator[Diagnosis]:
    """Those that the run told, or would have told, in their order."""
    config = yaml_file.parse(folder.config.read_text(encoding="utf-8")) if folder.config.is_file() else {}
    physician = Physician(config.get("max_unscored_share", 0.5))
    for line in lines(folder.metrics):
        yield from physician.look(line)


if __name__ == "__main__":
    with exit_with_sentence():
        main(sys.argv[1:])
