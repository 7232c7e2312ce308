"""The members of a family as commands, and their own resolver's word on each before any runs."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr
from io import StringIO
from typing import Any

from eval.ablation.family import ASKING, Family, Member
from eval.stage import Stage
from policy import yaml_file
from policy.config_error import ConfigError
from policy.run_folder import RunFolder, same_config

RESOLVERS = {
    "sft.train": "from sft.config import resolve",
    "rl.dpo": "from rl.dpo.config import resolve",
    "rl.grpo": "from rl.config import resolve",
    "rl.rloo": "from rl import config; from rl.rloo import RLOO; resolve = lambda words: config.resolve(words, RLOO)",
}
"""Commands meet through processes and files: each one's resolver is asked in a process of its own."""

_ASK = """
import json, sys
{resolver}
from policy.config_error import ConfigError
found = []
for words in json.load(sys.stdin):
    try:
        resolved = resolve(words)
        found.append({{"yaml": resolved.to_yaml(), "stand_in": resolved.stand_in}})
    except ConfigError as error:
        found.append({{"error": str(error)}})
print(json.dumps(found))
"""

ITS_OWN = ("output_dir", "run_name", "seed")


def words(family: Family, member: Member) -> tuple[str, ...]:
    """What is typed for a member, without what resumes it."""
    keys = {**(family.file.also or {}), **member.keys}
    if family.file.command == ASKING:
        given = [word for key, value in keys.items() for word in _flag(key, value)]
        return (*given, f"--seed={member.seed}", f"--output={member.folder / 'samples.jsonl'}")
    given = [f"--{key}={yaml_file.write(value)}" for key, value in keys.items()]
    return ("--config", str(family.file.base), f"--output_dir={member.folder}", f"--seed={member.seed}", *given)


def _flag(key: str, value: Any) -> list[str]:
    """An option of a command line of argparse's; false and null leave it out."""
    if isinstance(value, bool) or value is None:
        return [f"--{key}"] if value else []
    return [f"--{key}={json.dumps(value) if isinstance(value, dict | list) else value}"]


def stages(family: Family, member: Member) -> list[Stage]:
    """What runs a member; one that was begun goes on."""
    what, command = f"{member.name}, seed {member.seed}", family.file.command
    typed = words(family, member)
    if command == ASKING:
        scored = Stage(f"{what}: judged", "eval.score", ("--samples", str(member.folder / "samples.jsonl")))
        return [Stage(what, command, typed), scored]
    begun = (member.folder / "config.yaml").is_file()
    return [Stage(what, command, (*typed, *(["--resume"] if begun else ())))]


def is_finished(family: Family, member: Member) -> bool:
    return family.file.command != ASKING and (member.folder / "summary.json").is_file()


def checked(family: Family) -> bool:
    """Whether any member is a stand-in. Raises ConfigError where a member's command refuses it, two are the same, or
    its folder holds another run."""
    if family.file.command == ASKING:
        _answering(family)
        return False
    told = _resolved(family)
    for member, one in zip(family.members, told, strict=True):
        if "error" in one:
            raise ConfigError(f"{family.path}, member {member.name}: {one['error']}")
        if (member.folder / "config.yaml").is_file():
            try:
                same_config(RunFolder(member.folder), one["yaml"])
            except ConfigError as error:
                raise ConfigError(f"{error}, or give the family another --output_dir") from error
    values = {m.name: yaml_file.parse(one["yaml"]) for m, one in zip(family.members, told, strict=True)}
    _differ(family, {name: {k: v for k, v in found.items() if k not in ITS_OWN} for name, found in values.items()})
    return any(one["stand_in"] for one in told)


def _resolved(family: Family) -> list[dict[str, Any]]:
    asked = _ASK.format(resolver=RESOLVERS[family.file.command])
    said = subprocess.run(
        [sys.executable, "-c", asked],
        input=json.dumps([words(family, one) for one in family.members]),
        capture_output=True,
        text=True,
    )
    if said.returncode:
        raise RuntimeError(f"the resolver of {family.file.command} ended with {said.returncode}: {said.stderr}")
    found: list[dict[str, Any]] = json.loads(said.stdout.strip().splitlines()[-1])
    return found


def _answering(family: Family) -> None:
    from eval.generate import parser

    found: dict[str, dict[str, Any]] = {}
    for member in family.members:
        complaint = StringIO()
        try:
            with redirect_stderr(complaint):
                asked = parser().parse_args(words(family, member))
        except SystemExit:
            why = complaint.getvalue().strip().splitlines()[-1].partition("error: ")[2]
            raise ConfigError(f"{family.path}, member {member.name}: {why}") from None
        found[member.name] = {key: value for key, value in vars(asked).items() if key not in ("seed", "output")}
    _differ(family, found)


def _differ(family: Family, values: Mapping[str, Mapping[str, Any]]) -> None:
    names: Sequence[str] = family.names
    for place, one in enumerate(names):
        for other in names[place + 1 :]:
            if values[one] == values[other]:
                raise ConfigError(
                    f"{family.path}: {one} and {other} would be the same run: what they set is what the base or "
                    "the stand-in has anyway"
                )
