"""What `sft.merge` writes says what the adapter said; what cannot be merged is refused, and then nothing is written."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from peft import LoraConfig, PromptTuningConfig, get_peft_model
from transformers import AutoModelForCausalLM, BitsAndBytesConfig, Qwen3Config, Qwen3ForCausalLM

from policy.config import ConfigError
from policy.load import load_policy, load_tokenizer
from sft.merge import merging
from sft.merge.__main__ import main
from sft.merge.obstacles import check_disk

ROOT = Path(__file__).parent.parent.parent.parent
LINEAR = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
IDS = torch.arange(5, 45)[None]


def tiny(folder: Path, seed: int = 0, hidden: int = 64, tied: bool = True) -> Path:
    """A Qwen3 of two layers and random weights, large enough that every adapter on it is heard."""
    torch.manual_seed(seed)
    tokenizer = load_tokenizer("policy/seedling")
    config = Qwen3Config(
        vocab_size=2048, hidden_size=hidden, intermediate_size=128, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, head_dim=32, tie_word_embeddings=tied, initializer_range=0.3,
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id, bos_token_id=None,
    )  # fmt: skip
    Qwen3ForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def run_folder(runs: Path, base: Path, adapter, config: str = "") -> Path:
    """`runs/NAME` as a training run leaves it, with an adapter whose every matrix is random."""
    torch.manual_seed(1)
    model = get_peft_model(load_policy(str(base)), adapter)
    for weights in model.parameters():
        if weights.requires_grad:
            torch.nn.init.normal_(weights, std=0.2)
    model.save_pretrained(runs / "policy")
    load_tokenizer(str(base)).save_pretrained(runs / "policy")
    (runs / "config.yaml").write_text(f"task: worlds\nmodel_name_or_path: {base}\n{config}")
    return runs


def lora(**more) -> LoraConfig:
    return LoraConfig(**{"task_type": "CAUSAL_LM", "target_modules": LINEAR, "r": 4} | more)


@torch.no_grad()
def said(model) -> torch.Tensor:
    return model.eval()(input_ids=IDS).logits


@pytest.fixture
def base(tmp_path) -> Path:
    return tiny(tmp_path / "base")


@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
@pytest.mark.parametrize(
    "more",
    [{}, {"use_rslora": True}, {"use_dora": True}, {"modules_to_save": ["embed_tokens"]}],
    ids=["LoRA", "rsLoRA", "DoRA", "trained embeddings"],
)
def test_a_merged_checkpoint_is_a_stock_model_that_says_what_the_adapter_said(more, tied, tmp_path):
    base = tiny(tmp_path / "base", tied=tied)
    run = run_folder(tmp_path / "run", base, lora(**more))
    main(["--policy", str(run)])
    written = run / "merged/fp32"
    merged = AutoModelForCausalLM.from_pretrained(written)
    adapted = said(load_policy(str(run / "policy")))
    assert type(merged) is Qwen3ForCausalLM
    assert (said(merged) - adapted).abs().max() < 1e-3
    assert (said(load_policy(str(base))) - adapted).abs().max() > 0.1, "an adapter that does nothing proves nothing"
    assert merged.config.tie_word_embeddings is (tied and "modules_to_save" not in more)
    assert not list(written.glob("adapter*"))
    assert load_tokenizer(str(written)).chat_template == load_tokenizer("policy/seedling").chat_template
    assert merged.generation_config.eos_token_id == [load_tokenizer("policy/seedling").eos_token_id]
    assert [path.name for path in run.iterdir() if "partial" in path.name] == []


def test_a_qlora_adapter_is_measured_against_the_base_it_was_trained_on(base, tmp_path, capsys):
    four_bits = "use_peft: true\nload_in_4bit: true\n"
    run = run_folder(tmp_path / "run", base, lora(), four_bits)
    main(["--policy", str(run)])
    told = capsys.readouterr().out
    assert "trained on the base in nf4 and is merged into the full-precision one" in told
    config = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch.float32)
    trained_on = load_policy(str(run / "policy"), quantization_config=config)
    merged = AutoModelForCausalLM.from_pretrained(run / "merged/fp32")
    assert (said(trained_on) - said(merged)).abs().max() > 0.1, "there is a difference to tell"
    main(["--policy", str(run_folder(tmp_path / "other", base, lora()))])
    assert "full-precision one" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("adapter", "told"),
    [
        (PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=4), "PROMPT_TUNING adapter: .*nothing to merge"),
        (lora(target_modules=["lm_head", "q_proj"]), "LoRA on lm_head, .* merged, it would change both"),
        (lora(target_modules=["embed_tokens", "q_proj"]), "LoRA on embed_tokens"),
    ],
    ids=["virtual tokens", "tied head", "tied embeddings"],
)
def test_an_adapter_that_cannot_be_merged_is_exported_by_itself(adapter, told, base, tmp_path):
    run = run_folder(tmp_path / "run", base, adapter)
    with pytest.raises(ConfigError, match=f"{told}.*--variants adapter"):
        main(["--policy", str(run)])
    assert not (run / "merged").exists()
    main(["--policy", str(run), "--variants", "adapter"])
    alone = load_policy(str(run / "merged/adapter"))
    assert torch.equal(said(alone), said(load_policy(str(run / "policy"))))


def test_a_base_that_is_quantised_an_adapter_gone_or_of_another_shape_is_named(base, tmp_path):
    run = run_folder(tmp_path / "run", base, lora())
    named = run / "policy/adapter_config.json"
    config = json.loads(named.read_text())

    def stands_on(other: Path) -> None:
        named.write_text(json.dumps(config | {"base_model_name_or_path": str(other)}))

    small = BitsAndBytesConfig(load_in_8bit=True)
    AutoModelForCausalLM.from_pretrained(base, quantization_config=small).save_pretrained(tmp_path / "int8")
    for other, told in (
        (tmp_path / "int8", "quantised weights .bitsandbytes.*rounds the adapter away"),
        (run_folder(tmp_path / "first", base, lora()) / "policy", "an adapter itself. Merge that one first"),
        (tmp_path / "nowhere", "cannot be had: .*no such folder"),
        (tiny(tmp_path / "wide", hidden=128), "does not fit .*size mismatch"),
    ):
        stands_on(other)
        with pytest.raises(ConfigError, match=told):
            main(["--policy", str(run)])
    assert not (run / "merged").exists()


def test_weights_that_the_adapter_s_config_has_no_place_for_are_not_dropped_in_silence(base, tmp_path):
    run = run_folder(tmp_path / "run", base, lora())
    file = run / "policy/adapter_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"target_modules": ["q_proj"]}))
    with pytest.raises(ConfigError, match="no place for"):
        main(["--policy", str(run), "--variants", "fp32"])
    assert not (run / "merged").exists()


def test_a_merge_that_changes_what_is_said_is_not_written(base, tmp_path, monkeypatch):
    monkeypatch.setattr(merging, "THRESHOLD", 0.0)  # stricter than rounding allows
    run = run_folder(tmp_path / "run", base, lora())
    with pytest.raises(ConfigError, match=r"changed what it says .*Nothing was written"):
        main(["--policy", str(run)])
    assert sorted(path.name for path in run.iterdir()) == ["config.yaml", "policy"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--variants", "int4"], "--variants has int4; the variants are fp32, bf16"),
        (["--variants", "adapter"], "is a whole model: there is no adapter in it"),
        (["--evaluate", "5"], "--evaluate is 5; it must be at least 30"),
        (["--evaluate", "30"], "--evaluate needs --task"),
        (["--evaluate", "30", "--task", "spider", "--task_path", "nowhere"], "task spider cannot be loaded"),
        (["--private"], "--private belongs to --push_to_hub"),
        (["--push_to_hub", "a b"], "is no repository's name"),
        (["--policy", "runs/nobody"], "there is no such folder"),
        (["--out", "FULL"], "is not empty"),
        (["--out", "FULL/file"], "is a file"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_gets_a_sentence_before_any_weights_are_loaded(arguments, told, tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model/config.json").write_text("{}")
    (tmp_path / "full").mkdir()
    (tmp_path / "full/file").touch()
    words = [word.replace("FULL", str(tmp_path / "full")) for word in arguments]
    with pytest.raises(ConfigError, match=told):
        main(["--policy", str(tmp_path / "model"), *words])


def test_exports_that_cannot_fit_are_refused(tmp_path):
    check_disk(tmp_path, 1_000, ("fp32",), needs_reference=True)
    with pytest.raises(ConfigError, match=r"may take 8,?000,?000\.1 GB, and .* free"):
        check_disk(tmp_path, 10**15, ("bf16", "fp16", "fp32"), needs_reference=True)


def test_help_needs_no_torch_and_an_error_is_one_line():
    asked = "import sys; from sft.merge.__main__ import parser; parser().format_help(); print('torch' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", asked], cwd=ROOT, text=True).strip() == "False"
    done = subprocess.run(
        [sys.executable, "-m", "sft.merge", "--policy", "nowhere"], cwd=ROOT, capture_output=True, text=True
    )
    assert (
        done.returncode == 2 and done.stderr.startswith("error: --policy is nowhere") and done.stderr.count("\n") == 1
    )


@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        ("policy/adapter_config.json", b'{"peft_type": "LO', "cannot be read as JSON"),
        ("policy/adapter_config.json", b"[]", "holds a JSON list"),
        ("policy/adapter_model.safetensors", None, "and no adapter_model.safetensors"),
        ("policy/adapter_model.safetensors", b"", "are damaged"),
        ("policy/tokenizer.json", b"{", "the tokenizer of .* cannot be loaded"),
        ("summary.json", b"", "cannot be read as JSON"),
        ("config.yaml", b"task: \xe9", "cannot be read"),
        ("config.yaml", b"task: worlds\nprompt: weird", "prompt is 'weird'"),
        ("config.yaml", b"task: worlds\nmax_new_tokens: many", "max_new_tokens is 'many'"),
    ],
)
def test_a_damaged_run_is_said_in_a_sentence_and_leaves_nothing(file, content, told, base, tmp_path):
    run = run_folder(tmp_path / "run", base, lora())
    (run / file).unlink(missing_ok=True)
    if content is not None:
        (run / file).write_bytes(content)
    with pytest.raises(ConfigError, match=told):
        main(["--policy", str(run), "--out", str(tmp_path / "out" / "merged")])
    assert not list(tmp_path.glob("out/*")) + list(tmp_path.glob("out/.*"))


def test_the_folder_one_is_in_and_links_are_understood(base, tmp_path, monkeypatch, capsys):
    run = run_folder(tmp_path / "run", base, lora())
    (tmp_path / ".there.1.partial").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "there")
    monkeypatch.chdir(run / "policy")
    main(["--policy", ".", "--variants", "adapter", "--out", str(tmp_path / "link")])
    assert (tmp_path / "there" / "adapter" / "adapter_model.safetensors").is_file()
    assert ".there.1.partial is of an export that was stopped" in capsys.readouterr().out
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="the folder you are in"):
        main(["--policy", str(run), "--out", "."])
