"""What of the training questions is worth training on, by the pass rates of a file. Imports no torch."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from envs.example import Example
from policy.config import Resolved
from policy.config_error import ConfigError
from policy.run_folder import RunFolder, append_json
from rl.config import GrpoRun
from rl.curriculum.conditions import head_of
from rl.curriculum.pass_rates import MEANING, PassRates, Rate, differences, read

Ends = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Selection:
    """The questions that are kept, in their order, and (id, reason) of those that are left out.

    `unmeasured` of the kept are not in the file, or had no ruler in it. `sha256` is the file's.
    """

    kept: tuple[Example, ...]
    left_out: tuple[tuple[str, str], ...]
    unmeasured: int
    file: str
    sha256: str

    def summary(self) -> str:
        """One paragraph for the console and the report."""
        asked = len(self.kept) + len(self.left_out)
        never, always = (sum(reason.startswith(word) for _, reason in self.left_out) for word in ("never", "always"))
        parts = [f"{never:,} never solved", f"{always:,} always solved"]
        if others := len(self.left_out) - never - always:
            parts.append(f"{others:,} beyond keep_pass_rate")
        text = (
            f"By the pass rates of {self.file}, {len(self.left_out):,} of {asked:,} training questions are left out ("
        )
        text += f"{', '.join(parts)}); {len(self.kept):,} are kept"
        return f"{text}, {self.unmeasured:,} of them unmeasured." if self.unmeasured else f"{text}."

    def facts(self) -> dict[str, Any]:
        """For `environment.json`."""
        counts = {"kept": len(self.kept), "left_out": len(self.left_out), "unmeasured": self.unmeasured}
        return {"file": self.file, "sha256": self.sha256} | counts

    def write(self, path: Path) -> None:
        """One JSON line a question that is left out, as the quarantine is written."""
        path.unlink(missing_ok=True)
        for identifier, reason in self.left_out:
            append_json(path, {"example": identifier, "reason": reason})


def open_rates(resolved: Resolved[GrpoRun]) -> PassRates | None:
    """The file that a config names, None where it names none; quick, so that it can be asked before anything else.

    Raises ConfigError where the file is missing or broken, of another task, or of another policy, prompt or temperature
    that `other_pass_rates` does not allow.
    """
    run = resolved.own
    if run.pass_rates is None:
        return None
    found = read(Path(run.pass_rates).expanduser())
    now = head_of(resolved, samples=found.head.samples)
    told = differences(found.head, now, [part for part in MEANING if part == "task" or not run.other_pass_rates])
    if told:
        fix = f"measure them again with python -m rl.curriculum --config {resolved.path} --output ANOTHER_FILE"
        allow = "" if found.head.task != now.task else ", or write other_pass_rates: true to use them all the same"
        raise ConfigError(
            f"{resolved.path}: pass_rates {found.path} were measured otherwise: {told}. You can {fix}{allow}."
        )
    return found


def select(rates: PassRates, examples: Sequence[Example], ends: Sequence[float | None]) -> Selection:
    """Keep what lies strictly between the ends (None is no end), and what was not measured."""
    low, high = ends
    kept: list[Example] = []
    left_out: list[tuple[str, str]] = []
    unmeasured = 0
    for example in examples:
        rate = rates.rates.get(example.id)
        reason = why_left_out(rate, (low, high)) if rate else ""
        unmeasured += rate is None or rate.pass_rate is None
        if reason:
            left_out.append((example.id, reason))
        else:
            kept.append(example)
    return Selection(tuple(kept), tuple(left_out), unmeasured, str(rates.path), rates.sha256)


def why_left_out(rate: Rate, ends: Ends) -> str:
    """ "" for a question that is kept."""
    (low, high), share = ends, rate.pass_rate
    if share is None or ((low is None or share > low) and (high is None or share < high)):
        return ""
    of = f"{rate.right} of {rate.samples - rate.unscored} right"
    if share in (0, 1):
        return f"{'always' if share else 'never'} solved: {of}"
    missed = f"above {low:g}" if low is not None and share <= low else f"below {high:g}"
    return f"pass rate {share:g} is not {missed}: {of}"


def same_rates(folder: RunFolder, now: Selection | None) -> None:
    """Call it before a run is resumed. Raises ConfigError where the file is not what the run began with."""
    file = folder.path / "environment.json"
    before = json.loads(file.read_text(encoding="utf-8")).get("pass_rates") if file.is_file() else None
    if before and now and before["sha256"] != now.sha256:
        was, is_now = before["sha256"][:12], now.sha256[:12]
        raise ConfigError(
            f"{now.file} has changed since {folder.path} was started (SHA-256 {was}..., now {is_now}...), and other "
            "questions would be asked. Put the file back as it was, or start another run with --output_dir"
        )
