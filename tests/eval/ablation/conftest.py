"""A family on disk whose runs have ended: the files that a run writes, with answers that are right where we say."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from eval.ablation.family import Family, read

FAMILY = """
question: Does it matter?
command: sft.train
base: configs/sft_seedling_lora_r16.yaml
runs: {small: {lora_r: 4, lora_alpha: 8}, middle: {lora_r: 16}, large: {lora_r: 64, lora_alpha: 128}}
reference: middle
"""

Ended = Callable[..., None]


@pytest.fixture
def family(tmp_path: Path) -> Callable[..., Family]:
    """The family above, with other lines after it or in the place of a line that begins alike."""

    def made(*lines: str, argv: Sequence[str] = ()) -> Family:
        text = FAMILY
        for line in lines:
            key = line.partition(":")[0]
            kept = [one for one in text.split("\n") if not one.startswith(f"{key}:")]
            text = "\n".join([*kept, line]) + "\n"
        (tmp_path / "ablation_x.yaml").write_text(text)
        return read(["--config", str(tmp_path / "ablation_x.yaml"), "--output_dir", str(tmp_path / "out"), *argv])

    return made


@pytest.fixture
def ended(tmp_path: Path) -> Ended:
    """Writes a finished run: `right` says of each question whether its answer is."""

    def wrote(folder: str, right: Sequence[bool | None], answered: str = "after", prompt: str = "strict") -> None:
        run = tmp_path / "out" / folder
        (run / "eval").mkdir(parents=True, exist_ok=True)
        (run / "config.yaml").write_text(
            "# python -m sft.train --config configs/x.yaml\n"
            f"task: worlds\nheld_out_split: test\nprompt: {prompt}\ncomparison: strict\nmax_new_tokens: 96\n"
        )
        measures = {"trainable_parameters": 1000, "parameters": 4000, "peak_rss_mib": 900.0, "training_seconds": 90.0}
        steps = {"steps": 30}
        (run / "trained.json").write_text(json.dumps(steps | {"measures": measures | {"steps_measured": 30}}))
        (run / "summary.json").write_text("{}")
        rows = []
        for at, correct in enumerate(right):
            row = {"example": f"q{at}", "question": f"{at}?", "gold_sql": "SELECT 1", "difficulty": "easy"}
            row |= {"correct": correct, "sql": f"SELECT {int(bool(correct))} -- {folder}", "status": "ok", "gate": ""}
            row |= {"message": "", "reason": "", "sample": [], "columns": 1, "rows": 1, "ungradable": "broken gold"}
            rows.append(row | {"contract": "1", "decoding": "greedy", "stand_in": False})
        (run / f"eval/{answered}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    return wrote
