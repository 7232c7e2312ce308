"""`runs/NAME/tracking.json`: the id under which each tracker knows a run, so that a resumed run goes on there."""

import json

from policy.run_folder import RunFolder, write_whole


def id_of(folder: RunFolder, tracker: str) -> str | None:
    """None where the tracker has not seen this run."""
    return _read(folder).get(tracker)


def remember(folder: RunFolder, tracker: str, run_id: str) -> None:
    write_whole(folder.path / "tracking.json", json.dumps(_read(folder) | {tracker: run_id}) + "\n")


def _read(folder: RunFolder) -> dict[str, str]:
    file = folder.path / "tracking.json"
    found: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return found
