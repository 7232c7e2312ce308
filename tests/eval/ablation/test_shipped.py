"""The families that are shipped, each held against its command's own resolver, and the targets of one config."""

import re
from pathlib import Path

import pytest

from eval.ablation.family import read
from eval.ablation.members import checked, stages
from policy import yaml_file

ROOT = Path(__file__).parent.parent.parent.parent
FAMILIES = sorted((ROOT / "configs").glob("ablation_*.yaml"))


@pytest.mark.parametrize("file", FAMILIES, ids=lambda file: file.stem)
def test_a_shipped_family_passes_every_check_of_its_command(file, monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    made = read(["--config", f"configs/{file.name}"])
    checked(made)
    assert str(made.folder) == f"runs/{file.stem}"
    assert all(stage.module in (made.file.command, "eval.score") for one in made.members for stage in stages(made, one))


@pytest.mark.parametrize("file", FAMILIES, ids=lambda file: file.stem)
def test_its_first_line_is_its_question_and_the_second_its_command(file):
    first, second = file.read_text().split("\n")[:2]
    assert first.startswith("# ") and "?" in first
    assert second == f"# python -m eval.ablation --config configs/{file.name}"
    assert yaml_file.read(file)["question"].value.endswith("?")


def test_in_a_rank_family_alpha_is_twice_the_rank():
    for name in ("rank", "rank_gemma3"):
        made = read(["--config", str(ROOT / f"configs/ablation_{name}.yaml")])
        assert [one.keys["lora_r"] for one in made.members if one.seed == 1] == [4, 8, 16, 32, 64]
        assert all(one.keys["lora_alpha"] == 2 * one.keys["lora_r"] for one in made.members)


def test_the_adapter_of_a_gemma_that_sees_leaves_its_eyes_alone():
    """On the real architecture, small: every attention of the text, none of the pictures."""
    torch = pytest.importorskip("torch")
    from transformers import AutoModelForCausalLM, Gemma3Config

    text = {"num_hidden_layers": 2, "hidden_size": 8, "intermediate_size": 8, "num_attention_heads": 2}
    text |= {"num_key_value_heads": 1, "head_dim": 4, "vocab_size": 32}
    seen = {"num_hidden_layers": 2, "hidden_size": 8, "intermediate_size": 8, "num_attention_heads": 2}
    config = Gemma3Config(text_config=text, vision_config=seen | {"image_size": 28, "patch_size": 14})
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config)
    wanted = yaml_file.read(ROOT / "configs/sft_gretel_gemma3_4b_4bit.yaml")["lora_target_modules"].value
    found = [name for name, _ in model.named_modules() if re.fullmatch(wanted, name)]
    assert len(found) == 2 * 4 and all("language_model" in name for name in found)
    assert any(name.endswith("q_proj") and name not in found for name, _ in model.named_modules()), "there are eyes"
