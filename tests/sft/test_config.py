"""A fine-tuning config that cannot work is a sentence before any model is loaded, and names the fix."""

from pathlib import Path

import pytest

from policy.config import ConfigError
from sft.config import method, read

CONFIG = "task: worlds\nmodel_name_or_path: policy/seedling\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "sft_x.yaml"
    file.write_text(CONFIG)
    return file


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("--prompt_tuning random --use_peft true", "two adapters"),
        ("--num_virtual_tokens 10", "would be ignored without prompt_tuning"),
        ("--prompt_tuning text", "prompt_tuning_text says nothing"),
        ("--prompt_tuning random --prompt_tuning_text hello", "would be ignored, because prompt_tuning is random"),
        ("--prompt_tuning random --load_in_4bit true", "Leave load_in_4bit"),
        ("--load_in_4bit true", "quantised weights cannot be trained"),
        ("--packing true", "attention would look from one packed sample into the next"),
        ("--packing true --attn_implementation sdpa", "Write attn_implementation: flash_attention_2"),
        ("--packing true --attn_implementation flash_attention_2 --packing_strategy wrapped", "cuts samples in two"),
        ("--padding_free true --attn_implementation flash_attention_2", "does not hold max_length"),
        ("--completion_only_loss false", "the loss is always on the answer"),
        ("--truncation_mode keep_end", "nothing is ever cut"),
        ("--max_length 0", "must be at least 1"),
        ('--lessons {"repare":1.0}', "sft/lessons/ has evidence, repair.*Did you mean repair"),
        ('--lessons {"repair":0}', "lessons.repair is 0; .* above 0 and at most 10"),
        ('--lessons {"repair":11}', "lessons.repair is 11; .* above 0 and at most 10"),
        ("--lessons {}", "lessons is empty, so nothing would be taught"),
        ("--repair_samples [x.jsonl]", "ignored without repair in lessons"),
        ("--most_joins -1", "most_joins is -1; it must be at least 0"),
        ("--fewest_joins 2 --most_joins 1", "no question has both"),
        ("--early_stopping_patience 3", "Write load_best_model_at_end: true"),
        ("--load_best_model_at_end true", "Write eval_strategy: steps"),
        ("--load_best_model_at_end true --eval_strategy epoch", "Write the same for both"),
        (
            "--load_best_model_at_end true --eval_strategy steps --eval_steps 30 --save_steps 40",
            "Write the same for both",
        ),
        ("--metric_for_best_model execution_accuracy", "validation_answers is 0"),
        ("--metric_for_best_model acuracy", "must be one of loss, perplexity, execution_accuracy"),
        ("--validation_answers 10", "eval_strategy is no"),
        ("--use_bnb_nested_quant true", "without load_in_4bit"),
        ("--save_only_model true", "cannot be resumed"),
        ("--eval_packing true", "has no length to fill"),
        ("--packing true --prompt_tuning random", "before the first packed sample alone"),
        ("--attn_implementation flash_attention_2", "computes in half precision"),
        ("--bf16 true --fp16 true", "Keep one of them"),
        ("--load_in_4bit true --use_peft true --dtype auto", "Write dtype: bfloat16"),
        ("--metric_for_best_model perplexity --greater_is_better true", "better when it falls"),
        ("--chat_template_path nowhere.jinja", "must be a .jinja file"),
        ("--lora_target_modules lm_head --use_peft true", "never be trained"),
        ("--sample.by evidence --sample.share 0.4", "must be one of"),
        ("--sample.by evidence_length --sample.share 1.5", "at most 1"),
        ("--sample.by evidence_length", "needs by and share"),
        ("--max_seq_length 512", "there is no key max_seq_length"),
        ("--learning_rate 2", "at most 1"),
    ],
)
def test_what_cannot_work_is_told_with_its_fix(config: Path, typed: str, sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        read(["--config", str(config), *typed.split()])


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("", "full"),
        ("--use_peft true", "LoRA r16"),
        ("--use_peft true --use_rslora true --lora_r 8", "rsLoRA r8"),
        ("--use_peft true --load_in_4bit true --lora_target_modules all-linear", "QLoRA NF4 r16 (all-linear)"),
        ("--use_peft true --load_in_4bit true --bnb_4bit_quant_type fp4 --use_dora true", "QDoRA FP4 r16"),
        ("--prompt_tuning vocabulary", "prompt tuning (vocabulary)"),
    ],
)
def test_a_run_says_how_it_teaches_in_the_field_s_words(config: Path, typed: str, name: str) -> None:
    assert method(read(["--config", str(config), *typed.split()])) == name
