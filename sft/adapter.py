"""The adapter that a config asks for, as peft knows it: LoRA and its kin through TRL, or virtual tokens."""

from typing import TYPE_CHECKING, Any

from policy.config import Resolved
from policy.model_fields import ModelFields
from sft.config import SftRun

if TYPE_CHECKING:
    from peft import PeftConfig
    from transformers import PreTrainedTokenizerBase

VIRTUAL_TOKENS = 20
"""As many as Lester et al. (2021, arXiv:2104.08691) found to be enough, where nothing says how many."""


def adapter(resolved: Resolved[SftRun], tokenizer: "PreTrainedTokenizerBase", model: str) -> "PeftConfig | None":
    """None for full fine-tuning."""
    if resolved["prompt_tuning"]:
        return _virtual_tokens(resolved.own, tokenizer, model)
    from trl import ModelConfig, get_peft_config

    return get_peft_config(ModelConfig(**resolved.given(ModelFields)))


def _virtual_tokens(run: SftRun, tokenizer: "PreTrainedTokenizerBase", model: str) -> "PeftConfig":
    """`random` is peft's own noise, of unit variance and so far larger than a word; `vocabulary` begins with words."""
    from peft import PromptTuningConfig, PromptTuningInit

    count, text = run.num_virtual_tokens or VIRTUAL_TOKENS, run.prompt_tuning_text
    begun: dict[str, Any] = {"prompt_tuning_init": PromptTuningInit.RANDOM}
    if run.prompt_tuning == "vocabulary":
        begun = {"prompt_tuning_init": PromptTuningInit.SAMPLE_VOCAB}
    elif run.prompt_tuning == "text":
        assert text
        count = run.num_virtual_tokens or len(tokenizer(text)["input_ids"])
        begun = {
            "prompt_tuning_init": PromptTuningInit.TEXT,
            "prompt_tuning_init_text": text,
            "tokenizer_name_or_path": model,
        }
    return PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=count, **begun)
