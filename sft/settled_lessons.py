"""The lessons in repair that a resumed run began with, read from its `lessons.jsonl`.

They are not made anew: a wrong query that is executed again may end otherwise, at a limit of time that it barely held.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from envs.example import Example
from envs.prompt import answer, messages
from policy.config import Resolved
from policy.config_error import ConfigError
from policy.run_folder import RunFolder, same_config
from sft.config import SftRun
from sft.lesson import Lesson

FILE = "lessons.jsonl"
KIND = "repair"


def settled(resolved: Resolved[SftRun], examples: Sequence[Example]) -> Mapping[str, Sequence[Lesson]]:
    """By kind, in the order of the file; {} where the run is not resumed, or wrote none. `examples` are the training
    questions as they are asked now. Raises ConfigError where the file is of another config or other questions."""
    run = resolved.own
    folder = RunFolder(Path(resolved["output_dir"]))
    file = folder.path / FILE
    if not run.resume or KIND not in (run.lessons or {}) or not file.is_file():
        return {}
    same_config(folder, resolved.to_yaml())
    known = {one.id: (tuple(messages(one, run.prompt)), answer(one, run.prompt)[0]["content"]) for one in examples}
    found: list[Lesson] = []
    with file.open(encoding="utf-8", errors="surrogatepass", newline="\n") as lines:
        for number, line in enumerate(lines, 1):
            try:
                row = json.loads(line)
                if row["lesson"] != KIND:
                    continue
                one = Lesson.of(row)
            except (ValueError, KeyError, TypeError) as error:
                raise ConfigError(f"{file} line {number} is no lesson ({error!r}): start another output_dir") from error
            if known.get(one.example) != (one.asked, one.answer):
                raise ConfigError(
                    f"{file} line {number} teaches {one.example}, which the training set has not, or asks otherwise: "
                    "the data changed. Resume with what the run began with, or start another output_dir"
                )
            found.append(one)
    return {KIND: found}
