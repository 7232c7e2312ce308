"""`--rates` is a grid of one key in the machinery of every search, over a config of a training."""

from pathlib import Path

import pytest

from policy.config_error import ConfigError
from policy.searching.rates import asked_for_rates, of_rates
from sft.search import TRAIN, main

CONFIG = "configs/sft_seedling_full.yaml"


def test_each_rate_is_a_trial_in_a_folder_of_its_own_smallest_first(tmp_path: Path) -> None:
    argv = ["--config", CONFIG, "--rates", "1e-3", "1e-4", "1e-3", "--out", str(tmp_path), "--max_steps", "5"]
    assert asked_for_rates(argv) and not asked_for_rates(["--config", CONFIG])
    plan = of_rates(argv, TRAIN)
    assert [plan.values(point) for point in plan.grid] == [{"learning_rate": 1e-4}, {"learning_rate": 1e-3}]
    trial = TRAIN.read(plan.argv({"learning_rate": 1e-4}, 0, tmp_path / "0.0001"))
    assert (trial["max_steps"], trial["held_out_split"], trial["eval_strategy"]) == (5, "validation", "no")
    assert (trial["learning_rate"], trial["train_size"]) == (1e-4, 1920), "what was not given is the config's own"


def test_a_dry_run_says_what_would_run_and_trains_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--config", CONFIG, "--rates", "1e-3", "1e-4", "--out", str(tmp_path / "out"), "--dry_run"])
    told = capsys.readouterr().out
    assert "2 trainings at most" in told and f"--output_dir {tmp_path / 'out/0.0001'}" in told
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("key", ["held_out_split test", "output_dir runs/x", "learning_rate 1e-3"])
def test_what_the_search_decides_cannot_be_given_beside_the_rates(tmp_path: Path, key: str) -> None:
    with pytest.raises(ConfigError, match="cannot be given beside --rates"):
        of_rates(["--config", CONFIG, "--rates", "1e-3", f"--{key.split()[0]}", key.split()[1]], TRAIN)
