"""Every rollout of a training run as one page: groups side by side, SQL beside its gold, filters over the whole run.

python -m eval.rollouts runs/NAME
python -m eval.rollouts runs/NAME --output page.html --most 2000

Works on a run that is still going: the page says up to which step. Exit code 2 for a folder without rollouts.
"""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from envs.sentence_parser import SentenceParser
from eval.rollouts.files import read_run
from eval.rollouts.pack import BUDGET, pack
from eval.rollouts.page import page
from policy.config_error import ConfigError, exit_with_sentence
from policy.run_folder import write_whole


def main(arguments: Sequence[str]) -> None:
    parser = SentenceParser(prog="python -m eval.rollouts", description="Build the page of a run's rollouts.")
    parser.add_argument("run", type=Path, metavar="runs/NAME", help="the folder of a run of rl.grpo or its kin")
    parser.add_argument("--output", type=Path, metavar="FILE.html", help="else rollouts.html in the run's folder")
    parser.add_argument("--most", type=int, metavar="N", help=f"rollouts to show; else what fits {BUDGET // 10**6} MB")
    given = parser.parse_args(arguments)
    if given.most is not None and given.most < 1:
        parser.error(f"--most {given.most} leaves nothing to show; give 1 or more, or leave it out")
    began = time.monotonic()
    run = read_run(given.run)
    packed = pack(run, given.most)
    file: Path = given.output or run.folder / "rollouts.html"
    text = page(packed)
    try:
        write_whole(file, text)
    except OSError as error:
        raise ConfigError(f"{file} cannot be written: {error.strerror}; name another file with --output") from error
    kept = f"all {packed.rows:,}" if packed.kept == packed.rows else f"{packed.kept:,} of {packed.rows:,}"
    print(f"{file} shows {kept} rollouts: {len(text) / 1e6:.1f} MB in {time.monotonic() - began:.1f} s")
    for note in run.notes:
        print(note)


if __name__ == "__main__":
    with exit_with_sentence():
        main(sys.argv[1:])
