"""Choose a learning rate on validation: the same config once for each rate, every trial in a process of its own.

    python -m sft.search --config configs/sft_lora_r16.yaml --rates 1e-4 3e-4 1e-3
    python -m sft.search --config configs/sft_lora_r16.yaml --rates 1e-4 3e-4 --max_steps 200 --train_size 4096

A trial begins from the model on disk, so none learns on top of another. Each is judged by greedy strict execution
accuracy on the validation split; the test split is never read. Finished trials are not run again, one that was stopped
is resumed. Other keys of the config can be given and hold for every trial.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from policy.config_error import ConfigError, exit_with_sentence
from policy.finished_run import FinishedRun, finished_run
from policy.run_folder import RunFolder, same_config
from policy.runs_table import table
from rewards.paired import Interval
from sft.config import resolve


@dataclass(frozen=True, slots=True)
class Trial:
    """One learning rate and the folder of its run."""

    rate: float
    folder: Path

    def command(self, config: Path, more: Sequence[str]) -> list[str]:
        """How the trial is run. Evaluations on the way are off: they decide nothing here."""
        asked = ["--learning_rate", f"{self.rate:g}", "--output_dir", str(self.folder)]
        asked += ["--held_out_split", "validation", "--eval_strategy", "no", "--save_strategy", "steps"]
        asked += ["--load_best_model_at_end", "false", "--early_stopping_patience", "null"]
        asked += ["--metric_for_best_model", "null", "--validation_answers", "0"]
        begun = ["--resume"] if (self.folder / "config.yaml").is_file() else []
        return [sys.executable, "-m", "sft.train", "--config", str(config), *asked, *more, *begun]

    @property
    def finished(self) -> bool:
        return (self.folder / "summary.json").is_file()


def search(config: Path, rates: Sequence[float], folder: Path, more: Sequence[str]) -> list[FinishedRun]:
    """The finished trials in the order of their rates. Raises ConfigError when one of them fails."""
    trials = [Trial(rate, folder / f"{rate:g}") for rate in sorted(set(rates))]
    for trial in trials:  # a mistake is told now, and not after a night of other trials
        resolved = resolve([word for word in trial.command(config, more)[3:] if word != "--resume"])
        if trial.finished:
            same_config(RunFolder(trial.folder), resolved.to_yaml())
    for trial in trials:
        if trial.finished:
            continue
        print(f"learning rate {trial.rate:g} ...", flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / f"{trial.rate:g}.log"
        with log.open("w", encoding="utf-8") as told:
            done = subprocess.run(trial.command(config, more), stdout=told, stderr=subprocess.STDOUT, check=False)
        if done.returncode:
            last = log.read_text(encoding="utf-8").strip().splitlines()[-1:]
            raise ConfigError(f"the trial at learning rate {trial.rate:g} failed: {''.join(last)} ({log}).")
    return [finished_run(trial.folder) for trial in trials]


def best(rows: Sequence[FinishedRun]) -> FinishedRun:
    """The trial with the most right answers; of equal ones the smallest rate, which damages least."""
    return max(rows, key=lambda one: (_after(one).mean, -_rate(one)))


def verdict(rows: Sequence[FinishedRun]) -> str:
    """Which rate is chosen, and whether the choice stands on anything."""
    chosen = best(rows)
    text = f"Chosen: learning_rate {_rate(chosen):g}."
    if chosen.stand_in:
        text += " It is the stand-in's, and says nothing about the model that the config names."
    near = [f"{_rate(one):g}" for one in rows if one is not chosen and _after(one).mean >= _after(chosen).low]
    if near:
        text += f" Within its interval: {', '.join(near)}."
    if len(rows) > 1 and chosen.learning_rate in (rows[0].learning_rate, rows[-1].learning_rate):
        text += " It is at the edge of what was tried: try further out."
    return text


def _after(one: FinishedRun) -> Interval:
    assert one.after is not None, "sft.train answers questions"
    return one.after


def _rate(one: FinishedRun) -> float:
    assert one.learning_rate is not None, "a trial is given its rate on the command line"
    return one.learning_rate


def main(argv: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--rates", type=float, nargs="+", required=True, help="learning rates to try")
    parser.add_argument("--out", type=Path, help="folder of the trials; default runs/CONFIG_search")
    asked, more = parser.parse_known_args(argv)
    folder = asked.out or Path("runs") / f"{asked.config.stem}_search"
    with exit_with_sentence():
        rows = search(asked.config, asked.rates, folder, more)
        text = f"{table(rows)}\n\n{verdict(rows)}"
        print(text)
        (folder / "search.md").write_text(f"# {asked.config}\n\n{text}\n", encoding="utf-8")
        chosen = {
            "config": str(asked.config),
            "learning_rate": best(rows).learning_rate,
            "stand_in": best(rows).stand_in,
            "overrides": more,
        }
        (folder / "search.json").write_text(json.dumps(chosen, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
