"""The estimate of a config for a card that is not here: lengths as the config allows them, nothing loaded."""

from collections.abc import Callable, Mapping
from typing import Any

from policy.memory.card import told
from policy.memory.estimate import Estimate, estimate
from policy.memory.plan import Plan

PROMPT = 768
"""Tokens of a prompt, where the config sets no limit (max_prompt_tokens)."""

REHEARSING = "rehearsing one step without memory, to tell how much it takes: up to a minute ..."
"""What a dry run says before it falls silent over that."""

Values = Mapping[str, Any]


def on_a_card(values: Values, plan: Callable[[Values, int, str], Plan]) -> str:
    """What `--dry_run --device_memory N` says. `plan` makes one of values, the longest prompt and "cuda"; `values` are
    the config's own, before a stand-in or a device changed them."""
    from policy.memory.architecture import architecture

    def asked(values: Values) -> Estimate:
        config = architecture(values["model_name_or_path"], values["model_revision"])
        return estimate(config, plan(values, values["max_prompt_tokens"] or PROMPT, "cuda"), lora(values))

    print(f"{REHEARSING} and again for each key to change, where it does not fit", flush=True)
    limit = "" if values["max_prompt_tokens"] else f" (prompts of up to {PROMPT} tokens assumed: no max_prompt_tokens)"
    return f"{values['model_name_or_path']}{limit}, {told(values, values['device_memory'], asked)}"


def lora(values: Values) -> Any:
    """peft's config, None for full fine-tuning. Virtual tokens begin as noise here: what they begin as takes none."""
    from peft import PromptTuningConfig
    from trl import ModelConfig, get_peft_config

    from policy.fields import fields_of
    from policy.model_fields import ModelFields

    if values.get("prompt_tuning"):
        return PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=values["num_virtual_tokens"] or 20)
    return get_peft_config(ModelConfig(**{key: values[key] for key in fields_of(ModelFields)}))
