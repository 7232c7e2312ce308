"""What a training cost is measured, and only what belongs to it."""

import time

import pytest
import torch
from torch import nn
from transformers import BitsAndBytesConfig, TrainerControl, TrainerState, TrainingArguments

from policy.load import load_policy
from policy.measures import Measures, forget_peak, parameters, peak_memory


def test_a_weight_of_four_bits_counts_as_one_number() -> None:
    plain = load_policy("policy/seedling")
    whole = load_policy("policy/seedling", quantization_config=BitsAndBytesConfig(load_in_4bit=True))
    assert parameters(whole)["parameters"] == parameters(plain)["parameters"] == plain.num_parameters()


def test_the_peak_is_that_since_it_was_forgotten() -> None:
    much = torch.ones(200 << 18)  # 200 MiB
    assert much.sum() > 0
    del much
    high = peak_memory()["peak_rss_mib"]
    forget_peak()
    low = peak_memory()["peak_rss_mib"]
    assert high - low > 150


def test_samples_a_second_leave_out_what_is_between_the_steps(tmp_path: object) -> None:
    measures, state, control = Measures(), TrainerState(epoch=0.0), TrainerControl()
    args = TrainingArguments(output_dir=str(tmp_path), use_cpu=True, bf16=False)
    measures.on_train_begin(args, state, control)
    for step in range(1, 4):
        measures.on_step_begin(args, state, control)
        time.sleep(0.05)
        state.epoch = step * 0.5
        measures.on_step_end(args, state, control)
        measures.on_evaluate(args, state, control)
        time.sleep(0.2)
    found = measures.found(nn.Linear(3, 2), state, examples=20, tokens=200)
    assert found["steps_measured"] == 3 and found["trainable_parameters"] == 8
    assert found["samples_per_second"] == pytest.approx(1.5 * 20 / found["training_seconds"], rel=0.01)
    assert 0.15 <= found["training_seconds"] < 0.4
    assert found["tokens_per_second"] == pytest.approx(10 * found["samples_per_second"], rel=0.01)
