"""A prompt is answered alike alone and in a batch, virtual tokens or not."""

import pytest
import torch
from peft import PromptTuningConfig, get_peft_model

from envs.tasks import load
from policy.chat import prompt_text
from policy.generate import complete
from policy.load import load_policy, load_tokenizer


@pytest.mark.parametrize("virtual_tokens", [0, 4])
def test_the_company_of_longer_prompts_changes_no_answer(virtual_tokens: int) -> None:
    tokenizer, model = load_tokenizer("policy/seedling"), load_policy("policy/seedling")
    if virtual_tokens:
        torch.manual_seed(0)
        config = PromptTuningConfig(
            task_type="CAUSAL_LM", num_virtual_tokens=virtual_tokens, prompt_tuning_init="SAMPLE_VOCAB"
        )
        model = get_peft_model(model, config)
    prompts = [prompt_text(tokenizer, example, "strict") for example in load("worlds", "validation")[:6]]
    alone = [complete(model, tokenizer, [prompt], 24) for prompt in prompts]
    assert complete(model, tokenizer, prompts, 24) == [texts for (texts,) in alone]


def test_what_a_model_s_own_generation_config_adds_changes_no_answer() -> None:
    tokenizer, model = load_tokenizer("policy/seedling"), load_policy("policy/seedling")
    prompts = [prompt_text(tokenizer, example, "strict") for example in load("worlds", "validation")[:8]]
    plain = complete(model, tokenizer, prompts, 48)
    model.generation_config.repetition_penalty = 1.3
    model.generation_config.temperature = 0.7
    assert complete(model, tokenizer, prompts, 48) == plain
    assert model.generation_config.repetition_penalty == 1.3, "it is left as it was found"
