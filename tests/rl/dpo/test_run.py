"""The command as a person runs it: bad pairs get a sentence, a dry run shows what is graded, a run says how it went."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from policy.config import ConfigError
from policy.finished_run import finished_run
from rl.dpo.run import main
from rl.pairs.pair import Pair, line, write

from ...warm import run as finished

ROOT = Path(__file__).parent.parent.parent.parent
SEEDLING = ["--config", str(ROOT / "configs/dpo_seedling.yaml"), "--held_out_size", "4", "--validation_size", "4"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda row: row | {"schema": None}, r"line 3 lacks schema"),
        (lambda row: row | {"rejected": row["chosen"], "rejected_sql": row["chosen_sql"]}, "line 3 .* the same"),
        (lambda row: row | {"verified": row["verified"] | {"rejected": False}}, "line 3 .* not verified to be wrong"),
        (lambda row: row | {"prompt": "loose"}, "line 3 was answered to the prompt"),
    ],
    ids=["no schema", "equal answers", "unverified", "another style of prompt"],
)
def test_a_pair_that_must_not_be_trained_on_is_refused_by_its_line(change, told, pairs: list[Pair], tmp_path: Path):
    file = tmp_path / "pairs.jsonl"
    rows = [json.loads(line(pair)) for pair in pairs[:3]]
    rows[1] = change(rows[1])
    file.write_text("\n\n".join(json.dumps(row) for row in rows))  # with a blank line between two of them
    with pytest.raises(ConfigError, match=told):
        main([*SEEDLING, "--pairs", f"[{file}]", "--output_dir", str(tmp_path / "run")])
    assert not (tmp_path / "run").exists(), "a run that cannot start leaves nothing behind"


def test_refusing_pairs_takes_no_torch(tmp_path: Path) -> None:
    asked = [*SEEDLING, "--pairs", "[nowhere.jsonl]", "--output_dir", str(tmp_path / "run")]
    code = f"import sys; from rl.dpo.run import main\ntry: main({asked!r})\nexcept Exception as e: print(e)\n"
    done = subprocess.run([sys.executable, "-c", f"{code}print('torch' in sys.modules)"], cwd=ROOT, capture_output=True)
    assert done.stdout.decode().splitlines()[-1] == "False", done.stderr.decode()[-2000:]
    assert b"there are no pairs at nowhere.jsonl" in done.stdout


def test_a_dry_run_shows_both_answers_with_what_is_graded_and_writes_nothing(
    pairs: list[Pair], pair_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([*SEEDLING, "--pairs", f"[{pair_file}]", "--output_dir", str(tmp_path / "run"), "--dry_run"])
    told = capsys.readouterr().out
    first = told.partition("--- the first pair, ")[2]
    pair = next(pair for pair in pairs if pair.example == first.partition(":")[0])
    for name, text in (("chosen", pair.chosen), ("rejected", pair.rejected)):
        graded = first.partition(f"--- {name}: ")[2].partition("⟦ ⟧\n")[2].partition("⟧")[0].partition("⟦")[2]
        assert graded.replace("|", "").startswith(text) and graded.count("<|") == 1, "the answer and its one stop"
    assert "pairs a step" in told and "tokens once before" in told
    assert "tokens once before" in told.partition("\nrehearsing one step")[0], "what takes a while is said first"
    assert "predicted peak" in told.partition("\nrehearsing one step")[2]
    assert not (tmp_path / "run").exists()


def test_a_run_on_corruptions_counts_the_same_golds_when_it_is_resumed(
    pairs: list[Pair], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [*SEEDLING, "--train_size", "20", "--output_dir", str(tmp_path / "run"), "--dry_run"]
    main(words)
    first = re.search(r"[\d,]+ of [\d,]+ golds run", capsys.readouterr().out)
    write(tmp_path / "run/pairs.jsonl", pairs)
    main([*words, "--resume"])
    assert first and first.group() in capsys.readouterr().out, "or its report would differ"


@pytest.mark.slow
def test_without_hub_gpu_or_pairs_the_stand_in_learns_from_corruptions_with_a_quantised_adapter(tmp_path: Path) -> None:
    run = tmp_path / "run"
    small = "--max_steps 2 --train_size 40 --held_out_size 4 --validation_size 4 --eval_steps 1 --save_steps 1"
    words = ["--config", "configs/sft_dpo.yaml", "--stand_in", "always", *small.split(), "--output_dir", str(run)]
    done = finished([sys.executable, "-m", "rl.dpo", *words])
    assert done.returncode == 0, done.stderr[-3000:]
    assert "STAND-IN RUN" in done.stdout and "runs/sft_qlora/policy" in done.stdout
    assert (run / "policy/adapter_config.json").is_file()
    summary = json.loads((run / "summary.json").read_text())
    assert summary["stand_in"] is True and summary["pairs"]["train"] > 0
    told = finished_run(run)
    assert (told.method, told.stand_in) == ("DPO", True) and told.peft.startswith("QLoRA NF4 r")
    assert told.cost.trainable_parameters and told.cost.parameters
    assert told.cost.trainable_parameters < told.cost.parameters
    assert {json.loads(row)["source"] for row in (run / "pairs.jsonl").read_text().splitlines()} == {"corruption"}
    assert "held-out pairs" in (run / "report.md").read_text()
