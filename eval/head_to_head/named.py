"""The policies that the command line names: NAME=PATH[,PATH...] or PATH[,PATH...]."""

import re
from collections.abc import Sequence
from pathlib import Path

from eval.head_to_head.policies import Policy, Run
from eval.head_to_head.run_answers import read_run
from eval.head_to_head.sample_answers import read_samples
from policy.config_error import ConfigError

_SEED = re.compile(r"[\W_]+(seed)?[\W_]*\d+$")
MOST = 8
"""Policies that one page can tell apart."""


def policies(given: Sequence[str]) -> list[Policy]:
    """Raises ConfigError where fewer than two are named, a name or a path is there twice, or a path cannot be read."""
    if not 2 <= len(given) <= MOST:
        raise ConfigError(
            f"{len(given)} {'policy is' if len(given) == 1 else 'policies are'} named, and a head-to-head takes 2 to "
            f"{MOST}: python -m eval.head_to_head runs/sft runs/grpo; commas join the seeds of one policy"
        )
    found: list[Policy] = []
    for one in given:
        name, paths = _parted(one)
        if not all(paths):
            raise ConfigError(f"{one!r} names no path; write NAME=PATH or NAME=PATH,PATH")
        places = [path.resolve() for path in map(Path, paths)]
        if len(set(places)) < len(places):
            raise ConfigError(f"{one!r} names a run twice: one run would count as two seeds")
        name = name or _called(paths)
        if any(name == other.name for other in found):
            raise ConfigError(f"two policies are called {name}; write OTHER_NAME={one.partition('=')[2] or one}")
        found.append(Policy(name, tuple(_read(Path(path)) for path in paths)))
    return found


def _parted(given: str) -> tuple[str, list[str]]:
    name, equals, rest = given.partition("=")
    if not equals or Path(given).exists() or "/" in name:
        return "", given.split(",")
    return name.strip(), rest.split(",")


def _called(paths: Sequence[str]) -> str:
    """`runs/sft_1,runs/sft_2` -> `sft`, and `runs/sft/eval/samples.jsonl` -> `sft`; a file of another name adds it."""
    places = [Path(path).absolute() for path in paths]
    return " + ".join(dict.fromkeys(_name(place, len(paths) > 1) for place in places))


def _name(place: Path, seeds: bool) -> str:
    run = place if place.is_dir() else place.parent.parent if place.parent.name == "eval" else place.parent
    name = _SEED.sub("", run.name) if seeds else run.name
    return name if place.is_dir() or place.stem == "samples" else f"{name}/{place.stem}"


def _read(path: Path) -> Run:
    if not path.exists():
        raise ConfigError(f"nothing is at {path}; name a run's folder (runs/NAME) or a file of samples")
    return read_run(path) if path.is_dir() else read_samples(path)
