"""What a policy wrote to the questions of a run, for lessons in repair: the files that `python -m eval.generate` wrote.

Their scores are not read: each query is executed anew, so that it is known to be wrong by the ruler of the run.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from policy.config_error import ConfigError
from policy.sample_lines import lines, told
from policy.task_fields import TaskFields


def mistakes(files: Sequence[str], run: TaskFields) -> Mapping[str, tuple[str, ...]]:
    """Example id -> its completions that came to their end, in the order of the files. Raises ConfigError where a file
    is no file of samples, or answers another task, split or prompt than the run trains on."""
    found: dict[str, list[str]] = {}
    for file in files:
        for line in lines(Path(file), "python -m eval.generate writes it"):
            try:
                told(Path(file), line)
                texts = [one["text"] for one in line["completions"] if not one["truncated"]]
            except (KeyError, TypeError) as error:
                raise ConfigError(f"repair_samples: {file} holds a line that is no sample ({error!r})") from error
            for key, wanted in {"task": run.task, "split": "train", "prompt": run.prompt}.items():
                if line[key] != wanted:
                    raise ConfigError(
                        f"repair_samples: {file} holds samples of the {key} {line[key]!r}, and this run trains on "
                        f"{wanted!r}: make them with python -m eval.generate --task {run.task} --split train "
                        f"--prompt {run.prompt}"
                    )
            found.setdefault(line["example"], []).extend(texts)
    return {name: tuple(texts) for name, texts in found.items()}
