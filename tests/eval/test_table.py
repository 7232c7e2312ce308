"""The methods' table is made from the folders of finished runs, whichever command trained them, and of nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from eval.table import main
from policy.config_error import ConfigError

SHARE = {"mean": 0.5, "low": 0.45, "high": 0.55, "scored": 4, "unscored": 0}
CHANGE = {"mean": 0.1, "low": 0.05, "high": 0.15, "gained": 22, "lost": 2, "p": 0.01}
ANSWERED = {"questions": 4, "before": SHARE | {"mean": 0.4}, "after": SHARE, "difference": CHANGE}
MEASURES = {"trainable_parameters": 10, "parameters": 1000, "peak_rss_mib": 512.4, "training_seconds": 90.0}


def finished(folder: Path, module: str, summary: dict[str, Any], **files: Any) -> Path:
    """A run's folder in the files that the table reads; `files` are further small ones, by their stem."""
    (folder / "policy").mkdir(parents=True)
    (folder / "eval").mkdir()
    (folder / "config.yaml").write_text(f"# python -m {module} --config x.yaml\nlearning_rate: 1e-05\n")
    told = {"commit": "abcdef0123", "processors": 2, "questions": "9 golds run. Training on 1,920 questions over 3."}
    whole = {"stand_in": False, "task": "worlds", "split": "test", "prompt": "strict", "steps": 60} | summary
    for name, text in ({"environment": told, "summary": whole} | files).items():
        (folder / f"{name}.json").write_text(json.dumps(text))
    rewards = [1.0, 0.5, 0.0, None]
    lines = [json.dumps({"rewards": {"blended": one}}) + "\n" for one in rewards]
    if "after" in summary:
        (folder / "eval/after.jsonl").write_text("".join(lines))
    (folder / "metrics.jsonl").write_text('{"train_runtime": 300.0, "train_samples_per_second": 2.0, "step": 60}\n')
    return folder


def rows(said: str) -> list[list[str]]:
    return [line.strip("| ").split(" | ") for line in said.split("\n") if line.startswith("| ")][1:]


def test_a_row_of_every_trainer_says_what_its_folder_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sft = {"method": "LoRA r16 (q_proj)", "measures": MEASURES | {"samples_per_second": 31.25, "steps_measured": 60}}
    dpo = {"pairs": {"train": 443, "validation": 50}, "stand_in": True}
    judge = {"pairs": 32334, "accuracy": SHARE}
    runs = [
        finished(tmp_path / "sft", "sft.train", ANSWERED | sft),
        finished(tmp_path / "dpo", "rl.dpo", ANSWERED | dpo),
        finished(tmp_path / "grpo", "rl.grpo", ANSWERED, cost=MEASURES | {"steps_measured": 30}),
        finished(tmp_path / "rm", "rl.reward_model", judge, environment={}),
    ]
    save_file({"w": torch.zeros(3, 4), "b": torch.zeros(4)}, tmp_path / "dpo/policy/model.safetensors")
    main([*map(str, runs), "--json", str(tmp_path / "table.json")])
    said = capsys.readouterr().out
    shares = [
        "50.0 [-6.6, 106.6]",
        "40.0 [45.0, 55.0]",
        "50.0 [45.0, 55.0]",
        "+10.0 [+5.0, +15.0]",
        "22 / 2",
        "abcdef0",
    ]
    trained, all_of_it = ["60", "10 (1%)", "512 RSS"], ["60", "16 (100%)", "-", "~2.0", "~5.0"]
    assert rows(said) == [
        ["sft", "SFT", "LoRA r16 (q_proj)", "1e-05", "worlds, 1,920 questions", *trained, "31.2", "1.5", *shares],
        ["dpo (stand-in)", "DPO", "full", "1e-05", "worlds, 443 pairs of 1,920 questions", *all_of_it, *shares],
        # 600 samples in all, half of them in the part that was measured, in 90 seconds
        ["grpo", "GRPO", "full", "1e-05", "worlds, 1,920 questions", *trained, "3.3", "-", *shares],
        ["rm", "reward model", "full", "1e-05", "worlds, 32,334 pairs", "60", "-", "-", "~2.0", "~5.0"] + ["-"] * 6,
    ]
    assert "rm is a reward model and answers no question: it prefers the right of two answers in 50.0" in said
    assert "4 questions of worlds (test, prompt strict), held out" in said and "not comparable" not in said
    told = json.loads((tmp_path / "table.json").read_text())
    assert told["runs"][1]["stand_in"] and told["runs"][0]["cost"]["memory"] == "RSS" and told["skipped"] == {}


def test_an_adapter_says_its_rank_targets_bits_and_share(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = finished(tmp_path / "grpo", "rl.grpo", ANSWERED)
    with (run / "config.yaml").open("a") as config:
        config.write("load_in_4bit: true\n")
    config = (run / "config.yaml").read_text()
    (run / "config.yaml").write_text(f"# STAND-IN RUN: its numbers say nothing.\n{config}")
    (base := tmp_path / "base").mkdir()
    save_file({"w": torch.zeros(10, 9)}, base / "model.safetensors")
    save_file({"lora_A": torch.zeros(2, 5)}, run / "policy/adapter_model.safetensors")
    adapter = {
        "peft_type": "LORA",
        "r": 64,
        "target_modules": ["v_proj", "q_proj"],
        "base_model_name_or_path": str(base),
    }
    (run / "policy/adapter_config.json").write_text(json.dumps(adapter))
    main([str(run)])
    (row,) = rows(capsys.readouterr().out)
    assert (row[1], row[2], row[6]) == ("GRPO", "QLoRA NF4 r64 (q_proj, v_proj)", "10 (10%)")


def test_what_is_no_finished_run_is_named_and_the_others_are_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = finished(tmp_path / "good", "sft.train", ANSWERED)
    other = finished(tmp_path / "other", "rl.grpo", ANSWERED | {"task": "spider", "before": 3})
    torn = finished(tmp_path / "torn", "rl.grpo", ANSWERED)
    (torn / "summary.json").write_text('{"task": ')
    unfinished = finished(tmp_path / "unfinished", "rl.grpo", ANSWERED)
    (unfinished / "summary.json").unlink()
    (file := tmp_path / "pairs.jsonl").touch()
    bad = {other: "does not write", torn: "does not write", unfinished: "its run has not ended", file: "a file, not a"}
    bad |= {tmp_path / "nowhere": "is no folder", tmp_path: "it is no run's folder"}
    main([*map(str, bad), str(good), str(good)])
    said = capsys.readouterr().out
    assert [row[0] for row in rows(said)] == ["good"]
    told = [line for line in said.split("\n") if line.startswith("skipped: ")]
    assert len(told) == len(bad)
    for line, (path, why) in zip(told, bad.items(), strict=True):
        assert str(path) in line and why in line
    with pytest.raises(ConfigError, match=r"none of the 6 is a finished run: .*not ended"):
        main([*map(str, bad)])


def test_runs_of_other_questions_are_said_not_to_compare(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = [finished(tmp_path / task, "rl.dpo", ANSWERED | {"task": task}) for task in ("worlds", "spider")]
    main([*map(str, runs)])
    assert "did not all answer the same questions: their accuracies are not comparable" in capsys.readouterr().out
