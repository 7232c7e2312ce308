"""Every variant loads again by itself, says what it said before it was saved, and is measured on the same questions."""

import json
import shutil

import pytest
import torch
from bitsandbytes.nn import Linear4bit, Linear8bitLt
from transformers import AutoModelForCausalLM

from policy.availability import SEEDLING
from policy.config import ConfigError
from policy.load import load_policy, load_tokenizer
from sft.merge import variants
from sft.merge.__main__ import main
from sft.merge.latency import measure

IDS = torch.arange(5, 45)[None]


@pytest.fixture(scope="module")
def seedling(tmp_path_factory):
    """A policy that was trained in full, in a folder of its own."""
    folder = tmp_path_factory.mktemp("trained") / "seedling"
    shutil.copytree(SEEDLING, folder, ignore=shutil.ignore_patterns("*.jsonl"))
    return folder


@torch.no_grad()
def said(model) -> torch.Tensor:
    return model.eval()(input_ids=IDS).logits.float()


def test_a_full_fine_tune_is_exported_in_every_precision_and_each_is_smaller_than_the_one_before(seedling, tmp_path):
    names = ["fp32", "bf16", "int8", "nf4"]
    main(["--policy", str(seedling), "--out", str(tmp_path / "out"), "--variants", ",".join(names)])
    assert sorted(path.name for path in (tmp_path / "out").iterdir() if path.is_dir()) == sorted(names)
    sizes = [variants.size(tmp_path / "out" / name) for name in names]
    assert sizes == sorted(sizes, reverse=True) and len(set(sizes)) == 4
    assert sizes[1] == pytest.approx(variants.size(SEEDLING), rel=0.01), "the seedling is stored in bfloat16"
    found = {name: variants.load(tmp_path / "out" / name) for name in names}
    assert torch.equal(said(found["fp32"]), said(load_policy("policy/seedling")))
    assert found["bf16"].dtype == torch.bfloat16
    assert type(found["int8"].model.layers[0].mlp.up_proj) is Linear8bitLt
    assert type(found["nf4"].model.layers[0].mlp.up_proj) is Linear4bit
    told = json.loads((tmp_path / "out/variants.json").read_text())
    assert [export["bytes"] for export in told["exports"]] == sizes
    assert told["exports"][0]["gap"]["largest"] == 0 < told["exports"][1]["gap"]["largest"]


@pytest.mark.parametrize("name", ["int8", "nf4"])
def test_a_quantised_checkpoint_says_to_the_bit_what_was_quantised(name, seedling, tmp_path):
    config = variants.quantised(name)
    fresh = AutoModelForCausalLM.from_pretrained(seedling, dtype=torch.bfloat16, quantization_config=config)
    variants.write(name, seedling, tmp_path / name, load_tokenizer(str(seedling)))
    assert torch.equal(said(variants.load(tmp_path / name)), said(fresh))


def test_weights_too_large_for_fp16_are_refused(seedling, tmp_path):
    model = load_policy(str(seedling))
    with torch.no_grad():
        model.model.layers[0].mlp.up_proj.weight[0, 0] = 1e5
    model.save_pretrained(tmp_path / "large")
    with pytest.raises(ConfigError, match="fp16 cannot hold"):
        variants.write("fp16", tmp_path / "large", tmp_path / "fp16", load_tokenizer(str(seedling)))


def test_a_latency_of_few_prompts_is_none(seedling):
    with pytest.raises(ValueError, match="at least 30 prompts, and there are 3"):
        measure(load_policy(str(seedling)), load_tokenizer(str(seedling)), ["a", "b", "c"], 4)


@pytest.mark.slow
def test_every_variant_answers_the_same_questions_beside_the_widest(seedling, tmp_path, capsys):
    main([
        "--policy", str(seedling), "--out", str(tmp_path / "out"), "--variants", "nf4,fp32", "--evaluate", "30",
        "--task", "worlds", "--max_new_tokens", "48",
    ])  # fmt: skip
    rows = json.loads((tmp_path / "out/variants.json").read_text())["rows"]
    assert [row["name"] for row in rows] == ["fp32", "nf4"]
    assert rows[0]["change"] is None and rows[1]["change"]["pairs"] == rows[0]["accuracy"]["scored"]
    for row in rows:
        latency = row["latency"]
        assert 0 < latency["p50"] <= latency["p95"] and latency["questions"] == 30
        answers = (tmp_path / "out/answers" / f"{row['name']}.jsonl").read_text().splitlines()
        right = sum(json.loads(line)["rewards"]["execution_match"] or 0 for line in answers)
        assert right / row["accuracy"]["scored"] == row["accuracy"]["mean"]
    for text in (capsys.readouterr().out, (tmp_path / "out/variants.md").read_text()):
        assert "execution accuracy (strict), " in text and "| nf4 | " in text
    assert "measured after they were loaded again" in (tmp_path / "out/nf4/README.md").read_text()
