"""A run's folder: what was run, on what, and where its files go. One folder, one run."""

import errno
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policy import presenting, yaml_file
from policy.config_error import ConfigError
from policy.memory.free_keys import changed
from policy.sole_run import stay_alone_in


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Paths inside `runs/NAME`; nothing is created before `open_run`."""

    path: Path

    @property
    def config(self) -> Path:
        return self.path / "config.yaml"

    @property
    def metrics(self) -> Path:
        return self.path / "metrics.jsonl"

    @property
    def rollouts(self) -> Path:
        return self.path / "rollouts"

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"

    @property
    def policy(self) -> Path:
        return self.path / "policy"

    @property
    def evaluations(self) -> Path:
        return self.path / "eval"

    @property
    def trained(self) -> Path:
        """Says that the training is done and its policy saved, and what became of it."""
        return self.path / "trained.json"

    @property
    def cost(self) -> Path:
        """Time and memory of the training, where `trained.json` does not hold them."""
        return self.path / "cost.json"

    def is_trained(self) -> bool:
        """Whether the training is done and the policy that it ended with is still there."""
        return self.trained.is_file() and any(self.policy.glob("*.safetensors"))

    def write_environment(self, facts: dict[str, Any]) -> None:
        """Of the run's beginning; what a resumed part ran on joins it under `resumed`."""
        file = self.path / "environment.json"
        if file.is_file():
            first = json.loads(file.read_text(encoding="utf-8"))
            facts = first | {"resumed": [*first.get("resumed", []), facts]}
        write_whole(file, json.dumps(facts, indent=2) + "\n")

    def begun(self) -> bool:
        """Whether anything was learned in it; a start that failed leaves a folder that can be started in again."""
        return self.metrics.is_file() or any(any(part.glob("*")) for part in (self.checkpoints, self.rollouts))

    def others(self) -> list[str]:
        """Names in the folder that no run puts there."""
        own = {"config.yaml", "environment.json", "quarantine.jsonl", "rollouts", "checkpoints", "eval", "base"}
        own |= {"pass_rates.jsonl", "left_out.jsonl", "pairs.jsonl", "lessons.jsonl"}
        own |= {"tracking.json", "tensorboard", "wandb"}
        return sorted(file.name for file in self.path.iterdir() if file.name.removesuffix(".partial") not in own)


OF_A_START = (
    *("environment.json", "quarantine.jsonl", "left_out.jsonl", "pairs.jsonl", "lessons.jsonl"),
    "tracking.json",  # a tracker shows a start that failed as a run of its own
)
"""What a start writes, and the next one writes anew where nothing was learned."""


def open_run(path: Path, config: str, resume: bool) -> RunFolder:
    """Create the folder of a new run, or reopen the one to resume. `config` is the resolved config as YAML text.

    Raises ConfigError when the folder holds another run, when another process is in it, and when there is nothing to
    resume or its config differs.
    """
    folder = RunFolder(path)
    if path.is_file():
        raise ConfigError(f"output_dir {path} is a file; name a folder")
    if path.is_dir():
        stay_alone_in(path)
    if resume:
        same_config(folder, config)
        return folder
    if path.is_dir() and (folder.begun() or folder.others()):
        raise ConfigError(
            f"{path} already holds a run; add --resume to continue it, or give this one its own folder with "
            f"--output_dir runs/ANOTHER_NAME"
        )
    try:
        for made in (path, folder.rollouts, folder.checkpoints, folder.evaluations):
            made.mkdir(parents=True, exist_ok=True)
        stay_alone_in(path)
        for name in OF_A_START:
            (path / name).unlink(missing_ok=True)
        shutil.rmtree(path / "tensorboard", ignore_errors=True)
        write_whole(folder.config, config)
    except OSError as error:
        raise ConfigError(f"output_dir {path} cannot be written: {error.strerror}") from error
    return folder


@contextmanager
def kept_writable(folder: RunFolder) -> Iterator[None]:
    """Around a run: where its folder can no longer be written, because the disk is full or the folder is gone, the run
    ends with a ConfigError that says so and how it goes on, instead of with what a library made of it."""
    try:
        yield
    except ConfigError:
        raise
    except Exception as error:
        if why := _why_not_written(folder, error):
            raise ConfigError(
                f"{why}. Nothing before the last whole checkpoint is lost: mend it, and --resume"
            ) from error
        raise


def _why_not_written(folder: RunFolder, error: Exception) -> str:
    """Libraries wrap what the system said in errors of their own, so it is looked for in their words too."""
    if not folder.path.is_dir():
        return f"the run's folder {folder.path} has vanished while the run was in it"
    place = str(folder.path.absolute())
    full = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    words = ("No space left", "File too large", "quota exceeded", "os error 28", "os error 27", "inline_container")
    if (isinstance(error, OSError) and error.errno in full) or any(word in str(error) for word in words):
        free = shutil.disk_usage(place).free / 2**20
        return f"{folder.path} cannot be written, {free:,.0f} MiB are free on its disk ({error})"
    if isinstance(error, OSError) and str(error.filename or "").startswith((place, str(folder.path))):
        return f"{folder.path} cannot be written ({error})"
    return ""


LATER_KEYS = presenting.LATER_KEYS | {"keep_gold_tables": False}
"""Keys that came after runs had begun without them -> how those ran."""


def same_config(folder: RunFolder, config: str) -> None:
    """Raises ConfigError where the folder's run was started with another config, or holds none."""
    if not folder.config.is_file():
        raise ConfigError(f"there is no run to resume in {folder.path}; leave --resume out to start one")
    before = {key: entry.value for key, entry in yaml_file.read(folder.config).items()}
    now: dict[str, Any] = yaml_file.parse(config)
    before = {key: value for key, value in LATER_KEYS.items() if key in now} | before
    differ = changed(before, now)
    if differ:
        told = "; ".join(f"{k} was {before.get(k)!r} and is now {now.get(k)!r}" for k in differ)
        fix = "Move it back: its checkpoints name its place" if "output_dir" in differ else "Resume with the same one"
        raise ConfigError(f"{folder.path} was started with another config: {told}. {fix}")


def write_whole(path: Path, text: str) -> None:
    """The file with this text, or as it was: a killed process or a full disk leaves no half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(text, encoding="utf-8", errors="surrogatepass")
    partial.replace(path)


def append_json(path: Path, row: dict[str, Any]) -> None:
    """Add one line of JSON and hand it to the system, so that a killed process loses no finished line."""
    with path.open("a", encoding="utf-8", errors="surrogatepass") as file:
        file.write(json.dumps(row, ensure_ascii=False) + "\n")
